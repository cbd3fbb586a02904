"""Columns of a plot that is drawn already, and the order in which a page is drawn."""

from __future__ import annotations

import numpy as np
import pytest
from bokeh.models import ColumnDataSource

from mall_app.views import page_loop
from mall_app.views.live import as_columns
from mall_app.views.page_loop import Redraw


def test_patching_a_drawn_column_leaves_what_it_was_made_of_alone() -> None:
    rows = np.arange(3)
    source = ColumnDataSource(as_columns({"row": rows, "name": ["a", "b", "c"]}))
    source.patch({"row": [(slice(None), [7, 8, 9])], "name": [(slice(None), ["long"] * 3)]})
    assert rows.tolist() == [0, 1, 2]
    assert list(source.data["name"]) == ["long"] * 3


class Page:
    """A page whose time passes when told to."""

    def __init__(self) -> None:
        self.waiting: list[tuple[int, object]] = []

    def add_timeout_callback(self, callback: object, milliseconds: int) -> None:
        self.waiting.append((milliseconds, callback))

    def passes(self) -> list[int]:
        """Let everything happen; give how long each had to wait."""
        waits = []
        while self.waiting:
            milliseconds, callback = self.waiting.pop(0)
            waits.append(milliseconds)
            callback()  # type: ignore[operator]
        return waits


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Page:
    page = Page()
    monkeypatch.setattr(page_loop, "open_page", lambda: page)
    return page


def test_what_goes_with_the_numbers_is_drawn_now_and_the_rest_in_its_turn(page: Page) -> None:
    redraw, drawn = Redraw(), list[str]()
    redraw.watch(lambda: drawn.append("cards"))
    redraw.watch(lambda: drawn.append("heat map"))
    redraw.watch(lambda: drawn.append("scatter"), at_once=True)
    redraw.due()
    assert drawn == ["scatter"]
    waits = page.passes()
    assert drawn == ["scatter", "cards", "heat map"]
    assert waits == [page_loop.DRAWN_MS, 1]


def test_steps_in_a_row_draw_the_rest_once(page: Page) -> None:
    redraw, drawn = Redraw(), list[str]()
    redraw.watch(lambda: drawn.append("scatter"), at_once=True)
    redraw.watch(lambda: drawn.append("cards"))
    redraw.due()
    redraw.due()
    page.passes()
    assert drawn == ["scatter", "scatter", "cards"]


def test_the_rest_does_not_wait_for_what_the_browser_has_drawn_itself(page: Page) -> None:
    redraw = Redraw()
    redraw.watch(lambda: None)
    redraw.drawn()
    redraw.due()
    redraw.due()
    assert page.passes() == [page_loop.TURN_MS, page_loop.DRAWN_MS]
