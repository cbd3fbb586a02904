"""Applying edits to the segments an algorithm found."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mall_app.edits.actions import Segmentation
from mall_app.edits.form import Edit
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray, Metric


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
        From `mall_app.edits.form.check_edits`.
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
    >>> from mall_app.edits.form import check_edits
    >>> edits = check_edits([{"action": "merge", "segments": [0, 2]}])
    >>> values = np.array([[0.0], [1.0], [9.0]])
    >>> edited = apply_edits(values, "euclidean", np.array([0, 2, 1]), np.arange(3), edits, 0)
    >>> edited.labels.tolist(), edited.sentences
    ([0, 0, 1], ('Segments 0 and 2 were merged into 0, of 2 customers.',))
    """
    state = _begun(values, metric, labels, rows, random_state, n_rows)
    for position, edit in enumerate(edits):
        state.apply(edit, position)
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
    >>> from mall_app.edits.form import check_edits
    >>> edits = check_edits([{"action": "rename", "segment": 7, "name": "VIP"}])
    >>> usable_edits(np.zeros((1, 1)), "euclidean", np.array([0]), np.array([0]), edits, 0)
    ((), ('There is no segment 7 to rename; there is 0.',))
    """
    state = _begun(values, metric, labels, rows, random_state, n_rows)
    reasons = []
    for position, edit in enumerate(edits):
        try:
            state.apply(edit, position)
        except SettingsError as error:
            reasons.append(error.detail)
    return tuple(state.edits), tuple(reasons)


def _begun(
    values: FloatArray,
    metric: Metric,
    labels: IntArray,
    rows: IntArray,
    random_state: int,
    n_rows: int | None,
) -> Segmentation:
    last = int(rows.max(initial=-1)) + 1 if n_rows is None else n_rows
    own = np.array(labels, dtype=np.int64)
    return Segmentation(values, metric, own, rows, last, random_state)


def numbers_in_edits(edits: Iterable[Edit]) -> set[int]:
    """Give every segment number that checked edits speak of.

    Examples
    --------
    >>> from mall_app.edits.form import check_edits
    >>> sorted(numbers_in_edits(check_edits([{"action": "merge", "segments": [0, 3]}])))
    [0, 3]
    """
    found: set[int] = set()
    for edit in edits:
        found.update(edit.get("segments", ()), edit.get("numbers", ()))
        found.update({edit["segment"]} if "segment" in edit else ())
    return found


def move_pins(edits: Iterable[Edit], positions: Sequence[int]) -> tuple[tuple[Edit, ...], int]:
    """Carry edits over to another table, where the customers stand in other rows.

    Parameters
    ----------
    edits : iterable of mapping
        Checked.
    positions : sequence of int, one for each row of the former table
        Row of the same customer in the new one, negative where it has none.

    Returns
    -------
    edits : tuple of mapping
        A pin none of whose customers is left is left out.
    n_lost : int
        Number of pinned rows that are not in the new table.

    Examples
    --------
    >>> from mall_app.edits.form import check_edits, plain_edits
    >>> pin = {"action": "pin", "segment": 2, "rows": [0, 1]}
    >>> moved, lost = move_pins(check_edits([pin]), [7, -1])
    >>> plain_edits(moved), lost
    ([{'action': 'pin', 'segment': 2, 'rows': [7]}], 1)
    """
    kept: list[Edit] = []
    n_lost = 0
    for edit in edits:
        if edit["action"] != "pin":
            kept.append(edit)
            continue
        rows = [int(positions[row]) for row in edit["rows"] if row < len(positions)]
        here = tuple(sorted(row for row in rows if row >= 0))
        n_lost += len(edit["rows"]) - len(here)
        kept += [MappingProxyType({**edit, "rows": here})] if here else []
    return tuple(kept), n_lost
