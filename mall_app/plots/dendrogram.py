"""A hierarchy as lines, in the colours of the segments it is cut into."""

from __future__ import annotations

import holoviews as hv
import numpy as np

from mall_app.geometry.hierarchy import Hierarchy
from mall_app.geometry.points import IntArray
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult

X_TITLE = "Groups of customers, those alike side by side"
Y_TITLE = "Height of a join (in units of the scaled features)"
MIXED = -2
STRIP_TOP, STRIP_BOTTOM, NUMBERS, LOWEST = -0.02, -0.055, -0.09, -0.13
_CORNERS = ["left", "bottom", "right", "top"]


def leaf_segments(own: Hierarchy, result: ClusteringResult) -> IntArray:
    """Give the segment most customers of each leaf are in, -1 for noise.

    Returns
    -------
    ndarray of shape (n_leaves,)
    """
    numbers, codes = np.unique(result.labels, return_inverse=True)
    counts = np.zeros((own.n_leaves, len(numbers)), dtype=np.int64)
    np.add.at(counts, (own.leaves, codes), 1)
    return np.asarray(numbers[counts.argmax(axis=1)], dtype=np.int64)


def dendrogram_lines(own: Hierarchy, result: ClusteringResult, palette: Palette) -> hv.Segments:
    """Draw each join as a line across and two down to what it joins.

    Parameters
    ----------
    own : Hierarchy
        Of the customers of `result`.
    result : ClusteringResult
        Whose segments colour the lines below the cut; those above it are grey.
    palette : Palette
        Colours.

    Returns
    -------
    holoviews.Segments
        Three a join.
    """
    segments = leaf_segments(own, result).tolist()
    heights = [0.0] * own.n_leaves
    places = own.places.tolist()
    lines: list[tuple[float, float, float, float, str]] = []
    for node, (left, right) in enumerate(own.joins[:, :2].astype(np.int64).tolist(), own.n_leaves):
        height = float(own.heights[node - own.n_leaves])
        colours = [_colour(segments[child], palette) for child in (left, right)]
        for child, colour in zip((left, right), colours, strict=True):
            lines.append((places[child], heights[child], places[child], height, colour))
        segments.append(segments[left] if segments[left] == segments[right] else MIXED)
        lines.append(
            (places[left], height, places[right], height, _colour(segments[node], palette))
        )
        heights.append(height)
    columns = list(zip(*lines, strict=True))
    names = ["x0", "y0", "x1", "y1", "color"]
    return hv.Segments(dict(zip(names, map(list, columns), strict=True)), names[:4], "color").opts(
        color="color"
    )


def segment_strip(own: Hierarchy, result: ClusteringResult, palette: Palette) -> hv.Rectangles:
    """Draw a bar under the leaves of each segment."""
    unit = float(own.heights[-1]) or 1.0
    names = {each.segment: each.name for each in result.profiles} | {-1: "Noise"}
    sizes = {each.segment: each.size for each in result.profiles} | {-1: result.n_noise}
    rows = [
        (
            first - 0.4,
            STRIP_BOTTOM * unit,
            last + 0.4,
            STRIP_TOP * unit,
            palette.colour(segment),
            f"{segment} · {names[segment]}",
            sizes[segment],
        )
        for first, last, segment in _runs(leaf_segments(own, result))
    ]
    fields = [*_CORNERS, "color", "segment_name", "customers"]
    data = {name: [row[place] for row in rows] for place, name in enumerate(fields)}
    return hv.Rectangles(data, _CORNERS, fields[4:]).opts(color="color")


def strip_numbers(own: Hierarchy, result: ClusteringResult) -> hv.Labels:
    """Write the number of each segment under its bar."""
    unit = float(own.heights[-1]) or 1.0
    runs = _runs(leaf_segments(own, result))
    data = {
        "x": [(first + last) / 2 for first, last, _ in runs],
        "y": [NUMBERS * unit] * len(runs),
        "text": [str(segment) for *_, segment in runs],
    }
    return hv.Labels(data, ["x", "y"], "text")


def _runs(segments: IntArray) -> list[tuple[int, int, int]]:
    """Give first and last leaf of each stretch of one segment."""
    edges = np.flatnonzero(np.diff(segments)) + 1
    starts = [0, *edges.tolist()]
    stops = [*edges.tolist(), len(segments)]
    return [(a, b - 1, int(segments[a])) for a, b in zip(starts, stops, strict=True)]


def _colour(segment: int, palette: Palette) -> str:
    return palette.muted if segment == MIXED else palette.colour(segment)
