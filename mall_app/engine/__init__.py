"""Where fits run: a bounded, killable process pool with a cache of results by content."""

from mall_app.engine.engine import Engine
from mall_app.engine.inline import InlineEngine
from mall_app.engine.patience import patience
from mall_app.engine.shared import shared_engine

__all__ = ["Engine", "InlineEngine", "patience", "shared_engine"]
