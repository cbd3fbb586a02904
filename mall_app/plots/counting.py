"""How many customers of each segment are in each pixel of a plot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from mall_app.geometry.points import FloatArray, IntArray

# Counts of one image, a number a pixel and segment: 64 MB. More segments get larger pixels.
MOST_COUNTS = 16_000_000
LARGEST_SIDE = 1_200
# From here on Datashader is faster by more than is noticed; it takes seconds to be imported and
# to compile, so a page starts with `count`, which is ready at once and gives the same numbers.
DATASHADER_ROWS = 1_000_000
_BLOCK_ROWS = 65_536

Counts = npt.NDArray[np.uint32]


@dataclass(frozen=True)
class Window:
    """What part of a plane is looked at, and in how many pixels.

    Parameters
    ----------
    x_range, y_range : tuple of float
        Lowest and highest value, in the units of the axes.
    width, height : int
        Pixels.
    """

    x_range: tuple[float, float]
    y_range: tuple[float, float]
    width: int
    height: int

    def units(self, pixels: float) -> tuple[float, float]:
        """Give how far some pixels are on each axis.

        Examples
        --------
        >>> Window((0, 10), (0, 1), 100, 100).units(5)
        (0.5, 0.05)
        """
        (left, right), (bottom, top) = self.x_range, self.y_range
        return pixels * (right - left) / self.width, pixels * (top - bottom) / self.height

    def for_groups(self, n_groups: int) -> Window:
        """Give the same part in pixels that can be counted for so many groups.

        Examples
        --------
        >>> view = Window((0, 1), (0, 1), 900, 400)
        >>> view.for_groups(6) == view, view.for_groups(250).width
        (True, 379)
        """
        most = MOST_COUNTS / max(1, n_groups)
        scale = min(
            1.0,
            LARGEST_SIDE / max(self.width, self.height),
            (most / (self.width * self.height)) ** 0.5,
        )
        width, height = (max(1, int(own * scale)) for own in (self.width, self.height))
        return Window(self.x_range, self.y_range, width, height)


@dataclass(frozen=True, eq=False)
class Cloud:
    """Where customers lie on two axes, and the colour group of each.

    Parameters
    ----------
    across, up : ndarray of shape (n_used,)
        In the units of the axes; views of the table where that is possible.
    group : ndarray of int, shape (n_used,)
        Position in `segments` of the first segment of the same colour.
    segments : tuple of int
        Numbers of segments with a colour of their own; -1 is noise.
    """

    across: FloatArray
    up: FloatArray
    group: npt.NDArray[Any]
    segments: tuple[int, ...]

    def take(self, positions: IntArray) -> Cloud:
        """Give some of the customers."""
        return Cloud(
            self.across[positions], self.up[positions], self.group[positions], self.segments
        )


Counter = Callable[[Cloud, Window], Counts]


def count(cloud: Cloud, window: Window) -> Counts:
    """Count the customers of each colour group in each pixel.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    window : Window
        What is looked at; its edges belong to it.

    Returns
    -------
    ndarray of shape (height, width, n_groups)
        The lowest values first, as Bokeh draws images.

    Examples
    --------
    >>> cloud = Cloud(np.array([0.0, 1, 1]), np.zeros(3), np.array([0, 1, 1]), (0, 4))
    >>> count(cloud, Window((0, 1), (0, 1), 2, 1)).tolist()
    [[[1, 0], [0, 2]]]
    """
    n_groups = len(cloud.segments)
    counts = np.zeros(window.height * window.width * n_groups, dtype=np.uint32)
    for start in range(0, len(cloud.across), _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        across, up, group = cloud.across[part], cloud.up[part], cloud.group[part]
        inside = (across >= window.x_range[0]) & (across <= window.x_range[1])
        inside &= (up >= window.y_range[0]) & (up <= window.y_range[1])
        column = _pixels(across[inside], window.x_range, window.width)
        row = _pixels(up[inside], window.y_range, window.height)
        pixel = (row * window.width + column) * n_groups + group[inside]
        np.add.at(counts, pixel, np.uint32(1))
    return counts.reshape(window.height, window.width, n_groups)


def _pixels(values: FloatArray, bounds: tuple[float, float], size: int) -> npt.NDArray[np.int32]:
    scaled = (values - bounds[0]) * (size / (bounds[1] - bounds[0]))
    return np.minimum(scaled.astype(np.int32), np.int32(size - 1))


def count_by_datashader(cloud: Cloud, window: Window) -> Counts:
    """Count as `count` does, faster for millions of customers, after `warm_up`."""
    datashader: Any = import_module("datashader")
    canvas = datashader.Canvas(
        window.width, window.height, x_range=window.x_range, y_range=window.y_range
    )
    by_group = datashader.by("group", datashader.count())
    counts: Counts = canvas.points(_frame(cloud), "across", "up", agg=by_group).to_numpy()
    return counts[..., : len(cloud.segments)]


def _frame(cloud: Cloud) -> pd.DataFrame:
    """Give the cloud as Datashader wants it; no column is copied.

    It compiles anew for other categories, so there are always eight, sixteen and so on of them.
    """
    room = 8
    while room < len(cloud.segments):
        room *= 2
    kind = pd.CategoricalDtype([str(place) for place in range(room)])
    group = pd.Categorical.from_codes(cloud.group, dtype=kind, validate=False)
    return pd.DataFrame({"across": cloud.across, "up": cloud.up, "group": group}, copy=False)


def warm_up() -> None:
    """Import Datashader and have it compile what counting takes: some seconds, once a process."""
    nobody = np.zeros(1)
    cloud = Cloud(nobody, nobody, np.zeros(1, dtype=np.int8), (-1,))
    count_by_datashader(cloud, Window((0.0, 1.0), (0.0, 1.0), 2, 2))
