"""Is there any structure at all: the customers held against tables that have none.

Every method gives segments, on pure noise too. Here two simple statistics of the customers are
held against those of tables without segments, by Monte Carlo. They do not depend on the method
chosen, so its number of segments cannot create or hide structure.

It seldom errs by seeing too much. What it may miss: two round groups four standard deviations
apart or less, a group of less than a tenth of the customers, rings of fewer than 200 customers,
eight groups among columns that tell nothing, and groups that overlap in the numbers and are told
apart by categories.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import fastcluster
import numpy as np
from scipy.spatial.distance import squareform

from mall_app.evidence.references import KINDS, References
from mall_app.evidence.seeds import REFERENCE, generator_of, seed_of
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.kernels.lloyd import lloyd_each

STATISTICS = ("compact", "connected")
LEVEL = 0.05
N_REFERENCES = 99  # the fifth of 100 is 5 % exactly
SAMPLE_ROWS = 400
_KS = (2, 3, 4, 5, 6, 8, 10)
_STARTS = 3
_NEIGHBOURS = 5
_SHARE_OF_A_GROUP = 0.1
_WORDS = {
    "compact": "compact groups (a high silhouette)",
    "connected": "groups with sparse customers between them (a gap in density)",
}
_TABLES = {"uniform": "uniform tables", "one_peak": "tables with one peak in every column"}
_DECIMALS = 9  # heights that differ by rounding only are the same


@dataclass(frozen=True)
class Structure:
    """Whether the customers fall into groups more than a table without groups does.

    Parameters
    ----------
    found : bool
        Whether they do, at a level of 5 %.
    p_value : float
        The larger one of those against the two kinds of reference: both must be ruled out.
    p_values : mapping of str to float
        By kind of reference, ``"uniform"`` and ``"one_peak"``.
    kinds : tuple of str
        Which statistics say so on their own: ``"compact"``, ``"connected"``.
    observed : mapping of str to float
        Statistics of the customers.
    expected : mapping of str to mapping of str to float
        Their mean over the references, by kind of reference.
    n_references : int
        References of each kind.
    n_rows : int
        Customers looked at; a random sample when there are more than 400.

    References
    ----------
    Liu, Y., Hayes, D. N., Nobel, A. and Marron, J. S. (2008). Statistical significance of
    clustering for high-dimension, low-sample size data. JASA 103, 1281-1293.
    Hartigan, J. A. and Mohanty, S. (1992). The RUNT test for multimodality. Journal of
    Classification 9, 63-70.
    """

    found: bool
    p_value: float
    p_values: Mapping[str, float]
    kinds: tuple[str, ...]
    observed: Mapping[str, float]
    expected: Mapping[str, Mapping[str, float]]
    n_references: int
    n_rows: int

    @property
    def sentence(self) -> str:
        """What was found, in words."""
        if self.found:
            how = " and ".join(_WORDS[kind] for kind in self.kinds) or "groups"
            tables = " and ".join(f"{self.n_references} {_TABLES[kind]}" for kind in self.p_values)
            return (
                f"The customers form {how}, more clearly than {tables}, which have no segments "
                f"(p = {self.p_value:.2g})."
            )
        hardest = max(self.p_values, key=lambda kind: self.p_values[kind])
        n_alike = round(self.p_value * (self.n_references + 1)) - 1
        count = "all" if n_alike == self.n_references else f"{n_alike} of"
        return (
            "The customers are not clearly more grouped than tables without segments: "
            f"{count} {self.n_references} {_TABLES[hardest]} look at least as grouped "
            f"(p = {self.p_value:.2g}, to be at most {LEVEL:g})."
        )

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return {
            "found": self.found,
            "p_value": self.p_value,
            "p_values": dict(self.p_values),
            "kinds": list(self.kinds),
            "observed": dict(self.observed),
            "expected": {kind: dict(own) for kind, own in self.expected.items()},
            "n_references": self.n_references,
            "n_rows": self.n_rows,
            "sentence": self.sentence,
        }


def statistics(points: Points, random_state: int) -> tuple[float, float]:
    """Give how compact, and how separated by sparse regions, the groups of the points are.

    Parameters
    ----------
    points : Points
        At most a few hundred: all distances between them are held.
    random_state : int
        Seed of k-means.

    Returns
    -------
    compact : float
        Best mean silhouette over 2 to 10 groups, in the distance of the points. The groups are
        those of k-means on their values under either distance, so that no algorithm has a say.
    connected : float
        See `density_gap`.
    """
    return statistics_each([points], [random_state])[0]


def statistics_each(
    tables: Sequence[Points], random_states: Sequence[int]
) -> list[tuple[float, float]]:
    """Give the `statistics` of several tables of one shape."""
    labels: list[list[IntArray]] = [[] for _ in tables]
    most = [min(len(own) - 1, own.n_distinct) for own in tables]
    for k in _KS:
        able = [place for place, own in enumerate(most) if k <= own]
        if able:
            values = np.stack([tables[place].values for place in able])
            seeds = [seed_of(random_states[place], REFERENCE, k) for place in able]
            best = lloyd_each(values, k, seeds, n_init=_STARTS)
            for place, own in zip(able, best, strict=True):
                labels[place].append(own.labels)
    return [_described(own.distances(), found) for own, found in zip(tables, labels, strict=True)]


def _described(distances: FloatArray, labels: Sequence[IntArray]) -> tuple[float, float]:
    silhouettes = [mean_silhouette(distances, own) for own in labels]
    return max(silhouettes, default=0.0), density_gap(distances)


def mean_silhouette(distances: FloatArray, labels: IntArray) -> float:
    """Mean silhouette from all distances; labels are 0 to k - 1, each used.

    Examples
    --------
    >>> points = Points(np.array([[0.0], [1.0], [5.0]]))
    >>> round(mean_silhouette(points.distances(), np.array([0, 0, 1])), 6)
    0.516667
    """
    members = np.eye(int(labels.max()) + 1)[labels]
    sizes = members.sum(axis=0)
    sums = distances @ members
    here = np.arange(len(labels))
    own_size = sizes[labels]
    within = sums[here, labels] / np.maximum(own_size - 1, 1)
    means = sums / sizes
    means[here, labels] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return float(np.where(own_size > 1, width, 0.0).mean())


def density_gap(distances: FloatArray) -> float:
    """How much sparser it is between two groups than within them, as a logarithm.

    Customers are joined by single linkage over mutual reachability distance (the larger one of
    the distance between two and of those to their fifth neighbours). A group is born when it has a
    tenth of all customers. The statistic is the largest logarithm of the distance at which two
    groups join over that at which the younger of them was born; 0 when there never are two.

    Examples
    --------
    >>> apart = Points(np.array([[0.0], [1.0], [2.0], [20.0], [21.0], [22.0]]))
    >>> round(density_gap(apart.distances()), 3) > 0
    True
    """
    n_rows = len(distances)
    if n_rows < 3:
        return 0.0
    least = max(2, int(np.ceil(_SHARE_OF_A_GROUP * n_rows)))
    neighbour = min(_NEIGHBOURS, max(1, n_rows // 4))
    core = np.partition(distances, neighbour, axis=1)[:, neighbour]
    reach = np.maximum(distances, np.maximum(core[:, None], core))
    np.fill_diagonal(reach, 0.0)
    merges = fastcluster.linkage(squareform(reach, checks=False), "single")
    return _largest_gap(merges.tolist(), n_rows, least)


def _largest_gap(merges: list[list[float]], n_rows: int, least: int) -> float:
    # Equal customers are at distance 0: the least distance there is stands in for it.
    floor = min((height for *_, height, _ in merges if height > 0), default=1.0)
    births: list[float | None] = [None] * n_rows
    largest = 0.0
    for first, second, height, size in merges:
        alive = [own for own in (births[int(first)], births[int(second)]) if own is not None]
        if len(alive) == 2:
            largest = max(largest, float(np.log(max(height, floor) / max(*alive, floor))))
        born = height if size >= least else None
        births.append(min(alive) if alive else born)
    return round(largest, _DECIMALS)


def reference_statistics(
    points: Points, kind: str, start: int, stop: int, random_state: int
) -> FloatArray:
    """Give the statistics of references `start` to `stop`, one row each."""
    references, place = References(points), KINDS.index(kind)
    generators = [generator_of(random_state, REFERENCE, place, own) for own in range(start, stop)]
    drawn = [references.draw(kind, own) for own in generators]
    return np.array(statistics_each(drawn, range(start, stop)))


def judge(
    observed: tuple[float, float], references: Mapping[str, FloatArray], n_rows: int
) -> Structure:
    """Hold the customers' statistics against those of the references.

    Parameters
    ----------
    observed : tuple of float
        From `statistics`.
    references : mapping of str to ndarray of shape (n_references, 2)
        From `reference_statistics`, by kind.
    n_rows : int
        Customers looked at.

    Returns
    -------
    Structure
    """
    pools = {kind: np.vstack([observed, own]) for kind, own in references.items()}
    ranks = {kind: monte_carlo_ranks(pool) for kind, pool in pools.items()}
    p_values = {
        kind: float((own.min(axis=1) <= own[0].min()).mean()) for kind, own in ranks.items()
    }
    singly = np.max([own[0] for own in ranks.values()], axis=0)
    worst = max(p_values.values())
    return Structure(
        found=worst <= LEVEL,
        p_value=worst,
        p_values=p_values,
        kinds=tuple(n for n, p in zip(STATISTICS, singly, strict=True) if p <= LEVEL),
        observed=dict(zip(STATISTICS, map(float, observed), strict=True)),
        expected={
            kind: dict(zip(STATISTICS, own.mean(axis=0).tolist(), strict=True))
            for kind, own in references.items()
        },
        n_references=len(next(iter(references.values()))),
        n_rows=n_rows,
    )


def monte_carlo_ranks(pool: FloatArray) -> FloatArray:
    """Give, for each row and statistic, the share of rows that are at least as extreme.

    The smallest one of a row's shares is itself ranked against those of the other rows, which
    makes one honest p-value of several statistics.

    Examples
    --------
    >>> monte_carlo_ranks(np.array([[3.0], [1.0], [2.0], [2.0]])).ravel().tolist()
    [0.25, 1.0, 0.75, 0.75]
    """
    return np.asarray((pool[None, :, :] >= pool[:, None, :]).mean(axis=1))
