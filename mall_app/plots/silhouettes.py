"""The silhouette of every customer, sorted within the segment."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import numpy as np

from mall_app.geometry.points import IntArray
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult

MOST_BARS = 2_000
X_TITLE = "Silhouette (-1 to 1, higher is better)"
Y_TITLE = "Customers, by segment"


def silhouette_order(result: ClusteringResult, most: int = MOST_BARS) -> IntArray:
    """Give positions in `result.labels` from top to bottom: by segment, best first.

    Customers without a silhouette are left out; of more than `most`, evenly spaced ones are kept,
    which shows each segment with the shape it has among all. Where only a sample has one, each
    segment has the share of the bars that it has of the customers.
    """
    known = np.flatnonzero(~np.isnan(result.silhouette))
    order = known[np.lexsort((-result.silhouette[known], result.labels[known]))]
    if not len(order):
        return order
    n_inside = result.n_used - result.n_noise
    if len(order) < n_inside:
        return _by_share(result, order, min(most, len(order)))
    if len(order) > most:
        order = order[np.linspace(0, len(order) - 1, most).astype(np.int64)]
    return order


def _by_share(result: ClusteringResult, order: IntArray, most: int) -> IntArray:
    """Give each segment bars by its size, evenly spaced among those of it that are known."""
    labels = result.labels[order]
    total = sum(own.size for own in result.profiles)
    taken = []
    for own in sorted(result.profiles, key=lambda own: own.segment):
        members = order[np.searchsorted(labels, own.segment) :][: np.sum(labels == own.segment)]
        if len(members):
            bars = max(1, round(most * own.size / total))
            taken.append(members[np.linspace(0, len(members) - 1, bars).astype(np.int64)])
    return np.concatenate(taken)


def silhouette_bars(result: ClusteringResult, palette: Palette) -> hv.Rectangles:
    """Draw a bar a customer, in the colour of the segment, the first segment on top."""
    edges = ["left", "bottom", "right", "top"]
    data = bar_columns(result, palette)
    return hv.Rectangles(data, edges, [name for name in data if name not in edges]).opts(
        color="color"
    )


def bar_columns(result: ClusteringResult, palette: Palette) -> dict[str, Any]:
    """Give what `silhouette_bars` draws, by dimension."""
    order = silhouette_order(result)
    widths = result.silhouette[order]
    labels = result.labels[order].tolist()
    top = -np.arange(len(order), dtype=np.float64)
    names = {own.segment: own.name for own in result.profiles}
    return {
        "left": np.minimum(widths, 0.0),
        "bottom": top - 1.0,
        "right": np.maximum(widths, 0.0),
        "top": top,
        "row": result.rows[order],
        "silhouette": widths,
        "segment_name": [names[label] for label in labels],
        "color": [palette.colour(label) for label in labels],
    }


def silhouette_mean(result: ClusteringResult) -> hv.VLine:
    """Draw the mean silhouette; at zero when there is none."""
    return hv.VLine(result.silhouette_score or 0.0)
