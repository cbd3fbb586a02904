"""How good a clustering is: internal scores, noise left out.

Noise is nobody's segment, so rows labelled -1 take no part in any score; how many there are is
reported beside the scores. A score that does not exist is ``None`` and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.labels import group_means
from mall_app.silhouette import EXACT_ROWS, silhouette_samples, stratified_sample

_NEEDS_MEANS = "The score is about means and squares, which Gower's distance does not have."


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
        Seed of the sample that stands in for more than 20 000 rows.
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
    kept = labels >= 0
    values, codes = values[kept], labels[kept]
    n_clusters = int(codes.max()) + 1 if len(codes) else 0
    if n_clusters == 0:
        return _absent("Every customer is noise.", None), silhouette
    centres = group_means(values, codes, n_clusters)
    squared = ((values - centres[codes]) ** 2).sum(axis=1)
    euclidean = metric == "euclidean"
    inertia = float(squared.sum()) if euclidean else _sum_to_medians(values, codes)
    reason = _why_undefined(n_clusters, len(codes))
    if reason:
        return _absent(reason, inertia), silhouette
    sampled = stratified_sample(codes, random_state) if len(codes) > EXACT_ROWS else None
    rows = silhouette_samples(values, codes, sampled, metric)
    chosen = np.flatnonzero(kept) if sampled is None else np.flatnonzero(kept)[sampled]
    silhouette[chosen] = rows
    scores = _absent(_NEEDS_MEANS, inertia)
    scores["silhouette_score"] = _mean_silhouette(rows, codes, sampled)
    if euclidean:
        worst = _davies_bouldin(values, codes, centres, squared)
        scores["davies_bouldin_score"] = Score(worst, "lower")
        scores["calinski_harabasz_score"] = _calinski_harabasz(values, codes, centres, inertia)
    return scores, silhouette


def _mean_silhouette(rows: FloatArray, labels: IntArray, sampled: IntArray | None) -> Score:
    if sampled is None:
        return Score(float(rows.mean()), "higher")
    sizes, drawn = np.bincount(labels), np.bincount(labels[sampled])
    share = sizes / sizes.sum()
    means = np.bincount(labels[sampled], weights=rows) / drawn
    spread = np.array(
        [
            rows[labels[sampled] == own].var(ddof=1) if count > 1 else 0.0
            for own, count in enumerate(drawn)
        ]
    )
    variance = (share**2 * spread / drawn * (1 - drawn / sizes)).sum()
    return Score(
        float((share * means).sum()), "higher", "sampled", len(sampled), float(np.sqrt(variance))
    )


def _sum_to_medians(values: FloatArray, labels: IntArray) -> float:
    """Sum of city-block distances to the median of each segment, the centre that makes it least."""
    return float(
        sum(
            np.abs(values[labels == own] - np.median(values[labels == own], axis=0)).sum()
            for own in range(int(labels.max()) + 1)
        )
    )


def _davies_bouldin(
    values: FloatArray, labels: IntArray, centres: FloatArray, squared: FloatArray
) -> float:
    """Mean over segments of the worst ratio of scatter to separation (Davies & Bouldin 1979)."""
    if _equal_within(values, labels):
        return 0.0
    scatter = np.bincount(labels, weights=np.sqrt(squared)) / np.bincount(labels)
    apart = cdist(centres, centres)
    apart[apart == 0] = np.inf
    return float(((scatter[:, None] + scatter) / apart).max(axis=1).mean())


def _calinski_harabasz(
    values: FloatArray, labels: IntArray, centres: FloatArray, inertia: float
) -> Score:
    """Ratio of between- to within-segment variance (Calinski & Harabasz 1974)."""
    if inertia == 0 or _equal_within(values, labels):
        return Score(
            None,
            "higher",
            reason="The customers of each segment are equal, so the "
            "ratio to their scatter has no finite value.",
        )
    n_rows, n_clusters = len(values), len(centres)
    between = np.bincount(labels) @ ((centres - values.mean(axis=0)) ** 2).sum(axis=1)
    return Score(float(between * (n_rows - n_clusters) / (inertia * (n_clusters - 1))), "higher")


def _equal_within(values: FloatArray, labels: IntArray) -> bool:
    """Whether the rows of each segment are equal: rounding of the centre hides it in inertia."""
    _, first = np.unique(labels, return_index=True)
    return bool((values == values[first][labels]).all())


def _why_undefined(n_clusters: int, n_rows: int) -> str | None:
    if n_clusters < 2:
        return "There is one segment only; the score compares at least two."
    if n_clusters >= n_rows:
        return "Every customer is a segment of its own; the score needs more customers than that."
    return None


def _absent(reason: str, inertia: float | None) -> dict[str, Score]:
    why = None if inertia is not None else reason
    return {
        "silhouette_score": Score(None, "higher", reason=reason),
        "davies_bouldin_score": Score(None, "lower", reason=reason),
        "calinski_harabasz_score": Score(None, "higher", reason=reason),
        "inertia": Score(inertia, "lower", reason=why),
    }
