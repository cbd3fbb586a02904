"""How good a clustering is: internal scores, noise left out.

`silhouette_samples` and `silhouette_score` take anybody's rows and labels; `score` is what every
result is scored by.

Noise is nobody's segment, so rows labelled -1 take no part in any score; how many there are is
reported beside the scores. A score that does not exist is ``None`` and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mall_app.compactness import (
    calinski_harabasz,
    davies_bouldin,
    equal_within,
    scatter_of,
    sum_to_medians,
)
from mall_app.errors import DataError
from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.kernels.scatter import Scatter
from mall_app.labels import group_sizes
from mall_app.sampling import is_exact, sample_size, stratified_mean, stratified_sample
from mall_app.scored import checked_labels, checked_rows
from mall_app.silhouette import silhouette_widths

NEEDS_MEANS = "The score is about means and squares, which Gower's distance does not have."
_NO_SCATTER = (
    "The customers of each segment are equal, so the ratio to their scatter has no finite value."
)


@dataclass(frozen=True)
class Score:
    """One number about a clustering and how it was obtained.

    Parameters
    ----------
    value : float or None
        None when the score does not exist for this outcome.
    direction : {"higher", "lower"}
        Which way is better.
    method : {"exact", "sampled"}
        Sampled: a stratified sample of rows against all rows.
    sample_size : int, optional
        Rows in the sample.
    standard_error : float, optional
        Of a sampled value.
    reason : str, optional
        Why there is no value.
    """

    value: float | None
    direction: Literal["higher", "lower"]
    method: Literal["exact", "sampled"] = "exact"
    sample_size: int | None = None
    standard_error: float | None = None
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give the score as JSON-ready values."""
        return dict(vars(self))


def silhouette_samples(
    X: npt.ArrayLike, labels: npt.ArrayLike, *, metric: Metric = "euclidean"
) -> FloatArray:
    """Give the exact silhouette of each row: how much nearer its own cluster is than the next one.

    The same values as scikit-learn's, in memory that grows with the rows and not their square, and
    many times as fast; for rows far from zero it loses no digits. The first call on more than 5 000
    rows loads machine code, which is compiled once and kept on disk.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_columns)
        Finite numbers; a data frame of them will do.
    labels : array-like of shape (n_rows,)
        Cluster of each row: numbers, names or truth values. Negative integers are noise.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    Returns
    -------
    ndarray of shape (n_rows,)
        From -1 to 1, higher is better; 0 for the only member of a cluster, nan for noise.

    Raises
    ------
    DataError
        X is no finite table of numbers, or labels do not fit it or are fewer than two clusters, or
        as many as rows.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis. Journal of Computational and Applied Mathematics 20, 53-65.

    Examples
    --------
    >>> silhouette_samples([[0.0], [1.0], [5.0], [9.0]], [0, 0, 1, -1]).tolist()
    [0.8, 0.75, 0.0, nan]
    """
    values = checked_rows(X)
    codes = checked_labels(labels, len(values))
    if metric not in ("euclidean", "cityblock"):
        raise DataError(f'metric must be "euclidean" or "cityblock", not {metric!r}.')
    kept = np.flatnonzero(codes >= 0)
    reason = why_undefined(int(codes.max()) + 1, len(kept))
    if reason:
        raise DataError(reason)
    found = np.full(len(codes), np.nan)
    found[kept] = silhouette_widths(values[kept], codes[kept], metric=metric)
    return found


def silhouette_score(
    X: npt.ArrayLike, labels: npt.ArrayLike, *, metric: Metric = "euclidean"
) -> float:
    """Give the mean of the exact silhouettes of all rows that are not noise.

    Parameters
    ----------
    X : array-like of shape (n_rows, n_columns)
        Finite numbers; a data frame of them will do.
    labels : array-like of shape (n_rows,)
        Cluster of each row: numbers, names or truth values. Negative integers are noise.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are.

    Returns
    -------
    float
        From -1 to 1, higher is better.

    Raises
    ------
    DataError
        As `silhouette_samples`.

    Examples
    --------
    >>> round(silhouette_score([[0.0], [1.0], [5.0]], ["near", "near", "far"]), 6)
    0.516667
    """
    return float(np.nanmean(silhouette_samples(X, labels, metric=metric)))


def score(
    values: FloatArray, labels: IntArray, random_state: int = 0, metric: Metric = "euclidean"
) -> tuple[dict[str, Score], FloatArray]:
    """Compute every score of a clustering.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        What was clustered.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, each used; -1 is noise.
    random_state : int, default 0
        Seed of the sample that stands in for all rows where comparing all with each other takes
        more than half a second; see `mall_app.sampling`.
    metric : {"euclidean", "cityblock"}, default "euclidean"
        How far apart two rows are. The scores that are about means exist for the first alone; for
        the second, inertia is the sum of distances to the median of the segment.

    Returns
    -------
    scores : dict of str to Score
        ``silhouette_score``, ``davies_bouldin_score``, ``calinski_harabasz_score``, ``inertia``.
    silhouette : ndarray of shape (n_rows,)
        Silhouette of each row; nan for noise, for rows outside the sample and when undefined.

    Examples
    --------
    >>> values = np.array([[0.0], [1.0], [10.0], [11.0]])
    >>> scores, silhouette = score(values, np.array([0, 0, 1, 1]))
    >>> round(scores["silhouette_score"].value, 6), scores["inertia"].value
    (0.899749, 1.0)
    """
    silhouette = np.full(len(labels), np.nan)
    n_clusters = int(labels.max(initial=-1)) + 1
    if n_clusters == 0:
        return absent("Every customer is noise."), silhouette
    centres, scatter = scatter_of(values, labels, n_clusters)
    euclidean = metric == "euclidean"
    inertia = float(scatter.squares.sum()) if euclidean else sum_to_medians(values, labels)
    n_kept = int(scatter.counts.sum())
    reason = why_undefined(n_clusters, n_kept)
    if reason:
        return absent(reason, inertia), silhouette
    scores = absent(NEEDS_MEANS, inertia)
    scores["silhouette_score"] = _fill(silhouette, values, labels, n_kept, random_state, metric)
    if euclidean:
        equal = equal_within(values, labels, centres, inertia)
        scores |= scores_of_means(scatter, centres, equal)
    return scores, silhouette


def scores_of_means(scatter: Scatter, centres: FloatArray, equal: bool) -> dict[str, Score]:
    """Give the scores made of means and squares; `equal` when the rows of each segment are."""
    worst = 0.0 if equal else davies_bouldin(scatter, centres)
    ratio = None if equal else calinski_harabasz(scatter, centres)
    reason = _NO_SCATTER if ratio is None else None
    return {
        "davies_bouldin_score": Score(worst, "lower"),
        "calinski_harabasz_score": Score(ratio, "higher", reason=reason),
    }


def _fill(
    silhouette: FloatArray,
    values: FloatArray,
    labels: IntArray,
    n_kept: int,
    random_state: int,
    metric: Metric,
) -> Score:
    """Write the silhouettes of all rows, or of a sample, and give their mean."""
    if is_exact(n_kept, values.shape[1]):
        if n_kept == len(labels):
            silhouette[:] = silhouette_widths(values, labels, metric=metric)
            return Score(float(silhouette.mean()), "higher")
        kept = np.flatnonzero(labels >= 0)
        widths = silhouette_widths(values[kept], labels[kept], metric=metric)
        silhouette[kept] = widths
        return Score(float(widths.mean()), "higher")
    drawn = stratified_sample(labels, sample_size(n_kept, values.shape[1]), random_state)
    widths = silhouette_widths(values, labels, drawn, metric)
    silhouette[drawn] = widths
    sizes = group_sizes(labels)
    mean, error = stratified_mean(widths, labels[drawn], sizes)
    return Score(mean, "higher", "sampled", len(drawn), error)


def why_undefined(n_clusters: int, n_rows: int) -> str | None:
    """Say why the scores of so many clusters of so many rows do not exist; None when they do."""
    if n_clusters < 2:
        return "There is one segment only; the score compares at least two."
    if n_clusters >= n_rows:
        return "Every customer is a segment of its own; the score needs more customers than that."
    return None


def absent(reason: str, inertia: float | None = None) -> dict[str, Score]:
    """Give scores that do not exist, for a reason; inertia may."""
    why = None if inertia is not None else reason
    return {
        "silhouette_score": Score(None, "higher", reason=reason),
        "davies_bouldin_score": Score(None, "lower", reason=reason),
        "calinski_harabasz_score": Score(None, "higher", reason=reason),
        "inertia": Score(inertia, "lower", reason=why),
    }
