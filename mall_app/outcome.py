"""From labels to a result: numbers, edits, scores and descriptions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mall_app.assigners import Assigner, relabelled
from mall_app.data.table import Table
from mall_app.edits.applying import Edited, apply_edits
from mall_app.edits.form import Edit
from mall_app.edits.whole import edit_segments
from mall_app.features import FeatureMatrix, build_features
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.labels import compact_labels, numbered
from mall_app.memory import give_back
from mall_app.metrics import Score, score
from mall_app.progress import step
from mall_app.receipt import labels_sha256, receipt
from mall_app.result import ClusteringResult
from mall_app.segments.explanation import Explanation, explain, warnings_about
from mall_app.segments.naming import segment_names
from mall_app.segments.segment import Segment
from mall_app.settings import Settings

RESHAPING = ("merge", "split", "pin")


@dataclass(frozen=True, eq=False)
class Found:
    """What an algorithm came to, before anybody's numbers and edits.

    Parameters
    ----------
    labels : ndarray of shape (n_used,)
        Canonical; see `mall_app.labels.canonical_labels`.
    warnings : tuple of str
        What the user should know, in sentences.
    assigner : Assigner or None
        Gives new customers these labels.
    threads : mapping of str to int
        How many threads the numeric libraries had; see `mall_app.threads.threads_in_use`.
    seen : int, optional
        Rows of a sample, or number of groups, that the algorithm saw; None when it saw every row.
    """

    labels: IntArray
    warnings: tuple[str, ...]
    assigner: Assigner | None
    threads: Mapping[str, int]
    seen: int | None = None


def conclude(
    table: Table, features: FeatureMatrix, settings: Settings, found: Found
) -> ClusteringResult:
    """Add numbers, edits, scores and words to the segments that were found.

    Raises
    ------
    SettingsError
        `numbering` or an edit of the settings does not fit the segments.
    """
    edited = _edited(features, settings, found, len(table))
    step(0, 0, "Profiles of the segments")
    explanation = explain(
        table,
        features.rows,
        edited.labels,
        features.points,
        features.features,
        settings.random_state,
    )
    step(0, 0, "Scores of the segments")  # last: it takes less memory than what explains them
    scores = score(
        features.values,
        compact_labels(edited.labels),
        settings.random_state,
        features.points.metric,
    )
    give_back(len(edited.labels))
    return _result(table, features, settings, found, edited, scores, explanation)


def revise(
    table: Table,
    base: ClusteringResult,
    numbering: tuple[int, ...] | None,
    edits: tuple[Edit, ...],
) -> ClusteringResult:
    """Give a result with other numbers and edits, without clustering again.

    Parameters
    ----------
    table : Table
        The customers.
    base : ClusteringResult
        Of the same table, with neither `numbering` nor `edits`.
    numbering, edits
        As in `Settings`.

    Returns
    -------
    ClusteringResult
        The same as a fit with these settings.

    Raises
    ------
    SettingsError
        `numbering` or an edit does not fit the segments.
    """
    if numbering is None and not edits:
        return base
    settings = base.settings.changed(numbering=numbering, edits=edits)
    if not edits:
        return _with_numbers(base, settings)
    if base.population is not None:
        return _revised_whole(table, base, settings)
    features = build_features(table, settings)
    known = warnings_about(features.points, base.contributions)
    others = tuple(own for own in base.warnings if own not in known)
    found = Found(
        base.labels,
        others,
        base.assigner,
        base.receipt["threads"],
        base.receipt["data"].get("seen"),
    )
    if any(edit["action"] in RESHAPING for edit in edits):
        return conclude(table, features, settings, found)
    edited = _edited(features, settings, found, len(table))
    doubt = base.doubt if numbering is None else base.doubt.renumbered(numbering)
    explanation = Explanation(
        _renumbered(base.profiles, numbering), doubt, base.contributions, known
    )
    scores = (dict(base.metrics), base.silhouette)
    return _result(table, features, settings, found, edited, scores, explanation)


def _revised_whole(table: Table, base: ClusteringResult, settings: Settings) -> ClusteringResult:
    """Revise a result whose customers stay in their files: they are counted anew for a merge."""
    named = base if settings.numbering is None else _with_numbers(base, settings)
    numbers = np.array([own.segment for own in named.profiles], dtype=np.int64)
    sizes = np.array([own.size for own in named.profiles], dtype=np.int64)
    edited = edit_segments(numbers, sizes, np.zeros((len(numbers), 1)), settings.edits)
    if not np.array_equal(edited.labels, numbers):
        from mall_app.partitions.fit import fit_partitions

        return fit_partitions(table, settings)
    settings = settings.changed(edits=edited.edits)
    return replace(
        named,
        settings=settings,
        profiles=annotated(named.profiles, edited, settings.features or ()),
        receipt={**named.receipt, "settings": settings.to_dict()},
        edits_done=edited.sentences,
    )


def _with_numbers(base: ClusteringResult, settings: Settings) -> ClusteringResult:
    """Give the segments of a result the numbers of the settings; all else is as it is."""
    numbering = settings.numbering or ()
    labels = numbered(base.labels, settings.numbering)
    changes = {"settings": settings.to_dict(), "labels_sha256": labels_sha256(labels)}
    return replace(
        base,
        settings=settings,
        labels=labels,
        profiles=_renumbered(base.profiles, numbering),
        doubt=base.doubt.renumbered(numbering),
        receipt={**base.receipt, **changes},
        assigner=base.assigner and base.assigner.renumbered({-1: -1} | dict(enumerate(numbering))),
    )


def _edited(features: FeatureMatrix, settings: Settings, found: Found, n_rows: int) -> Edited:
    labels = numbered(found.labels, settings.numbering)
    if not settings.edits:
        return Edited(labels, {}, {}, (), ())
    return apply_edits(
        features.values,
        features.points.metric,
        labels,
        features.rows,
        settings.edits,
        settings.random_state,
        n_rows=n_rows,
    )


def _result(
    table: Table,
    features: FeatureMatrix,
    settings: Settings,
    found: Found,
    edited: Edited,
    scores: tuple[Mapping[str, Score], FloatArray],
    explanation: Explanation,
) -> ClusteringResult:
    settings = settings.changed(edits=edited.edits)
    metrics, silhouette = scores
    return ClusteringResult(
        settings=settings,
        labels=edited.labels,
        rows=features.rows,
        n_rows=len(table),
        metrics=metrics,
        silhouette=silhouette,
        profiles=annotated(explanation.segments, edited, features.features),
        warnings=(*found.warnings, *explanation.warnings),
        receipt=receipt(table, features, settings, edited.labels, found.threads, seen=found.seen),
        doubt=explanation.doubt,
        contributions=explanation.contributions,
        assigner=relabelled(found.assigner, found.labels, edited.labels),
        edits_done=edited.sentences,
    )


def annotated(
    segments: tuple[Segment, ...], edited: Edited, features: Sequence[str]
) -> tuple[Segment, ...]:
    """Give segments the names and notes a person wrote for them.

    The others get their names among themselves: none is longer to differ from one that is no more.
    """
    others = [own for own in segments if own.segment not in edited.names]
    names = dict(edited.names)
    if edited.names:
        parts = [(own.numeric, own.contrasts) for own in others]
        given = segment_names(parts, features, edited.names.values())
        names |= {own.segment: name for own, name in zip(others, given, strict=True)}
    return tuple(
        replace(
            own,
            name=names.get(own.segment, own.name),
            note=edited.notes.get(own.segment, own.note),
        )
        for own in segments
    )


def _renumbered(
    profiles: tuple[Segment, ...], numbering: tuple[int, ...] | None
) -> tuple[Segment, ...]:
    if numbering is None:
        return profiles
    given = [replace(own, segment=numbering[own.segment]) for own in profiles]
    return tuple(sorted(given, key=lambda own: own.segment))
