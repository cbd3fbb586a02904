"""Nobody waits for the compiler: workers start with machine code in memory."""

from __future__ import annotations

import pytest

from mall_app.engine import Engine
from tests.engine import tasks
from tests.engine.waiting import PATIENCE

LOADED = ["add_pairs", "add_members", "_add_rows", "_step"]


def test_a_worker_has_all_kernels_in_memory_and_keeps_to_its_threads(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 6)
    engine = Engine(workers=3)
    assert engine.call(tasks.kernels_in_memory).result(PATIENCE) == (LOADED, 2)
    engine.close()


def test_so_has_the_one_in_place_of_a_worker_that_died(engine: Engine) -> None:
    died = engine.call(tasks.die)
    assert died.exception(PATIENCE) is not None
    assert engine.call(tasks.kernels_in_memory).result(PATIENCE)[0] == LOADED
