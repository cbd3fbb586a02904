"""One engine for all tests that leave it as they found it: workers take a second to start."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mall_app.engine import Engine
from mall_app.settings import Settings
from tests.engine import tasks
from tests.engine.waiting import until


@pytest.fixture(scope="session")
def shared() -> Iterator[Engine]:
    """One worker, two places in the queue."""
    engine = Engine(workers=1, queue=2, deadline=60)
    until(engine.ready)
    yield engine
    engine.close()


@pytest.fixture
def engine(shared: Engine) -> Engine:
    """The shared engine with nothing remembered."""
    shared.cache = type(shared.cache)(shared.cache.max_bytes)
    return shared


@pytest.fixture
def occupied(engine: Engine, tmp_path: Path) -> Callable[[], tuple[object, int]]:
    """Give a worker something endless to do; returns its future and its process id."""

    def occupy(about: Settings | None = None, **options: float) -> tuple[object, int]:
        told = tmp_path / "pid"
        told.unlink(missing_ok=True)
        work = engine.call(tasks.sleep_and_tell, str(told), about, **options)
        until(lambda: told.exists() and told.read_text())
        return work, int(told.read_text())

    return occupy
