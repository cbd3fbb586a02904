"""Which customers stand for a segment, and which could as well be in another one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import MANY_ROWS, FloatArray, IntArray, Metric, Points
from mall_app.labels import compact_labels, group_means
from mall_app.segments.many_members import find_many
from mall_app.segments.medoid import medoid_of

DOUBTFUL_MARGIN = 0.1
_BLOCK_DISTANCES = 2_000_000


@dataclass(frozen=True, eq=False)
class Doubt:
    """How sure it is that each customer is where it is.

    Parameters
    ----------
    second : ndarray of int, shape (n_used,)
        The segment that would be next: that of the nearest centre but its own; -1 for noise, and
        where there is one segment only.
    margin : ndarray of shape (n_used,)
        How much nearer its own centre is than that of the second segment, ``1 - own / second``: 1
        on its own centre, 0 when as far from both or nearer to the second; nan where there is no
        second. Above 0 it is the simplified silhouette (Hruschka, Campello & de Castro 2006,
        Information Sciences 176, 1898-1927).
    distance_percentile : ndarray of shape (n_used,)
        Share of its segment's members that are no farther from the centre, above 0 to 1; nan for
        noise.
    """

    second: IntArray
    margin: FloatArray
    distance_percentile: FloatArray

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        for array in vars(self).values():
            array.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the arrays, so that a copy is read-only as well."""
        return type(self), (self.second, self.margin, self.distance_percentile)

    @property
    def nbytes(self) -> int:
        """How much memory the arrays take."""
        return int(sum(array.nbytes for array in vars(self).values()))

    def renumbered(self, numbering: Sequence[int]) -> Doubt:
        """Give the same for segments 0, 1 and so on that are now known by other numbers."""
        second = np.array([*numbering, -1], dtype=np.int64)[self.second]
        return Doubt(second, self.margin, self.distance_percentile)


@dataclass(frozen=True, eq=False)
class Members:
    """Customers worth looking at, by segment, and how doubtful each is.

    Parameters
    ----------
    typical : dict of int to ndarray of int
        Positions in the points: the medoid, then the members nearest to the centre.
    doubtful : dict of int to ndarray of int
        Positions of members that are less than a tenth nearer to their own centre than to the
        second one, the least margin first; none in a segment that is well apart.
    doubt : Doubt
        Of every customer.
    """

    typical: dict[int, IntArray]
    doubtful: dict[int, IntArray]
    doubt: Doubt


def find_members(points: Points, labels: IntArray, most: int = 5) -> Members:
    """Find typical and doubtful members of each segment by the distance it was clustered with.

    The centre is the mean of each coordinate (for a category coded as ones and zeros: the shares of
    its values). It stands for a segment that is about round; one that is long or bent has members
    that are nearer to another's centre, so its doubt is best read beside the silhouette.

    Parameters
    ----------
    points : Points
        What was clustered.
    labels : ndarray of shape (n_rows,)
        Segments, any numbers from 0; -1 is noise.
    most : int, default 5
        Most customers in each list.

    Notes
    -----
    Of more than 50 000 customers the doubt is kept in half the digits (float32), and a medoid is
    that of up to 10 000 members, evenly spaced in the table.

    Examples
    --------
    >>> points = Points(np.array([[0.0], [1.0], [5.0], [9.0], [10.0], [11.0]]))
    >>> members = find_members(points, np.array([0, 0, 0, 3, 3, 3]))
    >>> members.typical[0].tolist(), members.typical[3].tolist()
    ([1, 0, 2], [4, 3, 5])
    >>> members.doubt.second.tolist(), members.doubt.margin.round(2).tolist()
    ([3, 3, 3, 0, 0, 0], [0.8, 0.89, 0.4, 0.86, 1.0, 0.89])
    """
    if len(labels) > MANY_ROWS:
        typical, doubtful, arrays = find_many(points, labels, most, DOUBTFUL_MARGIN)
        return Members(typical, doubtful, Doubt(*arrays))
    numbers = np.unique(labels[labels >= 0])
    kept = np.flatnonzero(labels >= 0)
    second = np.full(len(labels), -1, dtype=np.int64)
    margin, percentile = np.full((2, len(labels)), np.nan)
    typical, doubtful = {}, {}
    if len(numbers):
        codes = compact_labels(labels)[kept]
        values = points.values[kept]
        centres = group_means(values, codes, len(numbers))
        away, second_code, margin[kept] = _distances(values, codes, centres, points.metric)
        if len(numbers) > 1:
            second[kept] = numbers[second_code]
    for code, number in enumerate(numbers.tolist()):
        inside = np.flatnonzero(codes == code)
        near = inside[np.argsort(away[inside], kind="stable")]
        rising = away[near]
        percentile[kept[near]] = np.searchsorted(rising, rising, side="right") / len(near)
        medoid = inside[medoid_of(values[inside], points.metric)]
        typical[number] = kept[np.append(medoid, near[near != medoid])[:most]]
        unsure = kept[inside][margin[kept[inside]] < DOUBTFUL_MARGIN]
        doubtful[number] = unsure[np.argsort(margin[unsure], kind="stable")][:most]
    return Members(typical, doubtful, Doubt(second, margin, percentile))


@np.errstate(invalid="ignore")
def _distances(
    values: FloatArray, codes: IntArray, centres: FloatArray, metric: Metric
) -> tuple[FloatArray, IntArray, FloatArray]:
    """Give the distance to the own centre, which other centre is nearest, and the margin to it."""
    own, other = np.empty((2, len(values)))
    second = np.empty(len(values), dtype=np.int64)
    block = max(1, _BLOCK_DISTANCES // len(centres))
    for first in range(0, len(values), block):
        part = slice(first, first + block)
        away = cdist(values[part], centres, metric)
        here = np.arange(len(away))
        own[part] = away[here, codes[part]]
        away[here, codes[part]] = np.inf
        second[part] = away.argmin(axis=1)
        other[part] = away[here, second[part]]
    if len(centres) == 1:
        return own, second, np.full(len(own), np.nan)
    return own, second, np.where(own < other, 1 - own / other, 0.0)
