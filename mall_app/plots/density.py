"""Customers too many for marks: counted by pixel, and coloured by segment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.plots.base import Axis, column_values
from mall_app.plots.counting import Cloud, Counter, Counts, Window, count
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult

# The strength of one customer alone, and of where there are most.
FAINTEST, STRONGEST = 0.4, 1.0
UNCHOSEN = 0.18
_MOST_TOLD_APART = 1_000_000

Image = npt.NDArray[np.uint32]


def cloud_of(table: Table, result: ClusteringResult, x: str | Axis, y: str | Axis) -> Cloud:
    """Give the customers of a result on two axes.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    x, y : str or Axis
        Numeric columns for the axes, or other numbers.

    Returns
    -------
    Cloud
        In the order of ``result.labels``.
    """
    group, segments = _colour_groups(result)
    across, up = (_used(column_values(table, own), result) for own in (x, y))
    return Cloud(across, up, group, segments)


def _used(values: FloatArray, result: ClusteringResult) -> FloatArray:
    if len(result.rows) < len(values):
        values = values[result.rows]
    return np.ascontiguousarray(values)


def _colour_groups(result: ClusteringResult) -> tuple[npt.NDArray[Any], tuple[int, ...]]:
    """Put segments of one colour together: beyond 264 colours come back."""
    numbers = [-1, *(own.segment for own in result.profiles)]
    colours = [Palette().colour(own) for own in numbers]
    distinct = list(dict.fromkeys(colours))
    kind = np.int8 if len(distinct) < 128 else np.int16
    of_number = np.zeros(max(numbers) + 2, dtype=kind)
    of_number[np.array(numbers)] = [distinct.index(own) for own in colours]  # -1: the last one
    return of_number[result.labels], tuple(numbers[colours.index(own)] for own in distinct)


def shade(counts: Counts, colours: Sequence[str], strength: float = 1.0) -> Image:
    """Colour each pixel by whose customers it has, the stronger the more there are.

    Strength follows the rank of the count among the pixels, which shows thin and dense places
    alike; one customer alone is never too faint to be seen, and is drawn larger.

    Parameters
    ----------
    counts : ndarray of shape (height, width, n_groups)
        From `count`.
    colours : sequence of str
        ``#rrggbb`` of each group. Where groups meet, they are mixed by their counts.
    strength : float, default 1
        Factor of the opacity.

    Returns
    -------
    ndarray of uint32, shape (height, width)
        RGBA with red in the lowest byte; 0, transparent, where nobody is.

    Examples
    --------
    >>> counts = np.zeros((1, 4, 2), dtype=np.uint32)
    >>> counts[0, 0, 0], counts[0, 2, 1] = 1, 9
    >>> [f"{own:08x}" for own in shade(counts, ["#ff0000", "#0000ff"])[0].tolist()]
    ['b30000ff', 'b30000ff', 'ffff0000', 'ffff0000']
    """
    total = counts.sum(axis=2, dtype=np.uint32)
    seen = total > 0
    image = np.zeros(total.shape, dtype=np.uint32)
    if not seen.any():
        return image
    inside, present = counts[seen], total[seen]
    rgb = np.array([[int(own[place : place + 2], 16) for place in (1, 3, 5)] for own in colours])
    # Long rows: the product the other way round takes eight times as long.
    mixed = (rgb.T.astype(np.float32) @ inside.astype(np.float32).T) / present
    red, green, blue = np.rint(mixed).astype(np.uint32)
    alpha = np.rint(_strengths(present) * (255 * strength)).astype(np.uint32)
    image[seen] = red | green << 8 | blue << 16 | alpha << 24
    return _larger_where_alone(image, seen)


def _strengths(present: npt.NDArray[np.uint32]) -> FloatArray:
    """Give the opacity of each pixel: the mean of its rank and of the logarithm of its count."""
    present = np.minimum(present, _MOST_TOLD_APART)
    times = np.bincount(present)
    values = np.flatnonzero(times)
    if len(values) == 1:
        return np.full(len(present), (FAINTEST + STRONGEST) / 2)
    below = np.cumsum(times) - times
    depth = np.log(np.maximum(np.arange(len(times)), 1) / values[0])
    share = (below / below[-1] + depth / depth[-1]) / 2
    levels: FloatArray = FAINTEST + (STRONGEST - FAINTEST) * share
    return levels[present]


def _larger_where_alone(image: Image, seen: npt.NDArray[np.bool_]) -> Image:
    """Spread pixels with hardly a neighbour to those around; where all are few, by one more."""
    rounds = 2 if np.count_nonzero(seen) < 0.02 * seen.size else 1
    for _ in range(rounds):
        padded = np.pad(image, 1)
        near = np.pad(image > 0, 1).astype(np.uint8)
        rows = near[:-2] + near[1:-1] + near[2:]
        alone = np.pad(rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:] <= (2 if rounds == 1 else 9), 1)
        grown = image.copy()
        for down, right in ((0, 1), (1, 0), (1, 2), (2, 1)):
            part = slice(down, down + image.shape[0]), slice(right, right + image.shape[1])
            grown = np.where((grown == 0) & alone[part], padded[part], grown)
        image = grown
    return image


def draw_cloud(
    cloud: Cloud,
    window: Window,
    palette: Palette,
    chosen: IntArray | None = None,
    counted: Counter = count,
) -> tuple[Image, int]:
    """Draw customers as an image.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    window : Window
        What is looked at.
    palette : Palette
        Colours.
    chosen : ndarray of int, optional
        Positions of selected customers; the others are faint then.
    counted : callable
        `count`, or `mall_app.plots.counting.count_by_datashader`.

    Returns
    -------
    image : ndarray of uint32, shape (height, width)
        See `shade`; it may have fewer pixels than the window.
    n_seen : int
        Customers in the window.
    """
    window = window.for_groups(len(cloud.segments))
    colours = [palette.colour(own) for own in cloud.segments]
    counts = counted(cloud, window)
    n_seen = int(counts.sum(dtype=np.int64))
    if chosen is None:
        return shade(counts, colours), n_seen
    ground = shade(counts, colours, UNCHOSEN)
    above = shade(counted(cloud.take(chosen), window), colours)
    return np.where(above > 0, above, ground), n_seen
