"""Which features keep the segments apart, and a warning when that is an artefact of coding."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mall_app.data.table import listed
from mall_app.geometry.points import Block, FloatArray, IntArray, Points
from mall_app.kernels.scatter import cluster_means
from mall_app.labels import compact_labels, members_of
from mall_app.silhouette import SMALL_ROWS


def contributions(points: Points, labels: IntArray) -> dict[str, float]:
    """Give each feature's share of the separation between the segments.

    The dispersion of some rows is half their number times the mean distance of two of them, drawn
    with replacement: squared for Euclidean distances, as it is for city-block ones. That of all
    rows less those of the segments is the separation. For Euclidean distances it is the sum of
    squares between the segments; for city-block ones it is theirs by energy statistics. Either is
    a sum over the coordinates, and not negative for any of them.

    Parameters
    ----------
    points : Points
        What was clustered; a feature is one of its blocks, or the number of a coordinate.
    labels : ndarray of shape (n_rows,)
        Segments; -1 is noise, which takes no part.

    Returns
    -------
    dict of str to float
        They sum to 1. Empty when nothing is apart, as with one segment.

    References
    ----------
    Rizzo, M. L. & Székely, G. J. (2010). DISCO analysis: a nonparametric extension of analysis of
    variance. Annals of Applied Statistics 4, 1034-1055.

    Examples
    --------
    Between the means (0, 1) and (4, 4) lie 4 * 4 / 2 and 3 * 3 / 2, times two rows each.

    >>> points = Points(np.array([[0.0, 0.0], [0.0, 2.0], [4.0, 3.0], [4.0, 5.0]]))
    >>> contributions(points, np.array([0, 0, 1, 1]))
    {'0': 0.64, '1': 0.36}
    """
    blocks = points.blocks or tuple(
        Block(str(own), own, own + 1, False) for own in range(points.values.shape[1])
    )
    large = points.metric == "euclidean" and len(labels) >= SMALL_ROWS
    apart = _between_means(points, labels) if large else _left_over(points, labels)
    if not apart.sum() > 0:
        return {}
    shares = apart / apart.sum()
    return {own.feature: float(shares[own.start : own.stop].sum()) for own in blocks}


def _left_over(points: Points, labels: IntArray) -> FloatArray:
    """Give the dispersion of all rows less that within the segments, by coordinate."""
    groups = list(members_of(labels).values())
    total, within = np.zeros((2, points.values.shape[1]))
    if len(groups) < 2:
        return total
    dispersion = _squared if points.metric == "euclidean" else _absolute
    clustered = np.sort(np.concatenate(groups)) if (labels < 0).any() else slice(None)
    for column, values in enumerate(points.values.T):  # one by one: copies of all take memory
        own = np.ascontiguousarray(values)[clustered]
        total[column] = dispersion(own) if (own != own[0]).any() else 0.0
        within[column] = sum(dispersion(values[group]) for group in groups)
    # What is left of a coordinate that does not differ between segments is rounding.
    return np.where(total - within > 1e-12 * total, total - within, 0.0)


def _between_means(points: Points, labels: IntArray) -> FloatArray:
    """Give the same for Euclidean distances from the means of the segments, in one pass."""
    codes = compact_labels(labels)
    n_clusters = int(codes.max()) + 1
    if n_clusters < 2:
        return np.zeros(points.values.shape[1])
    counts, means = cluster_means(points.values, codes, n_clusters)
    away = means - counts @ means / counts.sum()
    rounding = 16 * np.finfo(np.float64).eps * np.abs(means).max(axis=0)
    return np.asarray(counts @ np.where(np.abs(away) > rounding, away, 0.0) ** 2)


def _squared(values: FloatArray) -> float:
    """Half n times the mean squared distance: the sum of squares about the mean."""
    away = values - values.mean()
    return float(away @ away)


def _absolute(values: FloatArray) -> float:
    """Half n times the mean absolute difference, from the sorted values."""
    n_rows = len(values)
    steps = 2.0 * np.arange(n_rows) - (n_rows - 1)
    return float(steps @ np.sort(values)) / n_rows


def one_hot_warning(points: Points, shares: Mapping[str, float]) -> str | None:
    """Warn when categories make most of the separation only because of how they are coded.

    A category in Euclidean distances is a column of ones and zeros for each value, so customers
    that differ in it are all equally far apart, and segments tend to be its values.

    Parameters
    ----------
    points : Points
        What was clustered.
    shares : mapping of str to float
        From `contributions`.

    Returns
    -------
    str or None
        A sentence when the distance is Euclidean, there are quantities too, and categories make
        more than half of the separation and more than their number among the features.

    Examples
    --------
    >>> points = Points(np.zeros((2, 3)), blocks=(Block("Age", 0, 1, False),
    ...                                           Block("Gender", 1, 3, True)))
    >>> sentence = one_hot_warning(points, {"Age": 0.1, "Gender": 0.9})
    >>> sentence.startswith("'Gender' makes 90% of the separation")
    True
    >>> one_hot_warning(points, {"Age": 0.6, "Gender": 0.4})
    """
    names = [own.feature for own in points.blocks if own.categorical]
    share = sum(shares.get(name, 0.0) for name in names)
    mixed = 0 < len(names) < len(points.blocks)
    if points.metric != "euclidean" or not mixed:
        return None
    if share <= max(0.5, len(names) / len(points.blocks)):
        return None
    strongest = sorted(names, key=lambda name: -shares.get(name, 0.0))
    makes, them = ("makes", "it") if len(names) == 1 else ("make", "them")
    return (
        f"{listed(strongest)} {makes} {share:.0%} of the separation, because as columns of ones "
        f"and zeros a category outweighs quantities in Euclidean distances; use distance 'gower', "
        f"or give {them} a weight below 1."
    )
