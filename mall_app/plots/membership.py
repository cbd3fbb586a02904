"""How surely each customer belongs to the segment it is in, for methods that give shares."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.result import ClusteringResult

FAINTEST, STRONGEST = 0.2, 0.9
BETWEEN = 0.8


@dataclass(frozen=True, eq=False)
class Membership:
    """Shares of the two likeliest segments of each customer.

    Parameters
    ----------
    share : ndarray of shape (n_used,)
        Share of the segment the customer is in, 0 to 1.
    second : ndarray of shape (n_used,)
        Number of the likeliest other segment, -1 when there is none.
    second_share : ndarray of shape (n_used,)
        Its share.
    """

    share: FloatArray
    second: IntArray
    second_share: FloatArray

    @property
    def between(self) -> IntArray:
        """Positions of customers with a share below 80 %, the least sure first."""
        unsure = np.flatnonzero(self.share < BETWEEN)
        return unsure[np.argsort(self.share[unsure], kind="stable")]


def membership_of(table: Table, result: ClusteringResult) -> Membership | None:
    """Give the shares of segments in each customer, where the method of `result` knows them.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.

    Returns
    -------
    Membership or None
        In the order of ``result.labels``.
    """
    if result.assigner is None or not algorithms()[result.model_name].soft_membership:
        return None
    encoding = result.population.encoding if result.population else None
    points = build_features(table, result.settings.unedited(), encoding).points
    shares = result.assigner.membership(points)
    if shares is None:
        return None
    return two_likeliest(shares, np.unique(result.assigner.labels), result.labels)


def two_likeliest(shares: FloatArray, segments: IntArray, labels: IntArray) -> Membership:
    """Give each customer's share of its own segment, and the next one.

    Parameters
    ----------
    shares : ndarray of shape (n_rows, n_segments)
        Rows sum to 1.
    segments : ndarray of shape (n_segments,)
        Number of each column.
    labels : ndarray of shape (n_rows,)
        Segment of each row; its share is 0 when it has no column.

    Examples
    --------
    >>> found = two_likeliest(np.array([[0.3, 0.7]]), np.array([2, 5]), np.array([5]))
    >>> found.share.tolist(), found.second.tolist(), found.second_share.tolist()
    ([0.7], [2], [0.3])
    """
    own = labels[:, None] == segments
    share = np.where(own, shares, 0.0).sum(axis=1)
    others = np.where(own, -1.0, shares)
    best = others.argmax(axis=1)
    second_share = np.take_along_axis(others, best[:, None], axis=1)[:, 0]
    alone = second_share < 0
    return Membership(
        share, np.where(alone, -1, segments[best]), np.where(alone, 0.0, second_share)
    )


def shading(share: FloatArray) -> FloatArray:
    """Give the opacity of marks: strong for the sure, faint from a share of one half down.

    Examples
    --------
    >>> shading(np.array([0.2, 0.5, 1.0])).round(2).tolist()
    [0.2, 0.2, 0.9]
    """
    return FAINTEST + (STRONGEST - FAINTEST) * np.clip(2.0 * share - 1.0, 0.0, 1.0)
