"""The silhouette of every customer, sorted within the segment."""

from __future__ import annotations

import holoviews as hv
import numpy as np
import numpy.typing as npt

from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult

MOST_BARS = 2_000
X_TITLE = "Silhouette (-1 to 1, higher is better)"
Y_TITLE = "Customers, by segment"


def silhouette_order(result: ClusteringResult, most: int = MOST_BARS) -> npt.NDArray[np.int64]:
    """Give positions in `result.labels` from top to bottom: by segment, best first.

    Customers without a silhouette are left out; of more than `most`, evenly spaced ones are kept,
    which shows each segment with the height and shape it has among all.
    """
    known = np.flatnonzero(~np.isnan(result.silhouette))
    order = known[np.lexsort((-result.silhouette[known], result.labels[known]))]
    if len(order) > most:
        order = order[np.linspace(0, len(order) - 1, most).astype(np.int64)]
    return order


def silhouette_bars(result: ClusteringResult, palette: Palette) -> hv.Rectangles:
    """Draw a bar a customer, in the colour of the segment, the first segment on top."""
    order = silhouette_order(result)
    widths = result.silhouette[order]
    labels = result.labels[order].tolist()
    top = -np.arange(len(order), dtype=np.float64)
    names = {own.segment: own.name for own in result.profiles}
    return hv.Rectangles(
        {
            "left": np.minimum(widths, 0.0),
            "bottom": top - 1.0,
            "right": np.maximum(widths, 0.0),
            "top": top,
            "row": result.rows[order],
            "silhouette": widths,
            "segment_name": [names[label] for label in labels],
            "color": [palette.colour(label) for label in labels],
        },
        ["left", "bottom", "right", "top"],
        ["row", "silhouette", "segment_name", "color"],
    ).opts(color="color")


def silhouette_mean(result: ClusteringResult) -> hv.VLine:
    """Draw the mean silhouette; at zero when there is none."""
    return hv.VLine(result.silhouette_score or 0.0)
