"""A scatter of too many customers for marks: an image by density, and marks of those near by."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import panel as pn
from bokeh.models import ColumnDataSource

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.plots.base import MOST_MARKS
from mall_app.plots.counting import (
    DATASHADER_ROWS,
    Cloud,
    Window,
    count,
    count_by_datashader,
    warm_up,
)
from mall_app.plots.density import cloud_of, draw_cloud
from mall_app.plots.lookup import inside_box, inside_outline, nearest
from mall_app.views.figure_events import FigureEvents
from mall_app.views.latest import Latest, on_a_page
from mall_app.views.selected import Rows, as_array, look_up
from mall_app.views.state import ViewState

# So few customers in view are drawn as marks, with their shapes and tooltips, as in a small table.
MOST_IN_VIEW = 2_000
MARK, POINTED_MARK = 8, 15
REACH = 9
SETTLE_MS = 120
_NOBODY = np.zeros(0, dtype=np.int64)


class DensityLayer:
    """Draws the customers of a large table under the marks of a figure; idle for a small one.

    What is in view is counted anew after a zoom, in a thread of its own. The figure's marks are
    then of the customer under the pointer, or of all in view when they are few.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    changed : callable
        Called when other customers are to be marked; see `positions`.
    """

    def __init__(self, state: ViewState, changed: Callable[[], None]) -> None:
        self._state = state
        self._changed = changed
        self._marked = _NOBODY
        self._few = False
        self._figure: Any = None
        self._marks: Any = None
        self._image: ColumnDataSource | None = None
        self._events: FigureEvents | None = None
        self._of: tuple[Any, ...] = ()
        self._cloud: Cloud | None = None
        self._drawn: Any = None
        self._waiting = False
        self._counted = count
        self._drawing, self._looking, self._warming = Latest(), Latest(), Latest()
        state.param.watch(lambda *_: self.draw(), "selection")

    @property
    def is_large(self) -> bool:
        """Whether there are more customers than are drawn as marks."""
        return len(self._state.model.result.labels) > MOST_MARKS

    @property
    def positions(self) -> IntArray | None:
        """Which customers are marked, as positions in the labels of the result; None: all."""
        return self._marked if self.is_large else None

    def attach(self, figure: Any, marks: Any) -> None:
        """Take hold of the figure and the renderer of its marks."""
        self._figure, self._marks, self._image, self._drawn = figure, marks, None, None

    def begin(self) -> None:
        """Forget who was marked, before the figure gets other customers or other axes."""
        self._marked, self._few = _NOBODY, False
        if self._image is not None:
            self._resize_marks()
            if not self.is_large:
                self._image.data, self._figure.title.text = _no_image(), ""
        if not self.is_large:
            self._cloud, self._of = None, ()

    def draw(self) -> None:
        """Draw what is in view, soon."""
        if not self.is_large or self._figure is None:
            return
        if self._image is None:
            self._prepare()
        window, cloud = self._window(), self._current_cloud()
        if window is None:
            return
        palette, chosen = self._state.palette, self._chosen()
        self._drawn = window
        self._drawing.run(
            lambda: self._worked_out(cloud, window, partial(draw_cloud, palette=palette), chosen),
            partial(self._show, cloud, window),
        )

    def _worked_out(self, cloud: Cloud, window: Window, draw: Any, chosen: Any) -> Any:
        image, n_seen = draw(cloud, window, chosen=chosen, counted=self._counted)
        few = inside_box(cloud, window.x_range, window.y_range) if n_seen <= MOST_IN_VIEW else None
        return image, n_seen, few

    def _show(self, cloud: Cloud, window: Window, found: Any) -> None:
        if cloud is not self._cloud or self._image is None:
            return  # another table was opened meanwhile
        image, n_seen, few = found
        self._few = few is not None
        shown: Any = _as_columns(image, window) if few is None else _no_image()
        self._image.data = shown
        self._figure.title.update(text=self._note(n_seen), text_color=self._state.palette.muted)
        self._mark(few if few is not None else _NOBODY)

    def _mark(self, positions: IntArray) -> None:
        if np.array_equal(positions, self._marked):
            return
        self._marked = positions
        self._resize_marks()
        self._changed()

    def _resize_marks(self) -> None:
        size = POINTED_MARK if self.is_large and not self._few else MARK
        if self._marks.glyph.size != size:
            for state in ("", "selection_", "nonselection_", "muted_", "hover_"):
                glyph = getattr(self._marks, f"{state}glyph")
                if hasattr(glyph, "size"):
                    glyph.size = size

    def _note(self, n_seen: int) -> str:
        table, result = self._state.model.table, self._state.model.result
        total = f"{len(result.labels):,}"
        if table.whole is not None:
            total += f" of {table.n_customers:,} customers drawn"
        else:
            total += " customers"
        return total if n_seen >= len(result.labels) else f"{n_seen:,} in view · {total}"

    def _prepare(self) -> None:
        """Put an image under the marks, and follow the pointer; once a figure."""
        figure = self._figure
        self._image = ColumnDataSource(_no_image())
        renderer = figure.image_rgba(
            image="image", x="x", y="y", dw="dw", dh="dh", source=self._image
        )
        figure.renderers = [renderer, *(own for own in figure.renderers if own is not renderer)]
        figure.title.update(text_font_size="12px", text_font_style="normal")
        self._events = FigureEvents(figure, self._image, self._moved, self._point, self._select)

    def _window(self) -> Window | None:
        figure = self._figure
        ranges = [(own.start, own.end) for own in (figure.x_range, figure.y_range)]
        if any(start is None or end is None or not start < end for start, end in ranges):
            return None
        if self._events is None:
            return None
        return Window(ranges[0], ranges[1], *self._events.size)

    def _current_cloud(self) -> Cloud:
        state = self._state
        of = (state.model.table, state.model.result, state.axis("x"), state.axis("y"))
        if self._cloud is None or any(a is not b for a, b in zip(of, self._of, strict=True)):
            self._cloud, self._of = cloud_of(*of), of
            large = len(self._cloud.across) >= DATASHADER_ROWS
            if large and self._counted is count and on_a_page():
                self._warming.run(warm_up, self._warm)
        return self._cloud

    def _warm(self, _: None) -> None:
        self._counted = count_by_datashader

    def _chosen(self) -> IntArray | None:
        """Give the positions of the selected rows, or None when none is selected."""
        if not self._state.selection:
            return None
        rows = self._state.model.result.rows
        places, found = look_up(as_array(self._state.selection), rows)
        return places[found]

    def _moved(self) -> None:
        """Draw anew when a zoom rests for a moment, or now and then while it lasts."""
        if not on_a_page():
            self._settled()
        elif not self._waiting:
            self._waiting = True
            pn.state.curdoc.add_timeout_callback(self._settled, SETTLE_MS)

    def _settled(self) -> None:
        self._waiting = False
        if self._window() != self._drawn:
            self.draw()

    def _point(self, place: tuple[float, float] | None) -> None:
        """Mark the customer under the pointer, whose tooltip the browser then shows."""
        cloud, window = self._cloud, self._window()
        if not self.is_large or self._few or cloud is None or window is None:
            return
        if place is None:
            self._mark(_NOBODY)
            return
        self._looking.run(partial(_at, cloud, place, window), partial(self._pointed, cloud))

    def _pointed(self, cloud: Cloud, found: IntArray) -> None:
        if cloud is self._cloud and not self._few:
            self._mark(found)

    def _select(self, kind: str, across: FloatArray, up: FloatArray) -> None:
        """Select who is in the box or lasso, or under the pointer."""
        cloud, window = self._cloud, self._window()
        if self.is_large and cloud is not None and window is not None:
            within = partial(_within, cloud, window, kind, across, up)
            self._looking.run(within, partial(self._chose, cloud))

    def _chose(self, cloud: Cloud, found: IntArray) -> None:
        if cloud is self._cloud:
            self._state.selection = Rows(self._state.model.result.rows[found])


def _at(cloud: Cloud, place: tuple[float, float], window: Window) -> IntArray:
    found = nearest(cloud, place, window.units(REACH))
    return _NOBODY if found is None else np.array([found])


def _within(
    cloud: Cloud, window: Window, kind: str, across: FloatArray, up: FloatArray
) -> IntArray:
    if kind == "rect":
        ranges = [(float(own.min()), float(own.max())) for own in (across, up)]
        return inside_box(cloud, *ranges)
    if kind == "poly":
        return inside_outline(cloud, across, up)
    return _at(cloud, (float(across[0]), float(up[0])), window)


def _no_image() -> Any:
    return {name: [] for name in ("image", "x", "y", "dw", "dh")}


def _as_columns(image: Any, window: Window) -> dict[str, list[Any]]:
    (left, right), (bottom, top) = window.x_range, window.y_range
    return {
        "image": [image],
        "x": [left],
        "y": [bottom],
        "dw": [right - left],
        "dh": [top - bottom],
    }
