"""Agglomerative clustering, cut where the wanted number of segments is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256

import fastcluster
import numpy as np
import param
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import pdist

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points
from mall_app.kernels.weighted_linkage import weighted_linkage

_WITHOUT_DISTANCES = ("ward", "single")
_HIERARCHIES_KEPT = 2  # of this process; a few megabytes at the largest


class Agglomerative(Algorithm):
    """Hierarchical clustering from single customers upwards."""

    key = "agglomerative"
    title = "Agglomerative"
    summary = (
        "Joins the two nearest segments again and again; larger segments contain smaller ones."
    )
    citation = (
        "Müllner, D. (2013). fastcluster: fast hierarchical, agglomerative clustering routines for "
        "R and Python. Journal of Statistical Software 53(9)."
    )
    order = 40
    largest_n = 50_000
    quick_n = 25_000
    condensed_to = "summary"
    uses_weights = True
    sample_rows = 15_000
    distances = ("euclidean", "gower")

    linkage: param.Selector[str] = param.Selector(
        default="auto",
        objects=["auto", "ward", "complete", "average", "single"],
        doc="What near means: least added scatter (ward, Euclidean distance only), farthest pair, "
        "mean of pairs, or nearest pair; auto is ward, and average with Gower's distance.",
    )

    def method(self, metric: Metric) -> str:
        """Give the linkage that is used with a distance.

        Raises
        ------
        SettingsError
            It is ward, which adds up squares, and the distance is Gower's.
        """
        if self.linkage == "auto":
            return "ward" if metric == "euclidean" else "average"
        if self.linkage == "ward" and metric != "euclidean":
            raise SettingsError(
                "linkage 'ward' adds up squared Euclidean distances and cannot use Gower's; use "
                "'average', 'complete' or 'single', or distance 'euclidean'.",
                ("params", "linkage"),
            )
        return str(self.linkage)

    def row_limit(self, metric: Metric = "euclidean") -> int:
        """Give the rows served: fewer where all n(n - 1)/2 distances of 8 bytes are held."""
        return self.largest_n if self.method(metric) in _WITHOUT_DISTANCES else 15_000

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: copies of the table and the merges, or all distances."""
        linear = 8 * n_rows * (n_dimensions + 8)
        none_held = self.method(metric) in _WITHOUT_DISTANCES
        return linear if none_held else linear + 8 * n_rows**2

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`. Nothing in it is random."""
        return Grouping(cut(merges_of(points, self.method(points.metric)), n_clusters))

    def cluster_weighted(
        self, points: Points, weights: FloatArray, n_clusters: int, random_state: int
    ) -> Grouping:
        """Group small groups by their weights; see `Algorithm.cluster_weighted`."""
        merges = weighted_linkage(points, weights, self.method(points.metric))
        return Grouping(cut(merges, n_clusters))


def merges_of(points: Points, linkage: str) -> FloatArray:
    """Join the two nearest groups again and again; what was asked for last is remembered.

    So all numbers of segments are cut from a hierarchy that is built once.

    Parameters
    ----------
    points : Points
        At least two.
    linkage : {"ward", "complete", "average", "single"}
        What near means.

    Returns
    -------
    ndarray of shape (n_rows - 1, 4)
        A linkage matrix as scipy defines it; read-only.
    """
    values = np.ascontiguousarray(points.values)
    content = sha256(values.data).digest()
    return _built(_Joining(content, values.shape, points.metric, linkage, values))


@dataclass(frozen=True)
class _Joining:
    """What is joined, and how; two are equal when their contents are."""

    content: bytes
    shape: tuple[int, ...]
    metric: Metric
    linkage: str
    values: FloatArray = field(compare=False, repr=False)


@lru_cache(maxsize=_HIERARCHIES_KEPT)
def _built(joining: _Joining) -> FloatArray:
    values, metric, linkage = joining.values, joining.metric, joining.linkage
    if linkage in _WITHOUT_DISTANCES:
        merges = np.asarray(fastcluster.linkage_vector(values, linkage, metric))
    else:
        pairs = pdist(values, metric)
        merges = np.asarray(fastcluster.linkage(pairs, method=linkage, preserve_input=False))
    merges.setflags(write=False)
    return merges


def cut(merges: FloatArray, n_clusters: int) -> IntArray:
    """Cut a hierarchy where exactly `n_clusters` groups are left, also when heights are tied.

    Parameters
    ----------
    merges : ndarray of shape (n_rows - 1, 4)
        A linkage matrix as scipy defines it, heights rising.
    n_clusters : int from 1 to n_rows
        Number of groups.

    Returns
    -------
    ndarray of shape (n_rows,)
        Group of each row.

    Examples
    --------
    >>> merges = np.array([[0, 1, 1.0, 2], [2, 3, 1.0, 2], [4, 5, 9.0, 4]])
    >>> cut(merges, 2).tolist()
    [0, 0, 1, 1]
    """
    n_rows = len(merges) + 1
    kept = n_rows - n_clusters
    children = merges[:kept, :2].astype(np.int64).ravel()
    parents = np.repeat(np.arange(n_rows, n_rows + kept), 2)
    size = n_rows + kept
    forest = coo_matrix((np.ones(len(children)), (children, parents)), shape=(size, size))
    _, groups = connected_components(forest, directed=False)
    return np.asarray(groups[:n_rows], dtype=np.int64)
