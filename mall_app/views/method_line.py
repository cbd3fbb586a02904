"""A line across a figure that a person moves with the mouse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bokeh.models import CustomJS
from bokeh.models.annotations import BoxAnnotation, Label, Span

from mall_app.plots.palette import Palette

_HALF_GRIP = 0.03
_FOLLOW = """
const middle = (cb_obj.top + cb_obj.bottom) / 2
line.location = middle
words.y = middle
"""


class DraggableLine:
    """A line in a band that is wide enough to take hold of.

    Parameters
    ----------
    moved : callable
        Called with the height the line was dragged to, at each step of the mouse.
    """

    def __init__(self, moved: Callable[[float], None]) -> None:
        self._moved = moved
        self._placing = False
        self._half = 0.0
        self.height: float | None = None  # where the line is, once it is placed
        self._figure: Any = None
        self.band: Any = None
        self.line: Any = None
        self.words: Any = None

    def attach(self, figure: Any, palette: Palette) -> None:
        """Put the line into a figure, once; it follows the mouse in the browser by itself."""
        if figure is self._figure:
            return
        self._figure = figure
        colour = palette.accent
        self.line = Span(dimension="width", line_color=colour, line_width=2)
        self.words = Label(
            x=12,
            y=0,
            x_units="screen",
            y_offset=4,
            text_color=colour,
            text_font_size="13px",
            text_font_style="bold",
            background_fill_color=palette.ground,
            background_fill_alpha=0.8,
        )
        self.band = BoxAnnotation(
            editable=True,
            movable="y",
            resizable="none",
            fill_color=colour,
            fill_alpha=0.14,
            hover_fill_color=colour,
            hover_fill_alpha=0.3,
            line_alpha=0,
            hover_line_alpha=0,
            use_handles=False,
        )
        follow = CustomJS(args={"line": self.line, "words": self.words}, code=_FOLLOW)
        self.band.js_on_change("top", follow)
        self.band.on_change("bottom", self._tell)
        for own in (self.band, self.line, self.words):
            figure.add_layout(own)

    def place(self, value: float, most: float, text: str) -> None:
        """Put the line at a height of a figure that goes up to `most`."""
        if self.band is None:
            return
        self._placing, self.height = True, value
        try:
            self._half = _HALF_GRIP * most
            self.band.update(top=value + self._half, bottom=value - self._half)
            self.line.update(location=value)
            self.words.update(y=value, text=text)
        finally:
            self._placing = False

    def say(self, text: str) -> None:
        """Write beside the line."""
        if self.words is not None:
            self.words.text = text

    def colour(self, palette: Palette) -> None:
        """Take the colours of a theme."""
        if self.band is None:
            return
        self.band.update(fill_color=palette.accent, hover_fill_color=palette.accent)
        self.line.line_color = palette.accent
        self.words.update(text_color=palette.accent, background_fill_color=palette.ground)

    def _tell(self, _attribute: str, _old: float, new: float) -> None:
        if not self._placing:
            self.height = new + self._half
            self._moved(self.height)
