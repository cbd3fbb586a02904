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

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mall_app.evidence.references import KINDS, References
from mall_app.evidence.seeds import REFERENCE, generator_of, seed_of
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.kernels.apartness import density_gap, mean_silhouette
from mall_app.kernels.lloyd_each import lloyd_each

STATISTICS = ("compact", "connected")
LEVEL = 0.05
N_REFERENCES = 99  # the fifth of 100 is 5 % exactly
SAMPLE_ROWS = 400
_KS = (2, 3, 4, 5, 6, 8, 10)
_STARTS = 3
_WORDS = {
    "compact": "compact groups (a high silhouette)",
    "connected": "groups with sparse customers between them (a gap in density)",
}
_TABLES = {"uniform": "uniform tables", "one_peak": "tables with one peak in every column"}


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
        See `mall_app.kernels.apartness.density_gap`.
    """
    most = min(len(points) - 1, points.n_distinct)
    distances = points.distances()
    silhouettes = [
        mean_silhouette(distances, _grouped(points.values, k, random_state))
        for k in _KS
        if k <= most
    ]
    return max(silhouettes, default=0.0), density_gap(distances)


def _grouped(values: FloatArray, k: int, random_state: int) -> IntArray:
    seed = seed_of(random_state, REFERENCE, k)
    [found] = lloyd_each([values], k, [seed], n_init=_STARTS)
    return found.labels


def reference_statistics(
    points: Points, kind: str, start: int, stop: int, random_state: int
) -> FloatArray:
    """Give the statistics of references `start` to `stop`, one row each."""
    references, place = References(points), KINDS.index(kind)
    generators = [generator_of(random_state, REFERENCE, place, own) for own in range(start, stop)]
    return np.array(
        [
            statistics(references.draw(kind, generator), own)
            for own, generator in zip(range(start, stop), generators, strict=True)
        ]
    )


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
