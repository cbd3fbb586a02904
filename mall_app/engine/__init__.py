"""Where fits run: a bounded, killable process pool with a cache of results by content."""

from mall_app.engine.engine import Engine, shared_engine
from mall_app.engine.inline import InlineEngine

__all__ = ["Engine", "InlineEngine", "shared_engine"]
