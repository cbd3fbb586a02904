"""How each segment differs from all customers, column by column."""

from __future__ import annotations

import holoviews as hv

from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult
from mall_app.segments import NumericProfile, split_unit

LARGEST_DIFFERENCE = 2.0


def profile_heatmap(result: ClusteringResult, palette: Palette) -> hv.Overlay:
    """Colour by standardised difference, written over with the mean in its unit.

    Returns
    -------
    holoviews.Overlay
        Rectangles and their Labels; columns of the table by segments, the first segment on top.
    """
    columns = list(result.profiles[0].numeric) if result.profiles else []
    cells = [
        (place, -own.segment, *_cell(own.numeric[column], column), own.name)
        for own in result.profiles
        for place, column in enumerate(columns)
        if own.numeric[column].standardized_difference is not None
    ]
    boxes = [(x - 0.5, y - 0.5, x + 0.5, y + 0.5, *rest) for x, y, *rest in cells]
    vdims = ["shade", "difference", "mean", "unit", "name"]
    texts = [(x, y, mean) for x, y, _, _, mean, *_ in cells]
    return hv.Rectangles(boxes, ["left", "bottom", "right", "top"], vdims) * hv.Labels(texts)


def heatmap_ticks(result: ClusteringResult) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Give the ticks of the two axes: names of columns, and names of segments."""
    columns = list(result.profiles[0].numeric) if result.profiles else []
    return (
        [(place, column) for place, column in enumerate(columns)],
        [(-own.segment, f"{own.segment} · {own.name}") for own in result.profiles],
    )


def _cell(numbers: NumericProfile, column: str) -> tuple[float, float, str, str]:
    difference = numbers.standardized_difference or 0.0
    shade = max(-LARGEST_DIFFERENCE, min(LARGEST_DIFFERENCE, difference))
    unit = split_unit(column)[1]
    return shade, difference, f"{numbers.mean:,.4g}", "" if unit[:1].isdigit() else unit
