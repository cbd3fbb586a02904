"""A score for each number of segments."""

from __future__ import annotations

import holoviews as hv

from mall_app.sweep import Sweep

TITLES = {
    "silhouette_score": ("Silhouette", "higher is better"),
    "davies_bouldin_score": ("Davies-Bouldin", "lower is better"),
    "calinski_harabasz_score": ("Calinski-Harabasz", "higher is better"),
    "inertia": ("Inertia", "lower is tighter, and always falls"),
}


def sweep_points(sweep: Sweep | None, name: str) -> hv.Scatter:
    """Draw one score over k; where it does not exist there is no point.

    Parameters
    ----------
    sweep : Sweep or None
        The results by k; None draws nothing.
    name : str
        A key of `TITLES`.
    """
    return _scatter(_known(sweep, name))


def sweep_line(sweep: Sweep | None, name: str) -> hv.Curve:
    """Join the points of one score."""
    return hv.Curve(sweep_points(sweep, name))


def sweep_here(sweep: Sweep | None, name: str, n_clusters: int | None) -> hv.Scatter:
    """Mark the k in use; nothing when the score does not exist there."""
    known = _known(sweep, name)
    return _scatter({k: score for k, score in known.items() if k == n_clusters})


def _known(sweep: Sweep | None, name: str) -> dict[int, float]:
    if sweep is None:
        return {}
    values = {k: result.metrics[name].value for k, result in sweep.results.items()}
    return {k: value for k, value in values.items() if value is not None}


def _scatter(scores: dict[int, float]) -> hv.Scatter:
    return hv.Scatter({"k": list(scores), "score": list(scores.values())}, "k", "score")
