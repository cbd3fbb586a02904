"""Other clusterings of the same customers, in the colours of the one in use."""

from __future__ import annotations

import holoviews as hv
import numpy as np

from mall_app.data.table import Table
from mall_app.evidence.stability import adjusted_rand
from mall_app.geometry.points import IntArray
from mall_app.identity.numbers import ABSENT, match_labels
from mall_app.plots.base import Axis, column_values
from mall_app.plots.palette import Palette, marker
from mall_app.result import ClusteringResult

MOST_POINTS = 2_000
FIELDS = ["segment_name", "color", "marker"]


def labels_in_rows(result: ClusteringResult) -> IntArray:
    """Give the segment of each row of the table, -1 for noise and -2 where there is none."""
    labels = np.full(result.n_rows, ABSENT, dtype=np.int64)
    labels[result.rows] = result.labels
    return labels


def matched(current: ClusteringResult, other: ClusteringResult) -> dict[int, int]:
    """Give the number in `current` of each segment of `other`, by the customers they share.

    A segment that is none of those of `current` gets a number that is free.
    """
    return match_labels(labels_in_rows(current), labels_in_rows(other))


def agreement_with(current: ClusteringResult, other: ClusteringResult) -> float | None:
    """Give the adjusted Rand index over customers that both put in a segment.

    Returns
    -------
    float or None
        1 for the same segments, about 0 for chance; None when there are no such customers.
    """
    one, two = labels_in_rows(current), labels_in_rows(other)
    both = (one >= 0) & (two >= 0)
    return adjusted_rand(one[both], two[both]) if both.any() else None


def shown_positions(count: int, most: int = MOST_POINTS) -> IntArray:
    """Give which of `count` customers to draw: all, or a fixed sample of `most`."""
    if count <= most:
        return np.arange(count)
    return np.sort(np.random.default_rng(0).choice(count, most, replace=False))


def compared_points(
    table: Table,
    current: ClusteringResult,
    other: ClusteringResult,
    axes: tuple[str | Axis, str | Axis],
    palette: Palette,
) -> hv.Points:
    """Draw the customers in the segments of another clustering.

    Parameters
    ----------
    table : Table
        The customers.
    current : ClusteringResult
        Whose colours and markers matching segments get.
    other : ClusteringResult
        Whose segments are drawn.
    axes : tuple of str or Axis
        Numeric columns or other numbers, across and up.
    palette : Palette
        Colours.

    Returns
    -------
    holoviews.Points
        At most 2 000, a fixed sample of more.
    """
    shown = shown_positions(len(other.labels))
    rows = other.rows[shown]
    numbers = matched(current, other) | {-1: -1}
    names = {own.segment: own.name for own in other.profiles} | {-1: "Noise"}
    labels = other.labels[shown].tolist()
    data = {
        "across": column_values(table, axes[0], rows),
        "up": column_values(table, axes[1], rows),
        "segment_name": [names[label] for label in labels],
        "color": [palette.colour(numbers[label]) for label in labels],
        "marker": [marker(numbers[label]) for label in labels],
    }
    return hv.Points(data, ["across", "up"], FIELDS).opts(
        color="color", marker=hv.dim("marker"), size=5, alpha=0.8
    )
