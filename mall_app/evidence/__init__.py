"""Which number of segments, and which algorithm: what speaks for it, and whether any does."""

from mall_app.evidence.compare import Comparison, compare
from mall_app.evidence.evidence import Evidence, evidence

__all__ = ["Comparison", "Evidence", "compare", "evidence"]
