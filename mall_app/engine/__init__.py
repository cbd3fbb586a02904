"""Where fits run: a bounded, killable process pool with a cache of results by content."""

from mall_app.engine.engine import Engine, shared_engine

__all__ = ["Engine", "shared_engine"]
