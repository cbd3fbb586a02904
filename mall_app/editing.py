"""Applying edits to the segments an algorithm found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from mall_app.edits import LARGEST_NUMBER, Edit
from mall_app.errors import SettingsError
from mall_app.points import Metric, count_distinct
from mall_app.splitting import split_points
from mall_app.wording import MOST_LISTED, customers, in_words

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Edited:
    """What the edits came to.

    Parameters
    ----------
    labels : ndarray of shape (n_used,)
        Number of the segment of each customer, -1 for noise; numbers may have gaps. Read-only.
    names : dict of int to str
        The name a person gave, by segment number; for some segments or none.
    notes : dict of int to str
        The note a person gave, likewise.
    sentences : tuple of str
        What each edit did, in order.
    edits : tuple of mapping
        The edits as they were applied: a split has its ``numbers`` written out, so that later
        edits still mean the same segments when a refit finds more of them.
    """

    labels: IntArray
    names: dict[int, str]
    notes: dict[int, str]
    sentences: tuple[str, ...]
    edits: tuple[Edit, ...]


@dataclass
class _State:
    """The segments between two edits."""

    values: FloatArray
    metric: Metric
    labels: IntArray
    rows: IntArray
    n_rows: int
    random_state: int
    names: dict[int, str] = field(default_factory=dict)
    notes: dict[int, str] = field(default_factory=dict)
    sentences: list[str] = field(default_factory=list)
    edits: list[Edit] = field(default_factory=list)

    @property
    def numbers(self) -> list[int]:
        """Numbers of the segments there are."""
        return [int(own) for own in np.unique(self.labels) if own >= 0]

    def forget_gone(self) -> None:
        """Drop the names and notes of segments that are no longer there."""
        there = set(self.numbers)
        for texts in (self.names, self.notes):
            for number in set(texts) - there:
                del texts[number]


def apply_edits(
    values: FloatArray,
    metric: Metric,
    labels: IntArray,
    rows: IntArray,
    edits: Iterable[Edit],
    random_state: int,
    *,
    n_rows: int | None = None,
) -> Edited:
    """Apply edits in order to segments that have their numbers.

    Parameters
    ----------
    values : ndarray of shape (n_used, n_dimensions)
        What was clustered.
    metric : {"euclidean", "cityblock"}
        How far apart two rows are; a split keeps to it.
    labels : ndarray of shape (n_used,)
        Segment numbers, -1 for noise; left as they are.
    rows : ndarray of shape (n_used,)
        Position in the table of each clustered customer.
    edits : iterable of mapping
        From `mall_app.edits.check_edits`.
    random_state : int
        Seed of a split.
    n_rows : int, optional
        Rows of the table, to tell a row that was left out from one that is not there.

    Returns
    -------
    Edited
        The same for the same arguments.

    Raises
    ------
    SettingsError
        An edit names a segment that is not there at its turn, a row that was not clustered, or
        more parts than a segment has distinct customers.

    Examples
    --------
    >>> from mall_app.edits import check_edits
    >>> edits = check_edits([{"action": "merge", "segments": [0, 2]}])
    >>> values = np.array([[0.0], [1.0], [9.0]])
    >>> edited = apply_edits(values, "euclidean", np.array([0, 2, 1]), np.arange(3), edits, 0)
    >>> edited.labels.tolist(), edited.sentences
    ([0, 0, 1], ('Segments 0 and 2 were merged into 0, of 2 customers.',))
    """
    state = _begun(values, metric, labels, rows, random_state, n_rows)
    for position, edit in enumerate(edits):
        _ACTIONS[edit["action"]](state, edit, position)
        state.forget_gone()
    state.labels.setflags(write=False)
    return Edited(
        state.labels, state.names, state.notes, tuple(state.sentences), tuple(state.edits)
    )


def usable_edits(
    values: FloatArray,
    metric: Metric,
    labels: IntArray,
    rows: IntArray,
    edits: Iterable[Edit],
    random_state: int,
    *,
    n_rows: int | None = None,
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Find the edits that still fit, as after a refit that lost a segment.

    Parameters are those of `apply_edits`.

    Returns
    -------
    edits : tuple of mapping
        Those that can be applied one after the other.
    reasons : tuple of str
        A sentence for each of the others.

    Examples
    --------
    >>> from mall_app.edits import check_edits
    >>> edits = check_edits([{"action": "rename", "segment": 7, "name": "VIP"}])
    >>> usable_edits(np.zeros((1, 1)), "euclidean", np.array([0]), np.array([0]), edits, 0)
    ((), ('edits[0].segment must be a segment that is there, 0, not 7.',))
    """
    state = _begun(values, metric, labels, rows, random_state, n_rows)
    reasons = []
    for position, edit in enumerate(edits):
        try:
            _ACTIONS[edit["action"]](state, edit, position)
        except SettingsError as error:
            reasons.append(error.detail)
        state.forget_gone()
    return tuple(state.edits), tuple(reasons)


def _begun(
    values: FloatArray,
    metric: Metric,
    labels: IntArray,
    rows: IntArray,
    random_state: int,
    n_rows: int | None,
) -> _State:
    last = int(rows.max(initial=-1)) + 1 if n_rows is None else n_rows
    return _State(values, metric, np.array(labels, dtype=np.int64), rows, last, random_state)


def _merge(state: _State, edit: Edit, position: int) -> None:
    segments = edit["segments"]
    for number in segments:
        _check_there(state, number, position, "segments")
    kept, joined = segments[0], np.isin(state.labels, segments)
    state.labels[joined] = kept
    state.edits.append(edit)
    state.sentences.append(
        f"Segments {in_words(segments)} were merged into {kept}, of {customers(joined.sum())}."
    )


def _split(state: _State, edit: Edit, position: int) -> None:
    segment, into = edit["segment"], edit["into"]
    _check_there(state, segment, position, "segment")
    members = np.flatnonzero(state.labels == segment)
    distinct = count_distinct(state.values[members])
    if into > distinct:
        _refuse(
            position,
            "into",
            f"must be at most {distinct}, the number of customers in segment {segment} that "
            f"differ in the features, not {into}",
        )
    numbers = _numbers_of_parts(state, edit, position)
    parts = split_points(state.values[members], state.metric, into, state.random_state)
    state.labels[members] = np.array([segment, *numbers])[parts]
    state.edits.append(MappingProxyType({**edit, "numbers": numbers}))
    sizes = np.bincount(parts).tolist()
    pieces = [f"{own} ({size:,})" for own, size in zip((segment, *numbers), sizes, strict=True)]
    state.sentences.append(
        f"Segment {segment} was split into {in_words(pieces)}, of {customers(len(members))}."
    )


def _numbers_of_parts(state: _State, edit: Edit, position: int) -> tuple[int, ...]:
    there = state.numbers
    if "numbers" in edit:
        for number in edit["numbers"]:
            if number in there:
                _refuse(position, "numbers", f"must not be in use, but segment {number} is there")
        return tuple(edit["numbers"])
    first = there[-1] + 1
    numbers = tuple(range(first, first + edit["into"] - 1))
    if numbers[-1] > LARGEST_NUMBER:
        _refuse(
            position,
            "into",
            f"leaves no number for the new parts: the largest in use is {there[-1]} and none may "
            f"be above {LARGEST_NUMBER}; give 'numbers'",
        )
    return numbers


def _pin(state: _State, edit: Edit, position: int) -> None:
    segment, wanted = edit["segment"], np.array(edit["rows"], dtype=np.int64)
    for row in wanted[~np.isin(wanted, state.rows)][:1].tolist():
        if row >= state.n_rows:
            why = f"row {row} is not in the table, whose rows are 0 to {state.n_rows - 1}"
        else:
            why = f"the customer in row {row} was left out for a missing feature"
        _refuse(position, "rows", f"must be customers that were clustered, but {why}")
    chosen = np.isin(state.rows, wanted)
    already = int((state.labels[chosen] == segment).sum())
    state.labels[chosen] = segment
    state.edits.append(edit)
    were = "was" if already == 1 else "were"
    state.sentences.append(
        f"Segment {segment} holds {customers(len(wanted))} a person put there"
        f"{f', of whom {already:,} {were} in it already' if already else ''}."
    )


def _rename(state: _State, edit: Edit, position: int) -> None:
    segment = edit["segment"]
    _check_there(state, segment, position, "segment")
    said = []
    if "name" in edit:
        state.names[segment] = edit["name"]
        said.append(f"is called {edit['name']!r}")
    if edit.get("note"):
        state.notes[segment] = edit["note"]
        said.append("has a note")
    elif "note" in edit:
        state.notes.pop(segment, None)
        said.append("has no note")
    state.edits.append(edit)
    state.sentences.append(f"Segment {segment} {' and '.join(said)}.")


_ACTIONS: Mapping[str, Callable[[_State, Edit, int], None]] = MappingProxyType(
    {"merge": _merge, "split": _split, "pin": _pin, "rename": _rename}
)


def _check_there(state: _State, number: int, position: int, key: str) -> None:
    there = state.numbers
    if number not in there:
        listed = ", ".join(map(str, there[:MOST_LISTED]))
        more = ", ..." if len(there) > MOST_LISTED else ""
        known = f"a segment that is there, {listed}{more}" if there else "there, but no segment is"
        _refuse(position, key, f"must be {known}, not {number}")


def _refuse(position: int, key: str, rule: str) -> NoReturn:
    raise SettingsError(f"edits[{position}].{key} {rule}.", ("edits", position, key))
