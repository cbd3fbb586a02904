"""A value for each number of segments: a score, or any other index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import holoviews as hv

from mall_app.sweep import Sweep

TITLES = {
    "silhouette_score": ("Silhouette", "higher is better"),
    "davies_bouldin_score": ("Davies-Bouldin", "lower is better"),
    "calinski_harabasz_score": ("Calinski-Harabasz", "higher is better"),
    "inertia": ("Inertia", "lower is tighter, and always falls"),
}


@dataclass(frozen=True)
class KCurve:
    """One line over the number of segments.

    Parameters
    ----------
    title : str
        Name of the value.
    note : str
        How to read it, in a few words.
    values : mapping of int to float
        By number of segments, where there is one.
    errors : mapping of int to float
        Standard errors, where they are known.
    vote : int or None
        The number of segments it speaks for, if it does.
    axis : str
        Title of the axis, with the unit; by default the title.
    """

    title: str
    note: str
    values: Mapping[int, float] = field(default_factory=dict)
    errors: Mapping[int, float] = field(default_factory=dict)
    vote: int | None = None
    axis: str = ""


def score_curve(sweep: Sweep | None, name: str) -> KCurve:
    """Give one score of a sweep; None has no values.

    Parameters
    ----------
    sweep : Sweep or None
        The results by k.
    name : str
        A key of `TITLES`.
    """
    scores = {} if sweep is None else {k: own.metrics[name] for k, own in sweep.results.items()}
    return KCurve(
        *TITLES[name],
        {k: own.value for k, own in scores.items() if own.value is not None},
        {k: own.standard_error for k, own in scores.items() if own.standard_error is not None},
    )


def curve_points(own: KCurve) -> hv.Scatter:
    """Draw a point for each k that has a value."""
    return _scatter(own.values)


def curve_line(own: KCurve) -> hv.Curve:
    """Join the points."""
    return hv.Curve(_scatter(own.values))


def curve_errors(own: KCurve) -> hv.Segments:
    """Draw one standard error up and down from each point that has one."""
    known = {k: own.values[k] for k in own.values if k in own.errors}
    ends = {
        "k0": list(known),
        "low": [value - own.errors[k] for k, value in known.items()],
        "k1": list(known),
        "high": [value + own.errors[k] for k, value in known.items()],
    }
    return hv.Segments(ends, list(ends))


def curve_here(own: KCurve, n_clusters: int | None) -> hv.Scatter:
    """Mark the k in use; nothing when it has no value."""
    return _scatter({k: value for k, value in own.values.items() if k == n_clusters})


def curve_vote(own: KCurve) -> hv.Scatter:
    """Mark the k the curve speaks for; nothing when it speaks for none."""
    return curve_here(own, own.vote)


def _scatter(values: Mapping[int, float]) -> hv.Scatter:
    return hv.Scatter({"k": list(values), "score": list(values.values())}, "k", "score")
