"""Freed memory goes back to the operating system after the stages of a large fit."""

import sys

import pytest

from mall_app import memory
from mall_app.memory import MANY_ROWS, give_back

LINUX = sys.platform == "linux"


def free_on_the_heap() -> bytes:
    """Free 50 MB in blocks too small for a mapping of their own, under one that stays."""
    blocks = [bytes(100_000) for _ in range(500)]
    last = bytes(100_000)
    del blocks
    return last


@pytest.mark.skipif(not LINUX, reason="other libraries of C keep memory in other ways")
def test_after_many_rows_freed_memory_is_given_back() -> None:
    last = free_on_the_heap()
    assert give_back(MANY_ROWS + 1)
    assert len(last) == 100_000


def test_after_few_rows_it_is_kept_for_the_next_fit() -> None:
    last = free_on_the_heap()
    assert not give_back(MANY_ROWS)
    assert len(last) == 100_000


def test_another_library_of_c_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_trim", lambda: None)
    assert not give_back(MANY_ROWS + 1)
