"""How each segment differs from all customers, column by column."""

from __future__ import annotations

from typing import Any

import holoviews as hv

from mall_app.plots.base import short
from mall_app.result import ClusteringResult
from mall_app.segments.segment import NumericProfile, split_unit

LARGEST_DIFFERENCE = 2.0
LONGEST_NAME = 22
_CORNERS = ["left", "bottom", "right", "top"]
_TOLD = ["color", "difference", "mean", "unit", "name"]


def profile_cells(result: ClusteringResult) -> hv.Rectangles:
    """Draw a cell a segment and column: its standardised difference, cut at 2 deviations.

    Returns
    -------
    holoviews.Rectangles
        Columns of the table by segments, the first segment on top; ``color`` is the colour value.
    """
    return hv.Rectangles(cell_columns(result), _CORNERS, _TOLD)


def cell_columns(result: ClusteringResult) -> dict[str, list[Any]]:
    """Give the dimensions of `profile_cells`.

    Returns
    -------
    dict of str to list
        An entry for each segment and column that has a mean.
    """
    boxes = [(x - 0.5, y - 0.5, x + 0.5, y + 0.5, *rest) for x, y, *rest in _cells(result)]
    return _by_name(boxes, [*_CORNERS, *_TOLD])


def profile_means(result: ClusteringResult) -> hv.Labels:
    """Write the mean of each segment and column, in the unit of the column."""
    return hv.Labels(mean_columns(result), ["x", "y"], "mean")


def mean_columns(result: ClusteringResult) -> dict[str, list[Any]]:
    """Give the dimensions of `profile_means`.

    Returns
    -------
    dict of str to list
        As `cell_columns`.
    """
    texts = [(x, y, mean) for x, y, _, _, mean, *_ in _cells(result)]
    return _by_name(texts, ["x", "y", "mean"])


def heatmap_ticks(result: ClusteringResult) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Give the ticks of the two axes: names of columns, and names of segments."""
    columns = list(result.profiles[0].numeric) if result.profiles else []
    return (
        [(place, short(column, LONGEST_NAME)) for place, column in enumerate(columns)],
        [
            (-own.segment, short(f"{own.segment} · {own.name}", 2 * LONGEST_NAME))
            for own in result.profiles
        ],
    )


def _cells(result: ClusteringResult) -> list[tuple[Any, ...]]:
    return [
        (place, -own.segment, *_cell(numbers, column), own.name)
        for own in result.profiles
        for place, (column, numbers) in enumerate(own.numeric.items())
        if numbers.standardized_difference is not None
    ]


def _by_name(rows: list[tuple[Any, ...]], names: list[str]) -> dict[str, list[Any]]:
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _cell(numbers: NumericProfile, column: str) -> tuple[float, float, str, str]:
    difference = numbers.standardized_difference or 0.0
    shade = max(-LARGEST_DIFFERENCE, min(LARGEST_DIFFERENCE, difference))
    unit = split_unit(column)[1]
    return shade, difference, f"{numbers.mean:,.4g}", "" if unit[:1].isdigit() else unit
