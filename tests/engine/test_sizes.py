"""Sizes from the environment, and the sentences about those that break a rule."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from mall_app.engine.sizes import engine_sizes, memory_there_is, worker_memory
from mall_app.environment import SizeError

NAMES = (
    "MALL_WORKERS",
    "MALL_QUEUE",
    "MALL_DEADLINE_SECONDS",
    "MALL_CACHE_MB",
    "MALL_WORKER_MEMORY_MB",
)


@pytest.fixture(autouse=True)
def plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing set."""
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)


def test_with_nothing_set_the_machine_decides() -> None:
    sizes = engine_sizes()
    assert sizes.workers == os.cpu_count()
    assert (sizes.queue, sizes.deadline, sizes.cache_bytes) == (16, 30, 256 * 2**20)
    assert sizes.worker_memory == memory_there_is() // sizes.workers


def test_what_is_set_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in zip(NAMES, ("3", "0", "2.5", "0", "0"), strict=True):
        monkeypatch.setenv(name, value)
    sizes = engine_sizes()
    assert (sizes.workers, sizes.queue, sizes.deadline) == (3, 0, 2.5)
    assert (sizes.cache_bytes, sizes.worker_memory) == (0, 0)
    monkeypatch.setenv("MALL_WORKER_MEMORY_MB", "7")
    assert worker_memory(2) == 7 * 2**20


@pytest.mark.parametrize(
    ("name", "value", "rule"),
    [
        ("MALL_WORKERS", "0", "a whole number from 1 to 1000"),
        ("MALL_WORKERS", "two", "a whole number from 1 to 1000"),
        ("MALL_WORKERS", "", "a whole number from 1 to 1000"),
        ("MALL_QUEUE", "-1", "a whole number from 0 to 100000"),
        ("MALL_QUEUE", "1.5", "a whole number from 0 to 100000"),
        ("MALL_DEADLINE_SECONDS", "0", "a number from 0.001 to 86400"),
        ("MALL_DEADLINE_SECONDS", "nan", "a number from 0.001 to 86400"),
        ("MALL_CACHE_MB", "-5", "a whole number from 0 to 1000000"),
        ("MALL_WORKER_MEMORY_MB", "-1", "a whole number from 0 to 10000000"),
    ],
)
def test_what_breaks_a_rule_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, rule: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SizeError) as caught:
        engine_sizes()
    assert str(caught.value) == f"{name} must be {rule}, not {value!r}."
    assert isinstance(caught.value, ValueError)


def test_a_container_bounds_the_memory_of_workers(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    limit.write_text("1048576\n")
    assert memory_there_is(limit) == 1048576
    limit.write_text("max\n")
    assert memory_there_is(limit) == memory_there_is(tmp_path / "no file") > 1048576
