"""A slider answers a key when both of its messages are here, and once."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from bokeh.document import Document

from mall_app.views.prompt_slider import MORE_MS, TOLD_MS, PromptSlider
from tests.event_loop import run_apart

Later = Callable[[], Coroutine[Any, Any, None]]


class Page(Document):
    """A page with a visitor, where nothing happens before it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[tuple[int, Later]] = []

    @property
    def session_context(self) -> Any:
        return object()

    def add_timeout_callback(self, callback: Any, milliseconds: int) -> Any:
        self.waiting.append((milliseconds, callback))


@pytest.fixture
def moved() -> tuple[PromptSlider, Page]:
    """A slider of 2 to 10 at 5 whose value a browser has just changed to 6."""
    slider, page = PromptSlider(start=2, end=10, value=5), Page()
    slider._server_change(page, "own", None, "value", 5, 6)
    return slider, page


def test_a_drag_is_followed_after_a_short_wait_for_more(moved: tuple[PromptSlider, Page]) -> None:
    slider, page = moved
    [(milliseconds, change)] = page.waiting
    assert milliseconds == MORE_MS
    run_apart(change())
    assert slider.value == 6


def test_a_key_is_answered_when_its_second_message_is_here_and_once(
    moved: tuple[PromptSlider, Page],
) -> None:
    slider, page = moved
    values: list[int] = []
    slider.param.watch(lambda event: values.append(event.new), "value", onlychanged=False)
    slider._server_change(page, "own", None, "value_throttled", 5, 6)
    waits = sorted(page.waiting, key=lambda own: own[0])
    assert [milliseconds for milliseconds, _ in waits] == [TOLD_MS, MORE_MS]
    for _, change in waits:
        run_apart(change())
    assert values == [6]
    assert slider.value_throttled == 6
