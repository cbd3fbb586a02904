"""A number of segments with its reasons, or the reasons why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mall_app.evidence.index import STABLE_RULE, VOTERS, Index, best
from mall_app.evidence.reasons import (
    about_edges,
    about_sizes,
    about_stability,
    about_votes,
    count,
    joined,
    most_voted,
)
from mall_app.evidence.stability import STABLE, Stability, most_stable
from mall_app.evidence.structure import Structure

_MAJORITY = 0.5


@dataclass(frozen=True)
class Agreement:
    """How the indices vote.

    Parameters
    ----------
    votes : mapping of str to int or None
        The number each index votes for; None where it has no vote.
    supporters : tuple of str
        Indices that vote for the number most indices vote for or, if there is one, recommended.
    n_votes : int
        Indices that vote.
    share : float
        Supporters among them, 0 to 1.
    """

    votes: Mapping[str, int | None]
    supporters: tuple[str, ...]
    n_votes: int
    share: float

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return dict(vars(self)) | {"votes": dict(self.votes), "supporters": list(self.supporters)}


@dataclass(frozen=True)
class Recommendation:
    """What the evidence comes to.

    Parameters
    ----------
    k : int or None
        None when there is no structure, or no number fits.
    headline : str
        One sentence.
    reasons : tuple of str
        Further ones, the most important first.
    agreement : Agreement
        How the indices vote.
    """

    k: int | None
    headline: str
    reasons: tuple[str, ...]
    agreement: Agreement


def recommend(
    indices: Mapping[str, Index],
    stability: Mapping[int, Stability],
    structure: Structure,
    smallest: Mapping[int, int],
    least: int | None,
) -> Recommendation:
    """Weigh the evidence.

    Parameters
    ----------
    indices : mapping of str to Index
        By name.
    stability : mapping of int to Stability
        By number of segments; empty when it was not measured.
    structure : Structure
        Whether there is any.
    smallest : mapping of int to int
        Customers in the smallest segment, by number of segments.
    least : int or None
        Customers a segment must have.

    Returns
    -------
    Recommendation
        The number with most votes among those with no segment too small; of equals the more
        stable one, then the smaller.
    """
    large_enough = [k for k, size in smallest.items() if least is None or size >= least]
    votes = {
        name: vote_among(indices[name], stability, large_enough or list(smallest))
        for name in VOTERS
        if name in indices
    }
    ranked = sorted(large_enough, key=lambda k: (-count(votes, k), -_rand(stability, k), k))
    winner = ranked[0] if ranked else None
    if winner is not None and not count(votes, winner) and _rand(stability, winner) < STABLE:
        winner = None
    if not structure.found:
        return _no_structure(votes, winner, structure)
    if winner is None:
        return _none_fits(votes, structure, smallest, least)
    agreement = agreement_of(votes, winner)
    reasons = (
        structure.sentence,
        *about_edges(indices, votes, winner, list(smallest)),
        *about_votes(indices, votes, winner),
        *about_stability(stability.get(winner), winner),
        *about_sizes(indices, smallest, least, winner),
    )
    return Recommendation(winner, _headline(agreement, winner, smallest), reasons, agreement)


def vote_among(
    index: Index, stability: Mapping[int, Stability], allowed: Sequence[int]
) -> int | None:
    """Give the number an index votes for when some numbers have a segment that is too small.

    Examples
    --------
    >>> own = Index("gap", {2: 0.3, 3: 0.5}, "highest", 3)
    >>> vote_among(own, {}, [2, 3]), vote_among(own, {}, [2])
    (3, 2)
    """
    if index.best_k is None or index.best_k in allowed:
        return index.best_k
    if index.rule == STABLE_RULE:
        return most_stable({k: own for k, own in stability.items() if k in allowed})
    if index.rule in ("highest", "lowest"):
        left = {k: value for k, value in index.values.items() if k in allowed}
        return best(index.name, left, "highest" if index.rule == "highest" else "lowest").best_k
    return 1 if index.best_k == 1 else None  # one segment is never too small


def agreement_of(votes: Mapping[str, int | None], k: int | None) -> Agreement:
    """Count the votes for `k`.

    Examples
    --------
    >>> agreement_of({"gap": 3, "bic": None, "inertia": 5, "stability": 3}, 3).share
    0.6666666666666666
    """
    cast = [name for name, vote in votes.items() if vote is not None]
    supporters = tuple(name for name in cast if votes[name] == k)
    return Agreement(votes, supporters, len(cast), len(supporters) / len(cast) if cast else 0.0)


def _rand(stability: Mapping[int, Stability], k: int) -> float:
    found = stability[k].adjusted_rand if k in stability else None
    return -1.0 if found is None else found


def _no_structure(
    votes: Mapping[str, int | None], winner: int | None, structure: Structure
) -> Recommendation:
    reasons = (
        structure.sentence,
        "Any method divides any customers; such segments are a convenience, not a finding.",
        "The test sees groups that are apart; it does not see groups that overlap much, or small "
        "ones among many customers.",
    )
    headline = "No number of segments is recommended: the customers show no clear structure."
    return Recommendation(None, headline, reasons, agreement_of(votes, winner))


def _none_fits(
    votes: Mapping[str, int | None],
    structure: Structure,
    smallest: Mapping[int, int],
    least: int | None,
) -> Recommendation:
    if least is not None and max(smallest.values()) < least:
        why = (
            f"for every number looked at, a segment is smaller than the {least} customers asked for"
        )
    else:
        why = "no index votes for a number with segments that are large enough and stable"
    headline = f"No number of segments is recommended: {why}."
    sizes = ", ".join(f"{size} for {k}" for k, size in smallest.items())
    reasons = (structure.sentence, f"Customers in the smallest segment: {sizes}.")
    return Recommendation(None, headline, reasons, agreement_of(votes, most_voted(votes)))


def _headline(agreement: Agreement, winner: int, smallest: Mapping[int, int]) -> str:
    if len(smallest) == 1:
        return f"{winner} segments were the only number looked at; more numbers tell more."
    n_for, n_all = len(agreement.supporters), agreement.n_votes
    if n_for == n_all:
        return f"{winner} segments: all {n_all} indices agree."
    others = sorted({v for v in agreement.votes.values() if v not in (None, winner)})
    if agreement.share > _MAJORITY:
        return f"{winner} segments: {n_for} of {n_all} indices agree; others say {joined(others)}."
    return (
        f"The indices disagree: only {n_for} of {n_all} vote for {winner}, "
        f"others for {joined(others)}."
    )
