"""What every plot has in common: quiet axes, units in titles, colours of the theme."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult

FONT = "Inter, Roboto, 'Segoe UI', system-ui, sans-serif"
MOST_POINTS = 10_000


def shown_positions(result: ClusteringResult, most: int = MOST_POINTS) -> npt.NDArray[np.int64]:
    """Give the positions in `result.labels` to draw: all, or a fixed sample of `most`."""
    count = len(result.labels)
    if count <= most:
        return np.arange(count)
    generator = np.random.default_rng(0)
    return np.sort(generator.choice(count, most, replace=False))


def column_values(table: Table, name: str) -> npt.NDArray[Any]:
    """Give a column ready for a plot: numbers as float, everything else as text."""
    if name in table.numeric:
        return table.numbers[:, table.numeric.index(name)]
    return table.frame[name].astype(str).to_numpy(dtype=object)


def padded(values: npt.NDArray[np.float64], share: float = 0.06) -> tuple[float, float]:
    """Give a range around `values` that leaves a margin on both sides.

    Examples
    --------
    >>> padded(np.array([0.0, 100.0]))
    (-6.0, 106.0)
    """
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    margin = (high - low) * share or abs(high) * share or 1.0
    return low - margin, high + margin


def quiet(palette: Palette) -> Callable[[Any, Any], None]:
    """Make the hook that gives a Bokeh figure the look of the page."""

    def style(plot: Any, _element: Any) -> None:
        figure = plot.state
        figure.background_fill_color = palette.ground
        figure.border_fill_color = palette.ground
        figure.outline_line_color = None
        figure.toolbar.autohide = True
        figure.toolbar.logo = None
        for axis in (*figure.xaxis, *figure.yaxis):
            axis.axis_line_color = palette.grid
            axis.major_tick_line_color = None
            axis.minor_tick_line_color = None
            axis.major_label_text_color = palette.muted
            axis.axis_label_text_color = palette.text
            axis.axis_label_text_font_style = "normal"
            axis.axis_label_text_font = axis.major_label_text_font = FONT
            axis.axis_label_text_font_size = "13px"
            axis.major_label_text_font_size = "12px"
        for grid in (*figure.xgrid, *figure.ygrid):
            grid.grid_line_color = palette.grid

    return style
