"""Which customers are near a pointer or inside what was drawn on a plot."""

from __future__ import annotations

import numpy as np
from matplotlib.path import Path

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.plots.counting import Cloud


def inside_box(
    cloud: Cloud, x_range: tuple[float, float], y_range: tuple[float, float]
) -> IntArray:
    """Give the positions of the customers in a box, its edge included.

    Examples
    --------
    >>> cloud = Cloud(np.array([0.0, 1, 2]), np.zeros(3), np.zeros(3, np.int8), (0,))
    >>> inside_box(cloud, (1, 2), (-1, 1)).tolist()
    [1, 2]
    """
    inside = cloud.across >= x_range[0]
    inside &= cloud.across <= x_range[1]
    inside &= cloud.up >= y_range[0]
    inside &= cloud.up <= y_range[1]
    return np.flatnonzero(inside)


def inside_outline(cloud: Cloud, across: FloatArray, up: FloatArray) -> IntArray:
    """Give the positions of the customers inside a closed line.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    across, up : ndarray of shape (n_corners,)
        Corners of the line; the last is joined to the first.
    """
    if len(across) < 3:
        return np.zeros(0, dtype=np.int64)
    box = (float(across.min()), float(across.max())), (float(up.min()), float(up.max()))
    candidates = inside_box(cloud, *box)
    places = np.column_stack([cloud.across[candidates], cloud.up[candidates]])
    outline = Path(np.column_stack([across, up]))
    inside: IntArray = candidates[outline.contains_points(places)]
    return inside


def nearest(cloud: Cloud, place: tuple[float, float], reach: tuple[float, float]) -> int | None:
    """Give the position of the customer nearest to a place.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    place : tuple of float
        On the two axes.
    reach : tuple of float
        How far it may be on each axis; distances are measured in these.

    Returns
    -------
    int or None
        None when nobody is within reach.

    Examples
    --------
    >>> cloud = Cloud(np.array([0.0, 1, 2]), np.zeros(3), np.zeros(3, np.int8), (0,))
    >>> nearest(cloud, (0.9, 0.0), (0.5, 0.5)), nearest(cloud, (9.0, 0.0), (0.5, 0.5))
    (1, None)
    """
    (x, y), (wide, high) = place, reach
    near = inside_box(cloud, (x - wide, x + wide), (y - high, y + high))
    away = ((cloud.across[near] - x) / wide) ** 2 + ((cloud.up[near] - y) / high) ** 2
    if not len(near) or away.min() > 1:
        return None
    return int(near[away.argmin()])
