"""What every plot has in common."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray

# More customers than this are no longer drawn as a mark each.
MOST_MARKS = 20_000
# Options of every element of a figure that leaves the wheel and the mouse to the page.
STILL: Mapping[str, Any] = MappingProxyType({"default_tools": []})


@dataclass(frozen=True, eq=False)
class Axis:
    """Numbers to plot customers by that are no column of the table.

    Parameters
    ----------
    title : str
        What they are.
    values : ndarray of shape (n_rows,)
        One for each row of the table; nan where there is none.
    """

    title: str
    values: npt.NDArray[np.float64]


def axis_title(axis: str | Axis) -> str:
    """Give the title of an axis; a column has its name."""
    return axis if isinstance(axis, str) else axis.title


def column_values(
    table: Table, name: str | Axis, rows: IntArray | slice = slice(None)
) -> npt.NDArray[Any]:
    """Give a column, or some rows of it, ready for a plot: numbers as float, all else as text."""
    if isinstance(name, Axis):
        return name.values[rows]
    if name in table.numeric:
        return table.number(name)[rows]
    return table.frame[name].iloc[rows].astype(str).to_numpy(dtype=object)


def padded(values: npt.NDArray[np.float64], share: float = 0.06) -> tuple[float, float]:
    """Give a range around `values` that leaves a margin on both sides.

    Examples
    --------
    >>> padded(np.array([0.0, 100.0]))
    (-6.0, 106.0)
    """
    if not len(values):
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if not np.isfinite(high - low):
        finite = values[np.isfinite(values)]
        if len(finite) == 0:
            return 0.0, 1.0
        low, high = float(finite.min()), float(finite.max())
    margin = (high - low) * share or abs(high) * share or 1.0
    return low - margin, high + margin


def short(text: str, most: int) -> str:
    """Cut a name that would push a plot off its place.

    Examples
    --------
    >>> short("Spending Score (1-100)", 12), short("Age", 12)
    ('Spending Sc…', 'Age')
    """
    return text if len(text) <= most else f"{text[: most - 1]}…"


def quiet(plot: Any, _element: Any) -> None:
    """Leave a figure to its data: no logo, tools only under the mouse; a HoloViews hook.

    Colours and fonts of axes and ground are the page's theme's to set. A canvas is drawn by the
    browser itself: HoloViews' WebGL costs several times as much for some thousand marks, for they
    are copied back into a canvas each time.
    """
    plot.state.output_backend = "canvas"
    plot.state.toolbar.autohide = True
    plot.state.toolbar.logo = None
    plot.state.outline_line_color = None
