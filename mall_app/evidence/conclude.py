"""From pieces to indices."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from mall_app.evidence.criteria import WHY_NOT
from mall_app.evidence.gap import gap
from mall_app.evidence.index import STABLE_RULE, Index, best
from mall_app.evidence.knee import LEAST_BEND, knee
from mall_app.evidence.pieces import Piece, Scored
from mall_app.evidence.question import Question
from mall_app.evidence.references import KINDS
from mall_app.evidence.stability import Stability, most_stable, summarise
from mall_app.evidence.structure import Structure, judge
from mall_app.geometry.points import FloatArray

_SCORES: Mapping[str, Literal["highest", "lowest"]] = {
    "silhouette_score": "highest",
    "davies_bouldin_score": "lowest",
    "calinski_harabasz_score": "highest",
}
_GAP_RULE = "first within one standard error of the next"


@dataclass(frozen=True)
class Parts:
    """All of the evidence but what it comes to.

    Parameters
    ----------
    indices : mapping of str to Index
        By name.
    stability : mapping of int to Stability
        By number of segments.
    structure : Structure
        Whether there is any.
    smallest : mapping of int to int
        Customers in the smallest segment, by number of segments.
    least : int or None
        Customers a segment must have.
    warnings : tuple of str
        In sentences.
    """

    indices: Mapping[str, Index]
    stability: Mapping[int, Stability]
    structure: Structure
    smallest: Mapping[int, int]
    least: int | None
    warnings: tuple[str, ...]


def gather(question: Question, found: Mapping[Piece, Any]) -> Parts:
    """Put pieces together.

    Parameters
    ----------
    question : Question
        What was asked.
    found : mapping of Piece to object
        What `mall_app.evidence.pieces.work_out` gave for every piece.
    """
    scored = {own.k: value for own, value in found.items() if own.kind == "scores"}
    stability = {k: _stability(found, k) for k in question.ks} if question.n_bootstraps else {}
    n_rows = sum(scored[1].sizes)
    least = question.minimum_size
    if least is not None:
        least = math.ceil(least * n_rows) if least < 1 else int(least)
    return Parts(
        indices=_indices(question, scored, stability, found),
        stability=stability,
        structure=_structure(found),
        smallest={k: min(scored[k].sizes, default=0) for k in question.ks},
        least=least,
        warnings=_warnings(scored, question.ks),
    )


def _indices(
    question: Question,
    scored: Mapping[int, Scored],
    stability: Mapping[int, Stability],
    found: Mapping[Piece, Any],
) -> dict[str, Index]:
    ks = question.ks
    own = [_of_score(name, rule, scored, ks) for name, rule in _SCORES.items()]
    own += [_inertia(scored), _gap(found)]
    own += [_criterion(name, place, scored, ks) for place, name in enumerate(("bic", "aic"))]
    own.append(_steadiness(stability, ks))
    return {index.name: index for index in own}


def _of_score(
    name: str,
    rule: Literal["highest", "lowest"],
    scored: Mapping[int, Scored],
    ks: Iterable[int],
) -> Index:
    scores = {k: scored[k].metrics[name] for k in ks}
    reasons = [own.reason for own in scores.values() if own.reason]
    return best(
        name,
        {k: own.value for k, own in scores.items()},
        rule,
        standard_errors={
            k: own.standard_error for k, own in scores.items() if own.standard_error is not None
        },
        reason=reasons[0] if reasons else None,
    )


def _inertia(scored: Mapping[int, Scored]) -> Index:
    values = {k: scored[k].metrics["inertia"].value for k in sorted(scored)}
    known = {k: value for k, value in values.items() if value is not None}
    bend = knee(known)
    reason = (
        None
        if bend
        else (f"The curve has no clear knee: its logarithm bends by less than {LEAST_BEND:g}.")
    )
    return Index("inertia", values, "knee", bend, reason=reason)


def _gap(found: Mapping[Piece, Any]) -> Index:
    inertias = {own.k: value for own, value in found.items() if own.kind == "gap"}
    known = {k: value for k, value in sorted(inertias.items()) if np.isfinite(value).all()}
    result = gap(
        {k: float(value[0]) for k, value in known.items()},
        {k: value[1:] for k, value in known.items()},
    )
    values = {k: result.values.get(k) for k in sorted(inertias)}
    reason = None
    if result.best_k is None:
        reason = "It still rises at the largest number asked; ask for more."
    elif result.best_k == 1:
        peak = max(result.values, key=lambda k: (result.values[k], -k))
        highest = f" Its value is highest at {peak}, though." if peak > 1 else ""
        reason = f"By its rule two segments are no better than one.{highest}"
    return Index("gap", values, _GAP_RULE, result.best_k, result.standard_errors, reason)


def _criterion(name: str, place: int, scored: Mapping[int, Scored], ks: Iterable[int]) -> Index:
    values: dict[int, float | None] = {}
    for k in ks:
        criteria = scored[k].criteria
        values[k] = None if criteria is None else criteria[place]
    return best(name, values, "lowest", reason=WHY_NOT)


def _steadiness(stability: Mapping[int, Stability], ks: Iterable[int]) -> Index:
    values = {k: stability[k].adjusted_rand if k in stability else None for k in ks}
    errors = {
        k: own.spread / math.sqrt(own.n_bootstraps)
        for k, own in stability.items()
        if own.spread is not None
    }
    reason = "No bootstraps were asked for."
    if stability:
        reason = "No bootstrap could be clustered."
    vote = most_stable(stability)
    return Index("stability", values, STABLE_RULE, vote, errors, None if vote else reason)


def _stability(found: Mapping[Piece, Any], k: int) -> Stability:
    chunks = [
        value
        for own, value in sorted(found.items(), key=lambda pair: pair[0].start)
        if own.kind == "stability" and own.k == k
    ]
    return summarise(np.vstack([rows for rows, _ in chunks]), chunks[0][1])


def _structure(found: Mapping[Piece, Any]) -> Structure:
    observed, n_rows = found[Piece("structure")]
    return judge(observed, {kind: _references(found, kind) for kind in KINDS}, n_rows)


def _references(found: Mapping[Piece, Any], kind: str) -> FloatArray:
    chunks = [
        value
        for own, value in sorted(found.items(), key=lambda pair: pair[0].start)
        if own.kind == "structure" and own.detail == kind
    ]
    return np.vstack(chunks)


def _warnings(scored: Mapping[int, Scored], ks: Iterable[int]) -> tuple[str, ...]:
    """Give each warning once, with the numbers of segments it came up for when not for all."""
    numbers: dict[str, list[int]] = {}
    for k in ks:
        for sentence in scored[k].warnings:
            numbers.setdefault(sentence, []).append(k)
    everywhere = len(list(ks))
    return tuple(
        sentence
        if len(own) == everywhere
        else (f"With {', '.join(map(str, own))} segments: {sentence}")
        for sentence, own in numbers.items()
    )
