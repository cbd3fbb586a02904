"""The engine that the app and the API of a process share."""

from __future__ import annotations

import atexit
from functools import cache

from mall_app.engine.engine import Engine
from mall_app.engine.sizes import engine_sizes


@cache
def shared_engine() -> Engine:
    """Give the engine that the app and the API of this process share.

    Its sizes come from the environment; see `mall_app.engine.sizes.EngineSizes`.

    Raises
    ------
    SizeError
        An environment variable breaks a rule.
    """
    sizes = engine_sizes()
    engine = Engine(sizes.workers, sizes.queue, sizes.deadline, sizes.cache_bytes)
    atexit.register(engine.close)
    return engine
