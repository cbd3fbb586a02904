"""From segments found on partitions to a result: scores, descriptions and a receipt."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from mall_app.data.table import Table
from mall_app.fit import outcome_notes
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.metrics import Score
from mall_app.outcome import annotated
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.groups import Groups
from mall_app.partitions.loading import Loaded
from mall_app.partitions.placing import Placed, place
from mall_app.partitions.profile import Described, profiles
from mall_app.partitions.rare import held_rows
from mall_app.partitions.scores import scores
from mall_app.population import Population
from mall_app.progress import step
from mall_app.receipt import receipt
from mall_app.result import ClusteringResult
from mall_app.segments.explanation import Explanation, Grounds, grounds_of, warnings_about
from mall_app.segments.naming import segment_names, sentence
from mall_app.segments.segment import Segment
from mall_app.settings import Settings
from mall_app.threads import threads_in_use


def conclude_whole(
    loaded: Loaded, table: Table, settings: Settings, found: FoundInParts
) -> ClusteringResult:
    """Add numbers, edits, scores and words to the segments found on partitions.

    Raises
    ------
    SettingsError
        `numbering` or an edit of the settings does not fit the segments.
    """
    step(0, 3, "Sizes of the segments")
    placed = place(loaded, found, settings)
    step(1, 3, "Scores and profiles of the segments")
    # Side by side: while one waits for the workers, the others work on the sample here.
    with ThreadPoolExecutor(2, thread_name_prefix="beside") as beside:
        segments = beside.submit(_segments, loaded, table, placed, settings)
        grounds = beside.submit(_grounds, loaded, table, placed, settings)
        scored = _scored(loaded, placed, settings)
        step(2, 3, "Scores and profiles of the segments")
        explanation = grounds.result().explaining(segments.result())
    step(3, 3, "Scores and profiles of the segments")
    return _result(loaded, table, settings, found, placed, scored, explanation)


def _scored(
    loaded: Loaded, placed: Placed, settings: Settings
) -> tuple[dict[str, Score], FloatArray]:
    """Give the scores of all customers, and the silhouette of some of the sample."""
    cloud, seed = loaded.cloud, settings.random_state
    silhouette = np.full(len(placed.sampled), np.nan)
    held = held_rows(cloud, placed.codes, placed.groups, placed.codes_of(placed.sampled), seed)
    found, positions, widths = scores(cloud, placed.codes, placed.groups, held, seed)
    inside = positions < len(held.rows)
    silhouette[held.rows[positions[inside]]] = widths[inside]
    return found, silhouette


def _grounds(loaded: Loaded, table: Table, placed: Placed, settings: Settings) -> Grounds:
    """Work out rules and members of the sample."""
    own, seed = loaded.features, settings.random_state
    return grounds_of(table, own.rows, placed.sampled, own.points, own.features, seed)


def _segments(loaded: Loaded, table: Table, placed: Placed, settings: Settings) -> list[Segment]:
    """Describe the segments by all customers."""
    features = loaded.features
    described = Described(
        loaded.cloud.workers,
        loaded.columns,
        placed.codes,
        features.features,
        settings.missing == "drop",
        placed.groups.sizes,
    )
    told = profiles(described, table, features.rows, placed.codes_of(placed.sampled))
    names = segment_names(told, features.features)
    n_used = int(placed.groups.sizes.sum()) + placed.groups.n_noise
    return [
        Segment(
            segment=number,
            name=name,
            size=size,
            share=size / n_used,
            sentence=sentence(*own, features.features),
            numeric=own[0],
            contrasts=own[1],
        )
        for number, size, name, own in zip(
            placed.numbers.tolist(), placed.groups.sizes.tolist(), names, told, strict=True
        )
    ]


def _result(
    loaded: Loaded,
    table: Table,
    settings: Settings,
    found: FoundInParts,
    placed: Placed,
    scored: tuple[dict[str, Score], FloatArray],
    explanation: Explanation,
) -> ClusteringResult:
    features, cloud = loaded.features, loaded.cloud
    settings = settings.changed(edits=placed.edited.edits)
    shares = _contributions(placed.groups, loaded) or explanation.contributions
    metrics, silhouette = scored
    warnings = (
        *loaded.learned.notes,
        *found.notes,
        *outcome_notes(settings, np.arange(placed.n_found)),
        *warnings_about(features.points, shares),
    )
    n_rows, n_noise, n_parts = table.n_customers, placed.groups.n_noise, len(cloud.values)
    return ClusteringResult(
        settings=settings,
        labels=placed.sampled,
        rows=features.rows,
        n_rows=len(table),
        metrics=metrics,
        silhouette=silhouette,
        profiles=annotated(explanation.segments, placed.edited, features.features),
        warnings=warnings,
        receipt=_receipt(table, loaded, settings, placed.sampled, found),
        doubt=explanation.doubt,
        contributions=shares,
        assigner=placed.assigner,
        edits_done=placed.edited.sentences,
        population=Population(n_rows, cloud.n_rows, n_noise, n_parts, features.encoding),
    )


def _receipt(
    table: Table, loaded: Loaded, settings: Settings, labels: IntArray, found: FoundInParts
) -> dict[str, Any]:
    """Say which rows there are, how many partitions they came in, and how many are held here."""
    own = receipt(table, loaded.features, settings, labels, threads_in_use(), seen=found.seen)
    data = {
        "rows": table.n_customers,
        "rows_used": loaded.cloud.n_rows,
        "rows_held": len(table),
        "parts": len(loaded.cloud.values),
    }
    return own | {"data": own["data"] | data}


def _contributions(groups: Groups, loaded: Loaded) -> Mapping[str, float]:
    """Give each feature's share of the squares between the centres, as for a table held in memory.

    Empty for distances that squares say nothing of.
    """
    if loaded.cloud.metric != "euclidean" or len(groups.sizes) < 2:
        return {}
    middle = groups.sizes @ groups.centres / groups.sizes.sum()
    apart = groups.sizes @ (groups.centres - middle) ** 2
    if not apart.sum() > 0:
        return {}
    blocks = loaded.features.encoding.blocks
    return {own.feature: float(apart[own.start : own.stop].sum() / apart.sum()) for own in blocks}
