"""What each kind of edit does to the segments."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NoReturn

import numpy as np

from mall_app.edits.form import LARGEST_NUMBER, Edit
from mall_app.edits.splitting import split_points
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray, Metric, count_distinct
from mall_app.wording import customers, in_words


@dataclass
class Segmentation:
    """The segments between two edits, changed in place by each.

    Parameters are those of `mall_app.edits.applying.apply_edits`; what comes of the edits gathers
    in `labels`, `names`, `notes`, `sentences` and `edits`.
    """

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

    def apply(self, edit: Edit, position: int) -> None:
        """Do what one checked edit says.

        Raises
        ------
        SettingsError
            It does not fit the segments as they are; nothing has changed then.
        """
        _ACTIONS[edit["action"]](self, edit, position)
        self._forget_gone()

    def _forget_gone(self) -> None:
        """Drop the names and notes of segments that are no longer there."""
        there = set(self.numbers)
        for texts in (self.names, self.notes):
            for number in set(texts) - there:
                del texts[number]


def _merge(state: Segmentation, edit: Edit, position: int) -> None:
    segments = edit["segments"]
    _check_there(state, "merge", segments, position, "segments")
    kept, joined = segments[0], np.isin(state.labels, segments)
    state.labels[joined] = kept
    state.edits.append(edit)
    state.sentences.append(
        f"Segments {in_words(segments)} were merged into {kept}, of {customers(joined.sum())}."
    )


def _split(state: Segmentation, edit: Edit, position: int) -> None:
    segment, into = edit["segment"], edit["into"]
    _check_there(state, "split", (segment,), position, "segment")
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


def _numbers_of_parts(state: Segmentation, edit: Edit, position: int) -> tuple[int, ...]:
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


def _pin(state: Segmentation, edit: Edit, position: int) -> None:
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
    state.sentences.append(_pinned(segment, len(wanted), already))


def _pinned(segment: int, count: int, already: int) -> str:
    if already == count:
        return f"Segment {segment} keeps {customers(count)} a person pinned in it."
    were = "was" if already == 1 else "were"
    here = f", of whom {already:,} {were} in it already" if already else ""
    return f"Segment {segment} holds {customers(count)} a person put there{here}."


def _rename(state: Segmentation, edit: Edit, position: int) -> None:
    segment = edit["segment"]
    _check_there(state, "rename", (segment,), position, "segment")
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


_ACTIONS: Mapping[str, Callable[[Segmentation, Edit, int], None]] = MappingProxyType(
    {"merge": _merge, "split": _split, "pin": _pin, "rename": _rename}
)


def _check_there(
    state: Segmentation, action: str, segments: tuple[int, ...], position: int, key: str
) -> None:
    there = state.numbers
    for number in segments:
        if number not in there:
            told = f"There is no segment {number} to {action}; {there_are(there)}."
            raise SettingsError(told, ("edits", position, key))


def there_are(segments: Sequence[int]) -> str:
    """Say which segments there are, for the end of a sentence.

    Examples
    --------
    >>> there_are([0, 1, 4]), there_are([3]), there_are([])
    ('there are 0, 1 and 4', 'there is 3', 'there is none at all')
    """
    if not segments:
        return "there is none at all"
    return f"there {'are' if len(segments) > 1 else 'is'} {in_words(segments)}"


def _refuse(position: int, key: str, rule: str) -> NoReturn:
    raise SettingsError(f"edits[{position}].{key} {rule}.", ("edits", position, key))
