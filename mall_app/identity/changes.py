"""What became of each segment between two clusterings: the form it is told in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from mall_app.wording import customers, in_words

Status = Literal["kept", "split", "merged", "new", "gone"]
Flow = tuple[int | None, int | None, int]
_COLUMNS = (
    "status", "from", "to", "n_before", "n_customers", "n_stayed", "n_moved", "n_joined"
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """What became of one segment.

    A former and a present segment are linked when more than half of either one's customers are in
    the other, as far as they are in both clusterings.

    Parameters
    ----------
    segment : int
        Its number.
    status : {"kept", "split", "merged", "new", "gone"}
        ``split``: a former segment linked to two or more, and each of these that has no number of
        a former one. ``merged``: a present segment linked to two or more former ones, and each of
        these whose number is no longer used. ``kept``: the number stands for a segment that holds
        at least half the customers of the smaller of the two (or was matched without common
        customers); also a segment that only goes by another number now. ``new`` and ``gone``: none
        of these; a number that now stands for other customers is new.
    sources : tuple of int
        Numbers of the former segments it is linked to; its own included.
    targets : tuple of int
        Numbers of the present segments the former one is linked to; its own included.
    n_before : int
        Customers in it before.
    n_customers : int
        Customers in it now.
    n_stayed : int
        Those in it before and now.
    n_moved : int
        Those in it before that are elsewhere now, noise included; who is not in the present
        clustering at all is not counted.
    n_joined : int
        Those in it now that were elsewhere before; who is new is not counted.
    """

    segment: int
    status: Status
    sources: tuple[int, ...]
    targets: tuple[int, ...]
    n_before: int
    n_customers: int
    n_stayed: int
    n_moved: int
    n_joined: int

    def to_dict(self) -> dict[str, Any]:
        """Give the change as JSON-ready values; `sources` is ``from``, `targets` is ``to``."""
        values = dict(vars(self))
        sources, targets = values.pop("sources"), values.pop("targets")
        return values | {"from": list(sources), "to": list(targets)}


@dataclass(frozen=True)
class Migration:
    """What became of every segment, former and present, in order of their numbers.

    Parameters
    ----------
    changes : tuple of Change
        One a segment number.
    flows : tuple of (int or None, int or None, int)
        Former segment, present segment, number of customers; -1 is noise, None is not in that
        clustering. Every customer is counted once.
    cause : str
        What led to it, as the beginning of a sentence; empty for a refit or an edit.
    """

    changes: tuple[Change, ...]
    flows: tuple[Flow, ...]
    cause: str = ""

    @cached_property
    def n_common(self) -> int:
        """Customers in both clusterings."""
        return sum(n for old, new, n in self.flows if old is not None and new is not None)

    @cached_property
    def n_stayed(self) -> int:
        """Customers whose number is the same, noise that stayed noise included."""
        return sum(n for old, new, n in self.flows if old is not None and old == new)

    @property
    def n_moved(self) -> int:
        """Customers in both clusterings whose number changed."""
        return self.n_common - self.n_stayed

    @cached_property
    def n_arrived(self) -> int:
        """Customers that only the present clustering has."""
        return sum(n for old, _, n in self.flows if old is None)

    @cached_property
    def n_departed(self) -> int:
        """Customers that only the former clustering had."""
        return sum(n for _, new, n in self.flows if new is None)

    @property
    def reused(self) -> tuple[int, ...]:
        """Numbers that stand for other customers now: a name given to one would be misplaced.

        It can happen to a part of a split by hand when the segment it was cut from changes much.
        """
        return tuple(
            own.segment
            for own in self.changes
            if own.status == "new" and own.n_before and own.n_customers
        )

    def __repr__(self) -> str:
        """Give what it says, and how many customers it is about."""
        return f"<Migration of {customers(self.n_common)}: {self.sentence}>"

    @cached_property
    def sentence(self) -> str:
        """All of it in one sentence."""
        told = _sentence(self)
        return f"{self.cause}: {told[0].lower()}{told[1:]}" if self.cause else told

    def to_frame(self) -> pd.DataFrame:
        """Give one row a segment: status, from, to and the counts.

        Returns
        -------
        pandas.DataFrame of shape (n_segments, 8)
            Indexed by ``segment``; ``from`` and ``to`` are text such as ``0, 3``.
        """
        rows = [own.to_dict() for own in self.changes]
        for row in rows:
            row |= {key: ", ".join(map(str, row[key])) for key in ("from", "to")}
        index = pd.Index([row["segment"] for row in rows], name="segment", dtype="int64")
        return pd.DataFrame(rows, columns=list(_COLUMNS), index=index)

    def cross_table(self) -> pd.DataFrame:
        """Give the customers in each former (row) and present (column) segment.

        ``noise`` and ``absent`` are rows and columns of their own where there are any.
        """
        before = sorted({old for old, _, _ in self.flows}, key=_place)
        now = sorted({new for _, new, _ in self.flows}, key=_place)
        counts = np.zeros((len(before), len(now)), dtype=np.int64)
        for old, new, n in self.flows:
            counts[before.index(old), now.index(new)] = n
        return pd.DataFrame(
            counts,
            index=pd.Index([_title(own) for own in before], name="before", dtype=object),
            columns=pd.Index([_title(own) for own in now], name="now", dtype=object),
        )

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-ready values."""
        return {
            "sentence": self.sentence,
            "n_common": self.n_common,
            "n_stayed": self.n_stayed,
            "n_moved": self.n_moved,
            "n_arrived": self.n_arrived,
            "n_departed": self.n_departed,
            "segments": [own.to_dict() for own in self.changes],
            "flows": [{"from": old, "to": new, "n_customers": n} for old, new, n in self.flows],
        }


def _sentence(told: Migration) -> str:
    said = [(numbers, verb) for numbers, verb in _clauses(told.changes) if numbers]
    texts = [f"{in_words(numbers)} {verb}" for numbers, verb in said]
    if texts:
        texts[0] = f"{'Segments' if len(said[0][0]) > 1 else 'Segment'} {texts[0]}"
    else:
        texts = ["There is no segment, and there was none"]
    return f"{'; '.join([*texts, *_moves(told)])}."


def _clauses(changes: Iterable[Change]) -> Iterator[tuple[list[int], str]]:
    """Give segments, by number, and what is said of them together."""
    by_number = {own.segment: own for own in changes}
    kept = [
        own
        for own in by_number.values()
        if own.status == "kept" and {*own.sources, *own.targets} <= {own.segment}
    ]
    unknown = [own.segment for own in kept if not own.n_stayed]
    changed = [own.segment for own in kept if own.n_stayed and own.n_moved + own.n_joined]
    same = [own.segment for own in kept if own.segment not in (*unknown, *changed)]
    yield same, "are as they were" if len(same) > 1 else "is as it was"
    yield changed, f"{'stay' if len(changed) > 1 else 'stays'} with some customers changed"
    yield unknown, f"{'are' if len(unknown) > 1 else 'is'} found again"
    yield from _links(by_number)
    for status in ("new", "gone"):
        found = [own.segment for own in by_number.values() if own.status == status]
        alone = [own for own in found if not _partners(by_number[own])]
        yield alone, f"{'are' if len(alone) > 1 else 'is'} {status}"


def _links(by_number: dict[int, Change]) -> Iterator[tuple[list[int], str]]:
    """Say what was split and merged, and what goes by another number."""
    for own in by_number.values():
        if len(own.targets) > 1:
            yield [own.segment], f"split into {in_words(own.targets)}"
    for own in by_number.values():
        if len(own.sources) > 1:
            whole = [old for old in own.sources if len(by_number[old].targets) < 2]
            yield whole or list(own.sources), f"merged into {own.segment}"
    for own in by_number.values():
        (only,) = own.sources if len(own.sources) == 1 else (own.segment,)
        if only != own.segment and by_number[only].targets == (own.segment,):
            yield [only], f"is {own.segment} now"


def _partners(own: Change) -> tuple[int, ...]:
    """Segments that tell where a new one came from or where one that is gone went."""
    return own.sources if own.status == "new" else own.targets


def _moves(told: Migration) -> Iterator[str]:
    """Say how many customers moved, came and went."""
    if not told.n_common:
        yield "no customer is known to be in both"
        return
    if told.n_moved:
        yield f"{told.n_moved:,} of {customers(told.n_common)} moved"
    else:
        yield "no customer moved"
    if told.n_arrived:
        yield f"{customers(told.n_arrived)} came in"
    if told.n_departed:
        yield f"{customers(told.n_departed)} left"


def _place(label: int | None) -> tuple[bool, bool, int]:
    """Sort segments before noise before absent."""
    return label is None, label == -1, label or 0


def _title(label: int | None) -> int | str:
    if label is None:
        return "absent"
    return "noise" if label == -1 else label
