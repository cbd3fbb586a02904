"""k-medoids: each segment has a real customer in its middle."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import param

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.geometry.points import Metric, Points

_BLOCK_DISTANCES = 4_000_000


class KMedoids(Algorithm):
    """FasterPAM: the customers whose segments lie nearest around them, by plain distance."""

    key = "kmedoids"
    title = "k-medoids"
    summary = "Segments around typical customers; outliers pull less than in k-means."
    citation = (
        "Schubert, E. and Rousseeuw, P. J. (2021). Fast and eager k-medoids clustering: O(k) "
        "runtime improvement of the PAM, CLARA, and CLARANS algorithms. Information Systems 101."
    )
    order = 27
    native_predict = True
    largest_n = 15_000
    quick_n = 7_000
    sample_rows = 5_000
    distances = ("euclidean", "gower")

    n_init = param.Integer(
        default=3,
        bounds=(1, 100),
        doc="Starts; the first builds up the best medoids one by one, the others draw them.",
    )
    max_iter = param.Integer(default=100, bounds=(1, 10_000), doc="Most passes of one start.")

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: all distances, of 4 bytes each."""
        return 4 * n_rows**2 + 8 * min(n_rows**2, _BLOCK_DISTANCES)

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        from kmedoids import fasterpam

        distances = _all_distances(points)
        starts = [
            fasterpam(
                distances,
                n_clusters,
                max_iter=self.max_iter,
                init="random" if start else "build",
                random_state=(random_state + start) % 2**32,
                n_cpu=1,
            )
            for start in range(self.n_init)
        ]
        best = min(starts, key=lambda own: own.loss)
        medoids = points.values[np.sort(best.medoids)]
        labels = points.distances(medoids).argmin(axis=1)
        notes = () if best.n_iter < self.max_iter else (NOT_CONVERGED,)
        return Grouping(labels, notes, NearestCentre.of(medoids, points.metric))


def _all_distances(points: Points) -> npt.NDArray[np.float32]:
    """Give all distances as a share of the span of the points, which 4 bytes can always hold."""
    span = float(np.linalg.norm(np.ptp(points.values, axis=0), 1))
    distances = np.empty((len(points), len(points)), dtype=np.float32)
    block = max(1, _BLOCK_DISTANCES // len(points))
    for start in range(0, len(points), block):
        rows = slice(start, start + block)
        distances[rows] = points.take(rows).distances(points.values) / span
    return distances
