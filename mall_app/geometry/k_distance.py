"""How far each customer is from its neighbours: what a density method's reach is chosen by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial import KDTree

from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.points import FloatArray, Points
from mall_app.settings import Settings

MOST_CUSTOMERS = 5_000
_EXPONENTS = {"euclidean": 2, "cityblock": 1}


@dataclass(frozen=True, eq=False)
class KDistance:
    """The distance of each customer to its `min_samples`-th nearest, itself the first.

    A customer is a core of a segment exactly if this distance is at most `eps`.

    Parameters
    ----------
    distances : ndarray of shape (n_shown,)
        Falling, in the units of the scaled features.
    min_samples : int
        Which neighbour.
    n_rows : int
        Customers that were clustered; of more than 5 000, a fixed sample of these is shown, with
        its distances to neighbours among all.
    """

    distances: FloatArray
    min_samples: int
    n_rows: int

    def __post_init__(self) -> None:
        """Make everything read-only."""
        self.distances.setflags(write=False)

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return self.distances.nbytes

    def core_share(self, eps: float) -> float:
        """Give the share of customers that are cores at a reach.

        Examples
        --------
        >>> KDistance(np.array([9.0, 2.0, 1.0, 1.0]), 3, 4).core_share(2.0)
        0.75
        """
        return float((self.distances <= eps).mean())

    @property
    def knee(self) -> float | None:
        """Where the curve turns from the few far customers to the many near ones.

        The point farthest below the straight line from its first point to its last, with both
        axes from 0 to 1; None when no point is below it.

        References
        ----------
        Satopää, V., Albrecht, J., Irwin, D. and Raghavan, B. (2011). Finding a "kneedle" in a
        haystack: detecting knee points in system behavior. ICDCS Workshops, 166-171.

        Examples
        --------
        >>> KDistance(np.array([9.0, 2.0, 1.5, 1.0]), 3, 4).knee
        2.0
        """
        high, low = self.distances[0], self.distances[-1]
        if len(self.distances) < 3 or high <= low:
            return None
        share = np.linspace(0.0, 1.0, len(self.distances))
        below = 1.0 - share - (self.distances - low) / (high - low)
        best = int(below.argmax())
        return float(self.distances[best]) if below[best] > 1e-9 else None


def k_distance(table: Table, settings: Settings) -> KDistance:
    """Measure the distances for the settings of a density method.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        Their own parameters have `min_samples`.

    Raises
    ------
    SettingsError, DataError
        As in `mall_app.features.build_features`.
    """
    points = build_features(table, settings).points
    return neighbour_distances(points, int(settings.params["min_samples"]))


def neighbour_distances(points: Points, min_samples: int) -> KDistance:
    """Give the distance to the `min_samples`-th nearest customer, itself the first.

    With fewer customers than that it is the distance to the farthest.

    Examples
    --------
    >>> neighbour_distances(Points(np.array([[0.0], [1.0], [5.0]])), 2).distances.tolist()
    [4.0, 1.0, 1.0]
    """
    asked = points.values
    if len(asked) > MOST_CUSTOMERS:
        chosen = np.random.default_rng(0).choice(len(asked), MOST_CUSTOMERS, replace=False)
        asked = asked[np.sort(chosen)]
    tree = KDTree(points.values)
    neighbour = min(min_samples, len(points))
    found, _ = tree.query(asked, k=[neighbour], p=_EXPONENTS[points.metric])
    return KDistance(np.sort(found[:, 0])[::-1].copy(), min_samples, len(points))
