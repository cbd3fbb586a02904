"""Typical and doubtful members of large segments, with no array of rows by segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import IntArray, Points
from mall_app.kernels.doubt import Halved, centre_margins
from mall_app.labels import compact_labels, group_means, members_of
from mall_app.segments.medoid import medoid_of

_MEDOID_ROWS = 10_000
_FEW_ROWS = 300
_ALL_MEDOID_ROWS = 50_000
_BLOCK_ROWS = 65_536


Found = tuple[dict[int, IntArray], dict[int, IntArray], tuple[Any, Any, Any]]


def find_many(points: Points, labels: IntArray, most: int, doubtful_margin: float) -> Found:
    """Find typical and doubtful members as `mall_app.segments.members.find_members` does.

    Parameters
    ----------
    points, labels, most
        As there.
    doubtful_margin : float
        Below which a member is doubtful.

    Returns
    -------
    typical, doubtful : dict of int to ndarray of int
    arrays : tuple of ndarray
        The second segment of each row (int32), the margin and the percentile (float32).
    """
    groups = members_of(labels)
    typical: dict[int, IntArray] = {}
    doubtful: dict[int, IntArray] = {}
    codes, values = compact_labels(labels), points.values
    centres = group_means(values, codes, len(groups))
    span = float((values.max(axis=0) - values.min(axis=0)).max()) or 1.0
    away, second, margin = centre_margins(values, codes, centres, points.metric, span)
    if list(groups) != list(range(len(groups))):
        second = np.array([*groups, -1], dtype=np.int32)[second]
    for number, members in groups.items():
        own = away[members]
        typical[number] = _typical(points, members, own, most, len(groups))
        away[members] = shares_no_farther(own)  # in its place: there is memory for one of them
        unsure = members[margin[members] < doubtful_margin]
        doubtful[number] = unsure[least(margin[unsure], most)]
    return typical, doubtful, (second, margin, away)


def _typical(
    points: Points, members: IntArray, away: Halved, most: int, n_segments: int
) -> IntArray:
    """Give the medoid of a segment, and the members nearest to its centre.

    Where there are many segments, fewer members of each are looked at for the medoid.
    """
    wanted = int(np.clip(_ALL_MEDOID_ROWS // n_segments, _FEW_ROWS, _MEDOID_ROWS))
    some = members[:: -(-len(members) // wanted)]
    medoid = some[medoid_of(points.values[some], points.metric)]
    near = members[least(away, most)]
    return np.append(medoid, near[near != medoid])[:most]


def least(values: npt.NDArray[Any], most: int) -> IntArray:
    """Give the positions of the smallest values, rising; of equal ones the first.

    Examples
    --------
    >>> least(np.array([4.0, 1.0, 4.0, 0.0]), 3).tolist()
    [3, 1, 0]
    """
    if len(values) <= most:
        return np.argsort(values, kind="stable")
    limit = np.partition(values, most - 1)[most - 1]
    some = np.flatnonzero(values <= limit)
    return np.asarray(some[np.argsort(values[some], kind="stable")][:most])


def shares_no_farther(away: npt.NDArray[Any]) -> Halved:
    """Give for each value the share of all that are no larger.

    Examples
    --------
    >>> shares_no_farther(np.array([4.0, 1.0, 4.0, 0.0])).tolist()
    [1.0, 0.5, 1.0, 0.25]
    """
    order = np.argsort(away)
    rising = away[order]
    shares = np.empty(len(away), dtype=np.float32)
    for first in range(0, len(away), _BLOCK_ROWS):
        part = slice(first, first + _BLOCK_ROWS)
        shares[order[part]] = np.searchsorted(rising, rising[part], side="right") / len(away)
    return shares
