"""Evidence in pieces that can be worked out anywhere, in any order, with the same numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mall_app.algorithms import build_algorithm
from mall_app.data.table import Table
from mall_app.evidence.criteria import information_criteria
from mall_app.evidence.gap import inertia_of
from mall_app.evidence.question import Question
from mall_app.evidence.references import KINDS, References
from mall_app.evidence.refit import regrouped_each
from mall_app.evidence.seeds import REFERENCE, REFIT, SAMPLE, generator_of, seed_of
from mall_app.evidence.stability import bootstraps
from mall_app.evidence.structure import N_REFERENCES, reference_statistics, statistics
from mall_app.evidence.structure import SAMPLE_ROWS as STRUCTURE_ROWS
from mall_app.features import build_features
from mall_app.fit import fit_features
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.metrics import Score
from mall_app.threads import threads_for

SAMPLE_ROWS = 1000
_CHUNK = 25


@dataclass(frozen=True)
class Piece:
    """A part of the work.

    Parameters
    ----------
    kind : str
        ``"scores"``, ``"stability"``, ``"gap"`` (each at one `k`), or ``"structure"``; and
        ``"parts"``, the scores at every k of a table that stays in its files.
    k : int
        Number of segments; 0 where it plays no part.
    detail : str
        Kind of reference, for structure; empty for the customers themselves.
    start, stop : int
        Which bootstraps or references.
    """

    kind: str
    k: int = 0
    detail: str = ""
    start: int = 0
    stop: int = 0


@dataclass(frozen=True)
class Scored:
    """The scores of all customers at one number of segments.

    Parameters
    ----------
    metrics : mapping of str to Score
        As in `mall_app.result.ClusteringResult`.
    sizes : tuple of int
        Customers of each segment, the largest first.
    criteria : tuple of float, or None
        BIC and AIC.
    warnings : tuple of str
        Of the fit.
    """

    metrics: Mapping[str, Score]
    sizes: tuple[int, ...]
    criteria: tuple[float, float] | None
    warnings: tuple[str, ...]


def pieces_of(question: Question, in_parts: bool = False) -> tuple[Piece, ...]:
    """Cut the work for a question into pieces of at most 25 repetitions.

    Scores of a table `in_parts` are one piece, so that its files are read once.

    Examples
    --------
    >>> from mall_app.settings import Settings
    >>> len(pieces_of(Question(Settings(), (2, 3), 50, 20, None)))
    19
    """
    found = [Piece("parts")] if in_parts else [Piece("scores", k) for k in (1, *question.ks)]
    found += [Piece("structure")]
    found += [
        Piece("structure", 0, kind, start, stop)
        for kind in KINDS
        for start, stop in _chunks(N_REFERENCES)
    ]
    found += [Piece("gap", k, "", 0, question.n_references) for k in (1, *question.ks)]
    found += [
        Piece("stability", k, "", start, stop)
        for k in question.ks
        for start, stop in _chunks(question.n_bootstraps)
    ]
    return tuple(found)


def _chunks(number: int) -> list[tuple[int, int]]:
    return [(start, min(start + _CHUNK, number)) for start in range(0, number, _CHUNK)]


def work_out(points: Points, question: Question, piece: Piece) -> Any:
    """Work out a piece that is about a sample of the customers.

    Parameters
    ----------
    points : Points
        From `sample_of`, the same for every piece.
    question : Question
        What was asked.
    piece : Piece
        Any but ``"scores"``; for those see `score_all`.

    Returns
    -------
    object
        For ``"gap"`` an array, see `mall_app.evidence.gap`; for the others what `bootstraps`,
        `statistics` and `reference_statistics` give.
    """
    # One thread: on so few customers more cost time, and sums would depend on how many there are.
    with threads_for(len(points)):
        return _WORKERS[piece.kind](points, question, piece)


def score_all(table: Table, question: Question, piece: Piece) -> Scored:
    """Cluster all customers into `piece.k` segments, and score them."""
    settings = question.at(piece.k)
    features = build_features(table, settings)
    result = fit_features(table, features, settings)
    algorithm = build_algorithm(settings.algorithm, settings.params)
    criteria = information_criteria(features.points, algorithm, piece.k, settings.random_state)
    sizes = np.unique(result.labels[result.labels >= 0], return_counts=True)[1]
    return Scored(
        dict(result.metrics), tuple(np.sort(sizes)[::-1].tolist()), criteria, result.warnings
    )


def sample_of(points: Points, most: int, random_state: int) -> Points:
    """Give all points, or a random sample of `most` of them."""
    if len(points) <= most:
        return points
    generator = generator_of(random_state, SAMPLE)
    return points.take(np.sort(generator.choice(len(points), most, replace=False)))


def _structure(points: Points, question: Question, piece: Piece) -> Any:
    seed = question.settings.random_state
    points = sample_of(points, STRUCTURE_ROWS, seed)
    if not piece.detail:
        return statistics(points, seed), len(points)
    return reference_statistics(points, piece.detail, piece.start, piece.stop, seed)


def _gap(points: Points, question: Question, piece: Piece) -> FloatArray:
    """Give the inertia of the customers, then those of uniform references; nan where undefined."""
    settings = question.settings
    seed, references = settings.random_state, References(points)
    found = _inertias([points], question, piece.k, [seed])
    for start, stop in _chunks(piece.stop):
        numbers = range(start, stop)
        generators = [generator_of(seed, REFERENCE, len(KINDS), own) for own in numbers]
        drawn = [references.draw("uniform", own) for own in generators]
        seeds = [seed_of(seed, REFIT, piece.k, own) for own in numbers]
        found += _inertias(drawn, question, piece.k, seeds)
    return np.array(found)


def _inertias(
    tables: Sequence[Points], question: Question, k: int, seeds: Sequence[int]
) -> list[float]:
    algorithm = build_algorithm(question.settings.algorithm, question.settings.params)
    distinct = [own.n_distinct for own in tables]
    groupings = regrouped_each(tables, algorithm, k, seeds, distinct)
    return [
        float("nan") if grouping is None else inertia_of(own, np.asarray(grouping.labels))
        for own, grouping in zip(tables, groupings, strict=True)
    ]


def _stability(points: Points, question: Question, piece: Piece) -> tuple[FloatArray, IntArray]:
    settings = question.settings
    algorithm = build_algorithm(settings.algorithm, settings.params)
    numbers = range(piece.start, piece.stop)
    return bootstraps(points, algorithm, piece.k, settings.random_state, numbers)


_WORKERS = {"structure": _structure, "gap": _gap, "stability": _stability}
