"""Matching a new clustering to the one before: its numbers, and what became of each segment."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.identity.changes import Migration
from mall_app.identity.migration import migration
from mall_app.identity.numbers import ABSENT, match_centres, match_labels
from mall_app.identity.pairing import Labelling, Pairing, pair
from mall_app.labels import NOISE, compact_labels, occurring

By = Literal["customers", "centres", "nothing"]


@dataclass(frozen=True, eq=False)
class Matching:
    """Which present segment is which former one.

    Parameters
    ----------
    numbers : dict of int to int
        Number of each label of the present clustering.
    by : {"customers", "centres", "nothing"}
        How they were matched; by nothing, the labels stay as they are.
    pairing : Pairing, optional
        Who is who, when that is known; its `positions` carry pinned rows over.
    previous, current : Labelling
        The clusterings that were matched, the present one with its canonical labels.
    """

    numbers: dict[int, int]
    by: By
    pairing: Pairing | None
    previous: Labelling
    current: Labelling

    @cached_property
    def migration(self) -> Migration | None:
        """What became of each segment, before any edit; None when they were matched by nothing."""
        return self.compare(self.previous, _renumbered(self.current, self.numbers))

    @property
    def numbering(self) -> tuple[int, ...] | None:
        """The numbers in order of the labels, for `Settings.numbering`; None if they are equal."""
        if all(label == number for label, number in self.numbers.items()):
            return None
        return tuple(number for _, number in sorted(self.numbers.items()))

    def compare(self, previous: Labelling, current: Labelling) -> Migration | None:
        """Say what became of each segment.

        Parameters
        ----------
        previous, current : Labelling
            The clusterings that were matched, with their final numbers, edits included.

        Returns
        -------
        Migration or None
            None when they were matched by nothing: their numbers mean different segments.
        """
        if self.by == "nothing":
            return None
        if self.pairing is not None:
            again = self.pairing.relabelled(previous, current)
            return migration(again.previous, again.current)
        before, now = previous.labels, current.labels
        return migration(
            np.concatenate([before, np.full(len(now), ABSENT)]),
            np.concatenate([np.full(len(before), ABSENT), now]),
        )


def match(previous: Labelling, current: Labelling, taken: Collection[int] = ()) -> Matching:
    """Give the segments of a clustering the numbers they had in the one before.

    By the customers in both, if these are at least half of the smaller clustering's; else by the
    centres in the features both have, each scaled by its spread among the former customers, a
    category as the share of each of its values; and if there are none, not at all.

    Parameters
    ----------
    previous : Labelling
        The former clustering, with its numbers, before any edit.
    current : Labelling
        The new one, with canonical labels 0, 1, 2 and so on.
    taken : collection of int
        Numbers a new segment must not get; see `mall_app.edits.form.numbers_in_edits`.

    Returns
    -------
    Matching

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 60, 61]}))
    >>> rows = np.arange(4)
    >>> former = Labelling(table, rows, np.array([4, 4, 7, 7]))
    >>> match(former, Labelling(table, rows, np.array([1, 1, 0, 0]))).numbering
    (7, 4)
    """
    pairing = pair(previous, current)
    names = _shared_features(previous, current)
    by: By = "centres" if names else "nothing"
    labels = occurring(current.labels)[0].tolist()
    if pairing is not None and pairing.enough:
        by, numbers = "customers", match_labels(pairing.previous, pairing.current, taken)
    elif names:
        before, after = _centres(previous, current, names)
        places = match_centres(before, occurring(previous.labels)[0], after, taken=taken)
        numbers = {labels[place]: number for place, number in places.items()}
    else:
        numbers = {own: own for own in labels}
    return Matching(numbers, by, pairing, previous, current)


def _renumbered(current: Labelling, numbers: dict[int, int]) -> Labelling:
    labels = occurring(current.labels)[0].tolist()
    known = np.array([*(numbers.get(own, own) for own in labels), NOISE], dtype=np.int64)
    renumbered = known[compact_labels(current.labels)]
    return Labelling(current.table, current.rows, renumbered, current.features)


def _shared_features(previous: Labelling, current: Labelling) -> list[str]:
    """Names of the columns clustered on in both that are of one kind in both tables."""
    now = set(current.features or current.table.features)
    return [
        name
        for name in previous.features or previous.table.features
        if name in now and previous.table.roles.get(name) == current.table.roles.get(name)
    ]


def _centres(
    previous: Labelling, current: Labelling, names: list[str]
) -> tuple[FloatArray, FloatArray]:
    """Centres of the segments in columns scaled alike; a column without spread says nothing."""
    columns = [_columns(previous.table, current.table, name) for name in names]
    former = pd.DataFrame(np.hstack([own for own, _ in columns])[previous.rows])
    present = pd.DataFrame(np.hstack([own for _, own in columns])[current.rows])
    usual, spread = former.mean(), former.std(ddof=0)
    spread = spread.where(spread > 0)
    return (
        _group_means((former - usual) / spread, previous.labels),
        _group_means((present - usual) / spread, current.labels),
    )


def _columns(former: Table, table: Table, name: str) -> tuple[FloatArray, FloatArray]:
    """Give a feature of both tables as numbers, one column a value if it is a category."""
    if former.roles[name] == "numeric":
        return former.number(name)[:, None], table.number(name)[:, None]
    values = sorted({*former.categories[name].values, *table.categories[name].values})
    return _indicators(former, name, values), _indicators(table, name, values)


def _indicators(table: Table, name: str, values: list[str]) -> FloatArray:
    own = table.categories[name]
    places = np.array([*map(values.index, own.values), -1], dtype=np.int64)
    return np.asarray(places[own.codes][:, None] == np.arange(len(values)), dtype=np.float64)


def _group_means(scaled: pd.DataFrame, labels: IntArray) -> FloatArray:
    """Mean of the known values in each segment; 0, the usual, where none is known."""
    means = scaled[labels >= 0].groupby(labels[labels >= 0]).mean()
    return means.fillna(0.0).to_numpy(dtype=np.float64)
