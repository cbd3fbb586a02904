"""The sentences that say why a number of segments is recommended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mall_app.evidence.index import VOTERS, Index
from mall_app.evidence.stability import STABLE, UNSTABLE, Stability


def count(votes: Mapping[str, int | None], k: int) -> int:
    """Count the votes for `k`."""
    return sum(vote == k for vote in votes.values())


def most_voted(votes: Mapping[str, int | None]) -> int | None:
    """Give the number with most votes, the smaller of two; None when there are none."""
    cast = sorted({vote for vote in votes.values() if vote is not None})
    return max(cast, key=lambda k: count(votes, k), default=None)


def about_votes(
    indices: Mapping[str, Index], votes: Mapping[str, int | None], winner: int
) -> tuple[str, ...]:
    """Tell who votes for what, and who has no vote, those for one reason in one sentence."""
    by_k: dict[int, list[str]] = {}
    for name, vote in votes.items():
        if vote is not None:
            by_k.setdefault(vote, []).append(indices[name].title)
    order = sorted(by_k, key=lambda k: (k != winner, -len(by_k[k]), k))
    told = "; ".join(f"{', '.join(by_k[k])}: {k}" for k in order)
    without: dict[str, list[str]] = {}
    for name in votes:
        if indices[name].best_k is None and indices[name].reason:
            without.setdefault(str(indices[name].reason), []).append(indices[name].title)
    missing = [
        f"{joined(own)} {'has' if len(own) == 1 else 'have'} no vote: {reason}"
        for reason, own in without.items()
    ]
    alone = [
        f"{indices[name].title} votes for 1: {indices[name].reason}"
        for name, vote in votes.items()
        if vote == 1
    ]
    return (f"Votes: {told}.", *alone, *missing) if told else tuple(missing)


def about_stability(found: Stability | None, winner: int) -> tuple[str, ...]:
    """Tell how well the segments come back."""
    if found is None or found.adjusted_rand is None:
        return ("How stable the segments are was not measured.",)
    value = found.adjusted_rand
    word = "stable" if value > STABLE else "unstable" if value < UNSTABLE else "fairly stable"
    first = (
        f"{winner} segments are {word}: with customers drawn anew {found.n_bootstraps} times, the "
        f"agreement is {value:.2f} on average (adjusted Rand index, 1 is perfect)."
    )
    weak = [own for own in found.segments if own.verdict == "unstable"]
    if not weak:
        return (first,)
    named = joined([own.segment for own in weak])
    return first, f"Not to be relied on, since they seldom come back as they are: segment {named}."


def about_sizes(
    indices: Mapping[str, Index], smallest: Mapping[int, int], least: int | None, winner: int
) -> tuple[str, ...]:
    """Tell how small segments are, and what the least size costs."""
    first = f"The smallest of the {winner} segments has {smallest[winner]} customers."
    preferred = most_voted({name: indices[name].best_k for name in VOTERS if name in indices})
    if least is None or preferred is None or smallest.get(preferred, least) >= least:
        return (first,)
    return first, (
        f"Without regard to size more indices vote for {preferred}, but that has a segment of "
        f"{smallest[preferred]}, fewer than the {least} customers asked for."
    )


def about_edges(
    indices: Mapping[str, Index], votes: Mapping[str, int | None], winner: int, ks: Sequence[int]
) -> tuple[str, ...]:
    """Tell when the best number may lie beyond those that were asked."""
    first, last = min(ks), max(ks)
    if first == last:
        return ()
    told = []
    if winner == last:
        told.append(f"{last} is the largest number asked; ask for more, they may be better still.")
    elif winner == first > 2:
        told.append(f"{first} is the smallest number asked; ask for fewer, they may be better.")
    edge = [indices[name].title for name in votes if indices[name].best_k == last]
    if edge and winner != last:
        verb = "is" if len(edge) == 1 else "are"
        told.append(
            f"{joined(edge)} {verb} best at {last}, the largest number asked; ask for more, they "
            "may be better still by that."
        )
    return tuple(told)


def joined(own: Sequence[int | str]) -> str:
    """Write numbers or names for a sentence."""
    *first, last = map(str, own)
    return f"{', '.join(first)} and {last}" if first else last
