"""Spectral clustering on a graph of neighbours."""

from __future__ import annotations

import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.geometry.points import Metric, Points
from mall_app.geometry.scale import centred, distinct_rows
from mall_app.kernels.lloyd import is_small, lloyd
from mall_app.kernels.spectral_embedding import embedding, neighbour_graph


class Spectral(Algorithm):
    """Spectral clustering: cuts a graph of neighbours where few and weak links are cut."""

    key = "spectral"
    title = "Spectral"
    summary = "Segments of any shape that hang together, found by cutting a graph of neighbours."
    citation = (
        "Ng, A., Jordan, M. and Weiss, Y. (2001). On spectral clustering: analysis and an "
        "algorithm. NIPS 14, 849-856. Weights of the links: Zelnik-Manor, L. and Perona, P. "
        "(2004). Self-tuning spectral clustering. NIPS 17, 1601-1608."
    )
    order = 46
    largest_n = 15_000
    sample_rows = 5_000
    distances = ("euclidean", "gower")

    n_neighbors = param.Integer(
        default=10,
        bounds=(1, 1_000),
        doc="Nearest customers each one is linked to; fewer follow thinner shapes.",
    )
    n_init = param.Integer(
        default=10, bounds=(1, 100), doc="Starts of the k-means in the embedding; the best is kept."
    )

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: a graph, and the equations in it solved.

        In more dimensions neighbours are more entangled, and solving fills more of the n^2 pairs.
        """
        solved = n_rows**2 * min(n_dimensions, 16) * min(self.n_neighbors, 100) // 70
        return 8 * n_rows * (10 * min(self.n_neighbors, n_rows) + 2 * n_dimensions) + solved

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`."""
        from sklearn.cluster import KMeans

        first, which = distinct_rows(points.values)
        if n_clusters >= len(first):
            return Grouping(which)
        rows = Points(centred(points).values[first], points.metric)
        graph = neighbour_graph(rows, self.n_neighbors)
        places = embedding(graph, n_clusters, random_state)
        if is_small(len(places), n_clusters, self.n_init):
            labels = lloyd(places, n_clusters, n_init=self.n_init, random_state=random_state).labels
        else:
            fitted = KMeans(n_clusters, n_init=self.n_init, random_state=random_state).fit(places)
            labels = fitted.labels_
        return Grouping(labels[which])
