"""A short rule for each segment: a few conditions on the columns, found by a shallow tree.

One tree a segment, against all other customers (`mall_app.segments.tree`). A rule is the path to
the node that finds its segment best: the highest harmonic mean of precision and recall.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray, rows_of
from mall_app.labels import members_of
from mall_app.segments.tree import Node, Step, grow

BoolArray = npt.NDArray[np.bool_]
DEEPEST = 3
MOST_SEGMENTS = 50
_MOST_ROWS = 5_000
_MOST_WORK = 500_000
_MOST_CANDIDATES = 24
_SMALLEST_NODE = 5


@dataclass(frozen=True)
class Condition:
    """One condition on one column; a customer without a value there does not meet it.

    Parameters
    ----------
    column : str
        A column of the table.
    operator : {">", "<=", "is", "is not"}
        The first two for quantities, the others for categories.
    value : float or str
        In the units of the column; printed in full, so the text means just this number.
    """

    column: str
    operator: Literal[">", "<=", "is", "is not"]
    value: float | str

    @property
    def text(self) -> str:
        """The condition as it is read: ``"Age <= 40"``."""
        value = self.value if isinstance(self.value, str) else _plain(self.value)
        return f"{self.column} {self.operator} {value}"

    def holds(self, table: Table, rows: IntArray) -> BoolArray:
        """Say for each of the rows of a table whether it is met."""
        if self.column in table.numeric:
            numbers = rows_of(table.number(self.column), rows)
            limit = float(self.value)
            return np.asarray(numbers > limit if self.operator == ">" else numbers <= limit)
        category = table.categories[self.column]
        codes, code = rows_of(category.codes, rows), category.values.index(str(self.value))
        if self.operator == "is":
            return np.asarray(codes == code)
        return np.asarray((codes != code) & (codes >= 0))


@dataclass(frozen=True)
class Rule:
    """Conditions which a segment meets and few others do.

    Parameters
    ----------
    conditions : tuple of Condition
        At most three; all must be met.
    precision : float from 0 to 1
        Share of the customers that meet it who are in the segment.
    recall : float from 0 to 1
        Share of the segment that meets it. Both are counted over all customers that were clustered,
        noise among them, with the conditions as they are printed.
    """

    conditions: tuple[Condition, ...]
    precision: float
    recall: float

    @property
    def text(self) -> str:
        """The rule as it is read: ``"Income > 70 and Gender is Female"``."""
        return " and ".join(own.text for own in self.conditions)

    def to_dict(self) -> dict[str, Any]:
        """Give the rule as JSON-ready values."""
        return {
            "text": self.text,
            "precision": self.precision,
            "recall": self.recall,
            "conditions": [dict(vars(own)) for own in self.conditions],
        }

    def holds(self, table: Table, rows: IntArray) -> BoolArray:
        """Say for each of the rows of a table whether it meets all conditions."""
        return np.asarray(
            np.logical_and.reduce([own.holds(table, rows) for own in self.conditions])
        )


def find_rules(
    table: Table,
    rows: IntArray,
    labels: IntArray,
    columns: Sequence[str],
    random_state: int = 0,
) -> dict[int, Rule]:
    """Find a rule for each segment.

    Parameters
    ----------
    table : Table
        The customers, in original units.
    rows, labels : ndarray of shape (n_used,)
        Positions in the table of those that were clustered, and their segments; -1 is noise.
    columns : sequence of str
        What a rule may speak of.
    random_state : int, default 0
        Seed of the sample of 500 to 5 000 rows that trees are grown on when all would take long;
        precision and recall are those over all rows. Of more than 24 quantities and values of
        categories, the 24 that differ most between the segments are tried.

    Returns
    -------
    dict of int to Rule
        By segment; one is missing when nothing tells it apart, or there are more than 50 segments.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 60, 61, 63]}))
    >>> rule = find_rules(table, np.arange(5), np.array([1, 1, 0, 0, 0]), ["Age"])[0]
    >>> rule.text, rule.precision, rule.recall
    ('Age > 40', 1.0, 1.0)
    """
    groups = members_of(labels)
    numbers = np.array(list(groups))
    known = [name for name in columns if name in table.features]
    alone = len(groups) == 1 and (labels >= 0).all()
    if not (known and 0 < len(groups) <= MOST_SEGMENTS) or alone:
        return {}
    names = _names(table, known)
    n_columns = len(numbers) * min(len(names), _MOST_CANDIDATES)
    drawn, weights = _drawn(labels, list(groups.values()), n_columns, random_state)
    values = _values(table, rows[drawn], names)
    targets = labels[drawn] == numbers[:, None]
    if len(names) > _MOST_CANDIDATES:
        promising = _promising(values, targets)
        names, values = [names[own] for own in promising], values[promising]
    smallest = np.clip(targets.sum(axis=1) / 2, 1, _SMALLEST_NODE) * weights.min()
    trees = grow(values, targets, weights, smallest, DEEPEST)
    found = {}
    for number, target, nodes in zip(numbers.tolist(), targets, trees, strict=True):
        steps = _shortest(nodes, values, target, weights)
        if steps:
            steps = sorted(steps, key=lambda own: (own.column, not own.upper))
            conditions = [_condition(table, own, *names[own.column]) for own in steps]
            found[number] = _measured(table, rows, labels == number, conditions)
    return found


def _drawn(
    labels: IntArray, groups: list[IntArray], n_columns: int, random_state: int
) -> tuple[IntArray, FloatArray]:
    """Draw rows of each segment in proportion, 20 at least, and give what each one stands for."""
    most = int(np.clip(_MOST_WORK // n_columns, 500, _MOST_ROWS))
    if len(labels) <= most:
        return np.arange(len(labels)), np.ones(len(labels))
    generator = np.random.default_rng(random_state)
    parts, weights = [], []
    for members in filter(len, [np.flatnonzero(labels < 0), *groups]):
        count = min(len(members), max(20, round(most * len(members) / len(labels))))
        parts.append(generator.choice(members, count, replace=False))
        weights.append(np.full(count, len(members) / count))
    return np.concatenate(parts), np.concatenate(weights)


def _names(table: Table, columns: Sequence[str]) -> list[tuple[str, str | None]]:
    """Give what a condition can be about: a quantity, or a value of a category.

    Of two values one is enough: who has a value and not the one has the other.
    """
    names: list[tuple[str, str | None]] = []
    for name in columns:
        if name in table.categories:
            values = table.categories[name].values
            names += [(name, value) for value in (values[1:] if len(values) == 2 else values)]
        else:
            names.append((name, None))
    return names


def _values(table: Table, rows: IntArray, names: list[tuple[str, str | None]]) -> FloatArray:
    """Give one row for each name: the quantity, or 1 where the value is; nan where missing."""
    values = np.empty((len(names), len(rows)))
    for own, (name, value) in zip(values, names, strict=True):
        if value is None:
            own[:] = table.number(name)[rows]
            continue
        codes = table.categories[name].codes[rows]
        own[:] = codes == table.categories[name].values.index(value)
        own[codes < 0] = np.nan
    return values


@np.errstate(invalid="ignore", divide="ignore", over="ignore")
def _promising(values: FloatArray, targets: BoolArray) -> list[int]:
    """Choose the candidates that differ most from all rows, in mean or in spread, in a segment.

    The first of each segment come first; in the end they stand in their own order.
    """
    known = ~np.isnan(values)
    n_known = known.sum(axis=1, keepdims=True)
    apart = values - np.where(known, values, 0.0).sum(axis=1, keepdims=True) / n_known
    spread = np.sqrt(np.where(known, apart**2, 0.0).sum(axis=1, keepdims=True) / n_known)
    scaled = np.where(known, apart / spread, 0.0)
    scaled[~np.isfinite(scaled).all(axis=1)] = 0.0
    inside = targets.astype(np.float64)
    counts = np.maximum(inside @ known.T, 1.0)
    means = inside @ scaled.T / counts
    spreads = np.sqrt(np.maximum(inside @ (scaled**2).T / counts - means**2, 0.0))
    strength = (np.abs(means) + np.abs(1 - spreads)) * np.sqrt(counts)
    strength[:, ~scaled.any(axis=1)] = 0.0
    rank = (-strength).argsort(axis=1, kind="stable").argsort(axis=1, kind="stable").min(axis=0)
    order = np.lexsort((-strength.max(axis=0), rank))
    return sorted(order[:_MOST_CANDIDATES].tolist())


def _shortest(
    nodes: Sequence[Node],
    values: FloatArray,
    target: BoolArray,
    weights: FloatArray,
) -> list[Step]:
    """Give the steps to the best node, without those that add nothing."""
    if not nodes:
        return []
    scores = [_harmonic(node.rows, target, weights) for node in nodes]
    score = max(scores)
    best = min(
        (node for node, own in zip(nodes, scores, strict=True) if own == score),
        key=lambda node: len(node.path),
    )
    steps = list(best.path)
    for step in best.path:
        fewer = [own for own in steps if own is not step]
        without = _harmonic(_meeting(fewer, values), target, weights) if fewer else 0.0
        if without >= score:
            steps, score = fewer, without
    return steps


def _harmonic(found: BoolArray, target: BoolArray, weights: FloatArray) -> float:
    """Harmonic mean of precision and recall (F1)."""
    hit = float(weights @ (found & target))
    return 2 * hit / float(weights @ found + weights @ target)


def _meeting(steps: Sequence[Step], values: FloatArray) -> BoolArray:
    sides = [
        values[own.column] > _limit(own) if own.upper else values[own.column] <= _limit(own)
        for own in steps
    ]
    return np.asarray(np.logical_and.reduce(sides))


def _limit(step: Step) -> float:
    """Give the number with the fewest digits that splits the rows as the step does."""
    middle = step.below / 2 + step.above / 2
    rounded = (float(f"{middle:.{digits}g}") for digits in range(1, 18))
    return next((own for own in rounded if step.below <= own < step.above), step.below)


def _measured(table: Table, rows: IntArray, target: BoolArray, conditions: list[Condition]) -> Rule:
    """Count over all customers how well the conditions, as they are printed, find the segment."""
    found = Rule(tuple(conditions), 0.0, 0.0).holds(table, rows)
    hit = int((found & target).sum())
    return Rule(tuple(conditions), hit / max(1, int(found.sum())), hit / int(target.sum()))


def _condition(table: Table, step: Step, name: str, value: str | None) -> Condition:
    if value is None:
        return Condition(name, ">" if step.upper else "<=", _limit(step))
    values = table.categories[name].values
    if step.upper or len(values) > 2:
        return Condition(name, "is" if step.upper else "is not", value)
    return Condition(name, "is", next((own for own in values if own != value), value))


def _plain(value: float) -> str:
    """Write a number in full, without an exponent unless it would be very long."""
    if value == 0 or 1e-5 <= abs(value) < 1e16:
        return str(np.format_float_positional(value, trim="-"))
    return repr(value)
