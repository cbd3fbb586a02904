"""How good a clustering is: internal scores, noise left out.

Noise is nobody's segment, so rows labelled -1 take no part in any score; how many there are is
reported beside the scores. A score that does not exist is ``None`` and says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy.spatial.distance import cdist

from mall_app.labels import group_means

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
EXACT_ROWS = 20_000
SAMPLE_ROWS = 2_000
_BLOCK_DISTANCES = 2_000_000


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
    values: FloatArray, labels: IntArray, random_state: int = 0
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
    inertia = float(squared.sum())
    reason = _why_undefined(n_clusters, len(codes))
    if reason:
        return _absent(reason, inertia), silhouette
    sampled = _stratified_sample(codes, random_state) if len(codes) > EXACT_ROWS else None
    rows = silhouette_samples(values, codes, sampled)
    chosen = np.flatnonzero(kept) if sampled is None else np.flatnonzero(kept)[sampled]
    silhouette[chosen] = rows
    return {
        "silhouette_score": _mean_silhouette(rows, codes, sampled),
        "davies_bouldin_score": Score(_davies_bouldin(values, codes, centres, squared), "lower"),
        "calinski_harabasz_score": _calinski_harabasz(values, codes, centres, inertia),
        "inertia": Score(inertia, "lower"),
    }, silhouette


def silhouette_samples(
    values: FloatArray, labels: IntArray, rows: IntArray | None = None
) -> FloatArray:
    """Silhouette of each row: how much nearer its own segment is than the next one.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        No noise among them.
    labels : ndarray of shape (n_rows,)
        0 to n_clusters - 1, at least two clusters, each used.
    rows : ndarray, optional
        Positions of the rows to score; all by default. Each is compared with every row.

    Returns
    -------
    ndarray
        From -1 to 1, higher is better; 0 for the only member of a segment.

    References
    ----------
    Rousseeuw, P. J. (1987). Silhouettes: a graphical aid to the interpretation and validation of
    cluster analysis. Journal of Computational and Applied Mathematics 20, 53-65.

    Examples
    --------
    >>> silhouette_samples(np.array([[0.0], [1.0], [5.0]]), np.array([0, 0, 1])).tolist()
    [0.8, 0.75, 0.0]
    """
    order = np.argsort(labels, kind="stable")
    sorted_values = values[order]
    sizes = np.bincount(labels)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    rows = np.arange(len(labels)) if rows is None else rows
    block = max(1, _BLOCK_DISTANCES // len(labels))
    parts = [
        _silhouette_block(values[chunk], labels[chunk], sorted_values, starts, sizes)
        for chunk in np.split(rows, range(block, len(rows), block))
    ]
    return np.concatenate(parts)


def _silhouette_block(
    values: FloatArray,
    labels: IntArray,
    sorted_values: FloatArray,
    starts: IntArray,
    sizes: IntArray,
) -> FloatArray:
    """Score one block; distances to a cluster lie side by side, so a sum each is one pass."""
    sums = np.add.reduceat(cdist(values, sorted_values), starts, axis=1)
    here = np.arange(len(labels))
    own_size = sizes[labels]
    within = sums[here, labels] / np.maximum(own_size - 1, 1)
    means = sums / sizes
    means[here, labels] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.asarray(np.where(own_size > 1, width, 0.0))


def _stratified_sample(labels: IntArray, random_state: int) -> IntArray:
    """Rows from each segment in proportion, two of each at least (or all it has)."""
    generator = np.random.default_rng(random_state)
    sizes = np.bincount(labels)
    wanted = np.minimum(sizes, np.maximum(2, np.round(SAMPLE_ROWS * sizes / len(labels))))
    return np.sort(
        np.concatenate(
            [
                generator.choice(np.flatnonzero(labels == own), int(count), replace=False)
                for own, count in enumerate(wanted)
            ]
        )
    )


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
