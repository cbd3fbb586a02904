"""A score for each number of segments."""

from __future__ import annotations

import holoviews as hv

from mall_app.plots.palette import Palette
from mall_app.sweep import Sweep

TITLES = {
    "silhouette_score": "Silhouette (higher is better)",
    "davies_bouldin_score": "Davies-Bouldin (lower is better)",
    "calinski_harabasz_score": "Calinski-Harabasz (higher is better)",
    "inertia": "Inertia (lower is tighter)",
}


def sweep_curve(sweep: Sweep, name: str, n_clusters: int | None, palette: Palette) -> hv.Overlay:
    """Draw one score over k, with the k in use marked.

    Parameters
    ----------
    sweep : Sweep
        The results by k.
    name : str
        A key of `TITLES`.
    n_clusters : int or None
        The k in use.
    palette : Palette
        Colours.

    Returns
    -------
    holoviews.Overlay
        A line, its points, and a larger point at the k in use.
    """
    scores = sweep.scores[name].dropna()
    points = list(zip(scores.index.tolist(), scores.tolist(), strict=True))
    here = [point for point in points if point[0] == n_clusters]
    kdims, vdims = ["k"], [hv.Dimension(name, label=TITLES[name])]
    return (
        hv.Curve(points, kdims, vdims).opts(color=palette.muted, line_width=1.5)
        * hv.Scatter(points, kdims, vdims).opts(color=palette.muted, size=6)
        * hv.Scatter(here, kdims, vdims).opts(color=palette.accent, size=12)
    )
