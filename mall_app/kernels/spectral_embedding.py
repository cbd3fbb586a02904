"""Customers as a graph of neighbours, and the coordinates its slowest vibrations give them."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh
from scipy.sparse import csr_array, diags_array
from scipy.sparse.csgraph import connected_components
from scipy.sparse.linalg import eigsh
from scipy.spatial import KDTree

from mall_app.geometry.points import FloatArray, IntArray, Points

DENSE_ROWS = 1_000
WEAKEST_LINK = 1e-6
_ORDERS = {"euclidean": 2.0, "cityblock": 1.0}


def neighbour_graph(points: Points, n_neighbors: int) -> csr_array:
    """Link each row to its nearest, by a weight that knows how dense it is around both.

    The weight is ``exp(-d(i, j)^2 / (s_i s_j))`` where ``s_i`` is the distance of row i to its
    farthest linked neighbour, so that it does not depend on the unit of any column. Parts that are
    not linked are joined where they are nearest, by a link as weak as `WEAKEST_LINK`, so that the
    graph is always connected.

    Parameters
    ----------
    points : Points
        Distinct rows.
    n_neighbors : int
        Neighbours of each row that it is linked to, at least 1.

    Returns
    -------
    csr_array of shape (n_rows, n_rows)
        Symmetric; 0 on the diagonal.

    References
    ----------
    Zelnik-Manor, L. and Perona, P. (2004). Self-tuning spectral clustering. NIPS 17, 1601-1608.

    Examples
    --------
    >>> neighbour_graph(Points(np.array([[0.0], [1.0]])), 1).toarray().round(4).tolist()
    [[0.0, 0.3679], [0.3679, 0.0]]
    """
    n_rows = len(points)
    k = min(n_neighbors, n_rows - 1)
    tree = KDTree(points.values)
    near, others = tree.query(points.values, k=k + 1, p=_ORDERS[points.metric])
    reach = near[:, -1]
    rows = np.repeat(np.arange(n_rows), k + 1)
    columns, apart = others.ravel(), near.ravel()
    linked = rows != columns
    rows, columns, apart = rows[linked], columns[linked], apart[linked]
    weights = np.exp(-(apart / reach[rows]) * (apart / reach[columns])).clip(min=WEAKEST_LINK)
    graph = csr_array((weights, (rows, columns)), shape=(n_rows, n_rows))
    return _joined(points, graph.maximum(graph.T).tocsr())


def embedding(graph: csr_array, n_dimensions: int, random_state: int) -> FloatArray:
    """Give each row its place among the first eigenvectors of the normalised Laplacian.

    Parameters
    ----------
    graph : csr_array of shape (n_rows, n_rows)
        Symmetric weights, connected.
    n_dimensions : int from 1 to n_rows
        Number of eigenvectors.
    random_state : int
        Seed of the first guess for a large graph.

    Returns
    -------
    ndarray of shape (n_rows, n_dimensions)
        Rows of length 1.

    References
    ----------
    Ng, A., Jordan, M. and Weiss, Y. (2001). On spectral clustering: analysis and an algorithm.
    NIPS 14, 849-856.
    """
    n_rows = graph.shape[0]
    scale = diags_array(1 / np.sqrt(graph.sum(axis=1)))
    affinity = scale @ graph @ scale
    if n_rows <= DENSE_ROWS or n_dimensions > n_rows // 2:
        last = [n_rows - n_dimensions, n_rows - 1]
        vectors = eigh(affinity.toarray(), subset_by_index=last)[1]
    else:
        start = np.random.default_rng(random_state).uniform(-1, 1, n_rows)
        vectors = eigsh(affinity.tocsc(), n_dimensions, sigma=1 + 1e-4, v0=start)[1]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.where(lengths > 0, lengths, 1.0))


def _joined(points: Points, graph: csr_array) -> csr_array:
    """Join the parts of a graph, each with the nearest other one, until there is one part."""
    n_parts, part = connected_components(graph, directed=False)
    while n_parts > 1:
        links = np.array([_way_out(points, part == own) for own in range(n_parts)])
        weak = np.full(n_parts, WEAKEST_LINK)
        bridge = csr_array((weak, links.T), shape=graph.shape)
        graph = graph.maximum(bridge).maximum(bridge.T).tocsr()
        n_parts, part = connected_components(graph, directed=False)
    return graph


def _way_out(points: Points, inside: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> IntArray:
    """Give the row of a part and the row outside it that are nearest to each other."""
    own, others = np.flatnonzero(inside), np.flatnonzero(~inside)
    tree = KDTree(points.values[others])
    near, which = tree.query(points.values[own], p=_ORDERS[points.metric])
    best = int(near.argmin())
    return np.array([own[best], others[which[best]]])
