"""Distances to neighbours, from the loneliest customer to the most crowded."""

from __future__ import annotations

import holoviews as hv
import numpy as np

from mall_app.geometry.k_distance import KDistance

X_TITLE = "Customers, the farthest off first (%)"
MOST_POINTS = 600


def distance_title(own: KDistance) -> str:
    """Give the title of the vertical axis.

    Examples
    --------
    >>> distance_title(KDistance(np.array([1.0]), 5, 1))
    'Distance to the 4th nearest (scaled units)'
    """
    return f"Distance to the {_ordinal(own.min_samples - 1)} (scaled units)"


def distance_curve(own: KDistance) -> hv.Curve:
    """Draw the falling distances; the customers in % of all."""
    count = len(own.distances)
    shown = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(np.int64))
    share = 100.0 * (shown + 1) / count
    return hv.Curve({"share": share, "distance": own.distances[shown]}, "share", "distance")


def distance_knee(own: KDistance) -> hv.Scatter:
    """Mark the knee, if there is one."""
    knee = own.knee
    if knee is None:
        return hv.Scatter({"share": [], "distance": []}, "share", "distance")
    share = 100.0 * (1 + int(np.flatnonzero(own.distances == knee)[0])) / len(own.distances)
    return hv.Scatter({"share": [share], "distance": [knee]}, "share", "distance")


def _ordinal(number: int) -> str:
    if number <= 1:
        return "nearest"
    ending = (
        "th" if 10 <= number % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    )
    return f"{number}{ending} nearest"
