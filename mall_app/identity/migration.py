"""What became of each segment between two clusterings, and how many customers moved."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import IntArray
from mall_app.identity.changes import Change, Migration, Status
from mall_app.identity.numbers import ABSENT
from mall_app.labels import occurring

__all__ = ["Change", "Migration", "migration"]

Counts = dict[tuple[int, int], int]


def migration(previous: IntArray, current: IntArray) -> Migration:
    """Compare two clusterings that use the same numbers for the same segments.

    Parameters
    ----------
    previous : ndarray of shape (n_customers,)
        Number of each customer's segment before, -1 for noise, -2 where not in that clustering.
    current : ndarray of shape (n_customers,)
        Likewise, now.

    Returns
    -------
    Migration

    Examples
    --------
    >>> migration(np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 0, 1, 1, 2])).sentence
    'Segment 0 is as it was; 1 split into 1 and 2; 1 of 6 customers moved.'
    """
    counts = _count(previous, current)
    links = _Links.between({pair: n for pair, n in counts.items() if ABSENT not in pair})
    before, now = _sizes(counts, 0), _sizes(counts, 1)
    changes = []
    for own in sorted({*before, *now} - {ABSENT, -1}):
        stayed = counts.get((own, own), 0)
        changes.append(
            Change(
                segment=own,
                status=_status(own, own in before, own in now, links),
                sources=links.sources.get(own, ()),
                targets=links.targets.get(own, ()),
                n_before=before.get(own, 0),
                n_customers=now.get(own, 0),
                n_stayed=stayed,
                n_moved=links.before.get(own, 0) - stayed,
                n_joined=links.now.get(own, 0) - stayed,
            )
        )
    flows = [(_or_none(old), _or_none(new), n) for (old, new), n in sorted(counts.items())]
    return Migration(tuple(changes), tuple(flows))


@dataclass(frozen=True)
class _Links:
    """Which former segment more than half shares its customers with which present one.

    All of it counts only customers in both clusterings.
    """

    counts: Counts
    before: dict[int, int]
    now: dict[int, int]
    targets: dict[int, tuple[int, ...]]
    sources: dict[int, tuple[int, ...]]

    @classmethod
    def between(cls, counts: Counts) -> _Links:
        before, now = _sizes(counts, 0), _sizes(counts, 1)
        linked = [
            (old, new)
            for (old, new), n in sorted(counts.items())
            if min(old, new) >= 0 and (2 * n > before[old] or 2 * n > now[new])
        ]
        targets = {own: tuple(new for old, new in linked if old == own) for own, _ in linked}
        sources = {own: tuple(old for old, new in linked if new == own) for _, own in linked}
        return cls(counts, before, now, targets, sources)

    def is_same(self, own: int) -> bool:
        """Whether a number of both stands for half of the smaller one, or for all we know."""
        smaller = min(self.before.get(own, 0), self.now.get(own, 0))
        return 2 * self.counts.get((own, own), 0) >= smaller


def _status(own: int, was: bool, is_there: bool, links: _Links) -> Status:
    targets, sources = links.targets.get(own, ()), links.sources.get(own, ())
    if len(targets) > 1:
        return "split"
    if len(sources) > 1:
        return "merged"
    if was and is_there:
        return "kept" if links.is_same(own) else "new"
    if was:
        return _without_number(targets, links.sources, "gone", "merged")
    return _without_number(sources, links.targets, "new", "split")


def _without_number(
    partners: tuple[int, ...],
    back: dict[int, tuple[int, ...]],
    alone: Status,
    shared: Status,
) -> Status:
    """Give the status of a segment whose number only one side has, by its partner if any."""
    if not partners:
        return alone
    return shared if len(back[partners[0]]) > 1 else "kept"


def _count(previous: IntArray, current: IntArray) -> Counts:
    """Count the customers of each pair of segments; who is in neither clustering is dropped."""
    here = (previous > ABSENT) | (current > ABSENT)
    width = int(current.max(initial=ABSENT)) - ABSENT + 1
    codes = (previous[here] - ABSENT) * width + (current[here] - ABSENT)
    pairs, _, counts = occurring(codes)
    old, new = np.divmod(pairs, width)
    return {
        (int(one) + ABSENT, int(other) + ABSENT): int(n)
        for one, other, n in zip(old, new, counts, strict=True)
    }


def _sizes(counts: Counts, side: int) -> dict[int, int]:
    sizes: dict[int, int] = {}
    for pair, n in counts.items():
        sizes[pair[side]] = sizes.get(pair[side], 0) + n
    return sizes


def _or_none(label: int) -> int | None:
    return None if label == ABSENT else label
