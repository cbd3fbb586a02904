"""What speaks for each number of segments, ready to be drawn."""

from __future__ import annotations

import holoviews as hv
import numpy as np

from mall_app.evidence import Evidence
from mall_app.evidence.stability import STABLE, UNSTABLE
from mall_app.plots.palette import Palette
from mall_app.plots.sweep import KCurve

UNITS = {
    "inertia": "Inertia (scaled units²)",
    "gap": "Gap (logarithms)",
    "stability": "Adjusted Rand index",
}
VERDICTS = {"stable": "●", "doubtful": "◐", "unstable": "○"}


def index_curve(evidence: Evidence, name: str) -> KCurve:
    """Give one index of the evidence as a line over the number of segments."""
    index = evidence.indices[name]
    vote = "no vote" if index.best_k is None else f"votes for {index.best_k}"
    return KCurve(
        index.title,
        f"{index.rule} · {vote}",
        {k: value for k, value in index.values.items() if value is not None},
        index.standard_errors,
        index.best_k,
        UNITS.get(name, ""),
    )


def drawn_indices(evidence: Evidence) -> list[str]:
    """Give the indices that have a value for some number of segments."""
    return [
        name
        for name, own in evidence.indices.items()
        if any(value is not None for value in own.values.values())
    ]


def segment_overlaps(evidence: Evidence | None, palette: Palette) -> hv.Scatter:
    """Draw, for each number of segments, how well each single segment comes back.

    Parameters
    ----------
    evidence : Evidence or None
        None draws nothing.
    palette : Palette
        Colours: stable segments in the accent, unstable ones hollow.
    """
    stability = {} if evidence is None else evidence.stability
    rows = [(k, own) for k, found in stability.items() for own in found.segments]
    data = {
        "k": np.array([k for k, _ in rows], dtype=np.int64),
        "jaccard": np.array([own.jaccard for _, own in rows], dtype=np.float64),
        "size": [own.size for _, own in rows],
        "verdict": [own.verdict for _, own in rows],
        "fill": [
            palette.accent
            if own.jaccard > STABLE
            else palette.ground
            if own.jaccard < UNSTABLE
            else palette.grid
            for _, own in rows
        ],
        "line": [palette.accent] * len(rows),
    }
    return hv.Scatter(data, "k", ["jaccard", "size", "verdict", "fill", "line"])
