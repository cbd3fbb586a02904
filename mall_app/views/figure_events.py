"""What the browser tells of a figure: its size, where the pointer rests, what was drawn in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from bokeh.events import MouseEnter, MouseLeave, MouseMove, SelectionGeometry
from bokeh.models import ColumnDataSource, CustomJS

from mall_app.geometry.points import FloatArray

USUAL_SIZE = (640, 360)
_POINT = """
clearTimeout(pointer.timer)
const data = cb_obj.event_name == "mousemove" ? {x: [cb_obj.x], y: [cb_obj.y]} : {x: [], y: []}
pointer.timer = setTimeout(() => { pointer.data = data }, 30)
"""
_DRAWN = """
const {type, x, y, x0, x1, y0, y1} = cb_obj.geometry
const [across, up] = type == "rect" ? [[x0, x1], [y0, y1]] : type == "poly" ? [x, y] : [[x], [y]]
if (cb_obj.final)
  drawn.data = {x: [...across], y: [...up], type: [...across].map(() => type)}
"""
# Bokeh keeps the size of the inside of the axes to itself, so it is told with each image.
_SIZE = """
const size = [figure.inner_width, figure.inner_height]
if (size.every(own => own > 1) && size.join() != frame.data.size.join()) frame.data = {size}
"""


class FigureEvents:
    """Listens to a figure, also to one that is on its page already, as `on_event` does not.

    Parameters
    ----------
    figure : bokeh.models.Plot
        With axes of numbers.
    image : ColumnDataSource
        With each change of it, the size is told.
    moved : callable
        Called when another part of the plane is in view, or in another size.
    pointed : callable
        Called with where the pointer rests for a moment, or None when it has left.
    drawn : callable
        Called with ``"rect"``, ``"poly"`` or ``"point"`` and its corners, across and up.
    """

    def __init__(
        self,
        figure: Any,
        image: ColumnDataSource,
        moved: Callable[[], None],
        pointed: Callable[[tuple[float, float] | None], None],
        drawn: Callable[[str, FloatArray, FloatArray], None],
    ) -> None:
        self._moved, self._pointed, self._drawn = moved, pointed, drawn
        self._size = ColumnDataSource({"size": list(USUAL_SIZE)})
        self._size.on_change("data", self._on_move)
        told = CustomJS(args={"figure": figure, "frame": self._size}, code=_SIZE)
        image.js_on_change("data", told)
        figure.js_on_event(MouseEnter, told)
        pointer = ColumnDataSource({"x": [], "y": []})
        pointer.on_change("data", self._on_point)
        for event in (MouseMove, MouseLeave):
            figure.js_on_event(event, CustomJS(args={"pointer": pointer}, code=_POINT))
        outline = ColumnDataSource({"x": [], "y": [], "type": []})
        outline.on_change("data", self._on_draw)
        figure.js_on_event(SelectionGeometry, CustomJS(args={"drawn": outline}, code=_DRAWN))
        for bounds in (figure.x_range, figure.y_range):
            bounds.on_change("start", self._on_move)
            bounds.on_change("end", self._on_move)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height inside the axes, in pixels; a usual one until the browser has said."""
        told: Any = self._size.data["size"]
        width, height = (max(1, int(own)) for own in told)
        return width, height

    def _on_move(self, _attribute: str, _old: Any, _new: Any) -> None:
        self._moved()

    def _on_point(self, _attribute: str, _old: Any, new: Any) -> None:
        places = list(zip(map(float, new["x"]), map(float, new["y"]), strict=True))
        self._pointed(places[0] if places else None)

    def _on_draw(self, _attribute: str, _old: Any, new: Any) -> None:
        if len(new["type"]):
            across, up = (np.array(new[own], dtype=np.float64) for own in "xy")
            self._drawn(str(new["type"][0]), across, up)
