"""How the segments of one fit follow from those of the fit before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from mall_app.data.table import Table
from mall_app.edits.applying import move_pins, numbers_in_edits, usable_edits
from mall_app.edits.form import Edit
from mall_app.features import build_features
from mall_app.identity.changes import Change, Migration
from mall_app.identity.matching import Matching, match
from mall_app.identity.pairing import Labelling, Pairing
from mall_app.labels import numbered
from mall_app.outcome import RESHAPING, revise
from mall_app.result import ClusteringResult

QUICK_ROWS = 2_000
SAME_NAME_FROM = 0.85


@dataclass(frozen=True, eq=False)
class Lineage:
    """A clustering as the algorithm gave it, and as it was numbered and edited.

    Parameters
    ----------
    table : Table
        The customers.
    base : ClusteringResult
        As it was found: canonical numbers, no edits.
    result : ClusteringResult
        With its numbers and edits.
    migration : Migration or None
        What became of the segments before; None for a first fit.
    """

    table: Table
    base: ClusteringResult
    result: ClusteringResult
    migration: Migration | None = None


@dataclass(frozen=True, eq=False)
class Revision:
    """The numbers and edits that a new base is to get.

    Parameters
    ----------
    table : Table
        The customers.
    base : ClusteringResult
        As it was found.
    numbering : tuple of int, optional
        Number of each of its segments.
    edits : tuple of mapping
        What is to be changed then.
    dropped : tuple of str
        A sentence for each edit that could not come along to another table.
    matching : Matching, optional
        Which of its segments is which of those before; None for a first fit.
    """

    table: Table
    base: ClusteringResult
    numbering: tuple[int, ...] | None
    edits: tuple[Edit, ...]
    dropped: tuple[str, ...] = ()
    matching: Matching | None = None

    @property
    def is_quick(self) -> bool:
        """Whether it takes milliseconds: small, or nothing has to be scored again."""
        reshaped = any(edit["action"] in RESHAPING for edit in self.edits)
        return not reshaped or len(self.base.rows) <= QUICK_ROWS

    def result(self) -> ClusteringResult:
        """Give the base its numbers and edits; see `mall_app.outcome.revise`.

        Raises
        ------
        SettingsError
            An edit names a segment that is no longer there.
        """
        return revise(self.table, self.base, self.numbering, self.edits)


def plan_revision(
    before: Lineage | None,
    table: Table,
    base: ClusteringResult,
    edits: tuple[Edit, ...],
    numbering: tuple[int, ...] | None = None,
) -> Revision:
    """Find the number of each new segment, and the edits that apply.

    Parameters
    ----------
    before : Lineage or None
        The fit before; None keeps `numbering` as it is.
    table, base
        The new fit.
    edits : tuple of mapping
        As they stand. To another table those that fit come along, and pinned customers are looked
        up in it.
    numbering : tuple of int, optional
        Numbers a person insists on.
    """
    if before is None:
        return Revision(table, base, numbering, edits)
    former = _labelling(before.table, before.base, before.result.settings.numbering)
    matching = match(former, _labelling(table, base), numbers_in_edits(edits))
    dropped: tuple[str, ...] = ()
    if table is not before.table:
        edits, dropped = _carried(edits, table, base, matching)
    if numbering is None:
        numbering = matching.numbering
    return Revision(table, base, numbering, edits, dropped, matching)


def follow(before: Lineage | None, revision: Revision, result: ClusteringResult) -> Lineage:
    """Give the lineage that a carried-out revision leads to."""
    table, base = revision.table, revision.base
    result = _with_warnings(result, revision.dropped)
    if before is None or revision.matching is None:
        return Lineage(table, base, result)
    former, present = _labelling(before.table, before.result), _labelling(table, result)
    migration = revision.matching.compare(former, present)
    if migration and before.base is base:
        done, now = before.result.settings.edits, result.settings.edits
        migration = replace(migration, cause=_taken_back(done, now))
    if migration:
        result = _with_warnings(result, _misnamed(result, migration))
    if migration and before.result.settings.features == result.settings.features:
        result = _with_kept_names(before.result, result, migration, before.base is base)
    return Lineage(table, base, result, migration)


def _taken_back(done: tuple[Edit, ...], now: tuple[Edit, ...]) -> str:
    """Say that edits were taken back, where that is all that was done to them."""
    rest = iter(done)
    if len(now) >= len(done) or not all(own in rest for own in now):
        return ""
    fewer = len(done) - len(now)
    if fewer > 1:
        return f"{fewer} edits were taken back"
    return f"{'The last' if done[: len(now)] == now else 'An'} edit was taken back"


def _labelling(
    table: Table, result: ClusteringResult, numbering: tuple[int, ...] | None = None
) -> Labelling:
    labels = numbered(result.labels, numbering)
    return Labelling(table, result.rows, labels, result.settings.features or ())


def _carried(
    edits: tuple[Edit, ...],
    table: Table,
    base: ClusteringResult,
    matching: Matching,
) -> tuple[tuple[Edit, ...], tuple[str, ...]]:
    """Give the edits that another table can take, and a sentence for each of the others."""
    if not edits:
        return (), ()
    if matching.by == "nothing":
        return (), ("No edit came along: nothing shows which segment of the new table is which.",)
    moved, n_lost = move_pins(edits, _positions(matching.pairing, base))
    encoding = base.population.encoding if base.population else None
    features = build_features(table, base.settings, encoding)
    usable, reasons = usable_edits(
        features.values,
        features.points.metric,
        numbered(base.labels, matching.numbering),
        features.rows,
        moved,
        base.settings.random_state,
        n_rows=len(table),
    )
    lost = (f"{n_lost} pinned customers are not among those clustered now.",) if n_lost else ()
    return usable, (*lost, *(f"An edit does not fit the new table: {own}" for own in reasons))


def _positions(pairing: Pairing | None, base: ClusteringResult) -> list[int]:
    """Row of each former customer in the new table, -1 for one that is not clustered there."""
    if pairing is None:
        return []
    clustered = np.isin(pairing.positions, base.rows)
    return list(np.where(clustered, pairing.positions, -1).tolist())


def _with_warnings(result: ClusteringResult, sentences: Iterable[str]) -> ClusteringResult:
    added = tuple(sentences)
    return replace(result, warnings=(*result.warnings, *added)) if added else result


def _misnamed(result: ClusteringResult, migration: Migration) -> Iterator[str]:
    """Warn of a name by hand that has come to stand for other customers."""
    by_hand = {own["segment"]: own["name"] for own in result.settings.edits if "name" in own}
    for number in migration.reused:
        if number in by_hand:
            yield (
                f"Segment {number}, called {by_hand[number]!r} by hand, holds other customers than "
                "before; rename it or undo the edit."
            )


def _with_kept_names(
    former: ClusteringResult, result: ClusteringResult, migration: Migration, only_edited: bool
) -> ClusteringResult:
    """Let a segment that is nearly the same keep its name, so that people can learn it.

    After an edit an end that tells a name from another one still comes and goes as it is needed.
    """
    by_hand = {own["segment"] for own in result.settings.edits if "name" in own}
    names = {own.segment: own.name for own in former.profiles}
    kept = {
        own.segment: names[own.segment]
        for own in migration.changes
        if own.segment in names and own.segment not in by_hand and _is_nearly_the_same(own)
    }
    former_by_hand = {own["segment"] for own in former.settings.edits if "name" in own}
    kept = {number: name for number, name in kept.items() if number not in former_by_hand}
    if only_edited:
        given = {own.segment: own.name for own in result.profiles}
        kept = {n: name for n, name in kept.items() if not _differ_in_the_end(name, given[n])}
    profiles = [replace(own, name=kept.get(own.segment, own.name)) for own in result.profiles]
    if len({own.name for own in profiles}) < len(profiles):
        return result  # two would share a name: those worked out together are told apart
    return replace(result, profiles=tuple(profiles))


def _differ_in_the_end(name: str, other: str) -> bool:
    return name.startswith(other) or other.startswith(name)


def _is_nearly_the_same(change: Change) -> bool:
    union = change.n_stayed + change.n_moved + change.n_joined
    return union > 0 and change.n_stayed >= SAME_NAME_FROM * union
