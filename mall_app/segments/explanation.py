"""What is worked out about segments beyond their numbers: rules, members, contributions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray, Points
from mall_app.memory import give_back
from mall_app.segments.contributions import contributions, one_hot_warning
from mall_app.segments.members import Doubt, Members, find_members
from mall_app.segments.rules import Rule, find_rules
from mall_app.segments.segment import Segment, describe_segments


@dataclass(frozen=True, eq=False)
class Explanation:
    """Segments that say what they are.

    Parameters
    ----------
    segments : tuple of Segment
        Described, each with its rule, typical and doubtful customers.
    doubt : Doubt
        Of every customer that was clustered.
    contributions : mapping of str to float
        Share of each feature in the separation of the segments; they sum to 1. Empty when nothing
        is apart.
    warnings : tuple of str
        What the user should know about them, in sentences.
    """

    segments: tuple[Segment, ...]
    doubt: Doubt
    contributions: Mapping[str, float]
    warnings: tuple[str, ...]


def explain(
    table: Table,
    rows: IntArray,
    labels: IntArray,
    points: Points,
    features: Sequence[str],
    random_state: int = 0,
) -> Explanation:
    """Describe segments, and work out everything that explains them.

    Parameters
    ----------
    table : Table
        The customers, in original units.
    rows : ndarray of shape (n_used,)
        Positions in the table of the customers that were clustered.
    labels : ndarray of shape (n_used,)
        Their segments, any numbers from 0; -1 for noise.
    points : Points
        Where they lie, and how far apart they are.
    features : sequence of str
        The columns clustered on; names, sentences and rules are about these.
    random_state : int, default 0
        Seed of the sample that rules are sought on in a large table.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20.0, 21.0, 60.0, 61.0, 65.0]}))
    >>> labels = np.array([1, 1, 0, 0, 0])
    >>> found = explain(table, np.arange(5), labels, Points(table.numbers), ["Age"])
    >>> own = found.segments[0]
    >>> own.name, own.rule.text, own.typical, own.doubtful
    ('High Age', 'Age > 40', (3, 2, 4), ())
    """
    found = describe_segments(table, rows, labels, features)
    return grounds_of(table, rows, labels, points, features, random_state).explaining(found)


@dataclass(frozen=True, eq=False)
class Grounds:
    """What explains segments that need not be described yet.

    Parameters
    ----------
    rows : ndarray of shape (n_used,)
        Positions in the table of the customers that were clustered.
    points : Points
        Where they lie.
    rules : dict of int to Rule
        By segment.
    members : Members
        Typical and doubtful ones.
    contributions : mapping of str to float
        Share of each feature in the separation.
    """

    rows: IntArray
    points: Points
    rules: dict[int, Rule]
    members: Members
    contributions: Mapping[str, float]

    def explaining(self, found: Sequence[Segment]) -> Explanation:
        """Add it to segments.

        Parameters
        ----------
        found : sequence of Segment
            Of these customers, or of more that they are a sample of: one may have no customer here.
        """
        rows, members, nobody = self.rows, self.members, self.rows[:0]
        explained = tuple(
            replace(
                own,
                rule=self.rules.get(own.segment),
                typical=tuple(rows[members.typical.get(own.segment, nobody)].tolist()),
                doubtful=tuple(rows[members.doubtful.get(own.segment, nobody)].tolist()),
            )
            for own in found
        )
        shares = self.contributions
        return Explanation(explained, members.doubt, shares, warnings_about(self.points, shares))


def grounds_of(
    table: Table,
    rows: IntArray,
    labels: IntArray,
    points: Points,
    features: Sequence[str],
    random_state: int = 0,
) -> Grounds:
    """Work out what explains segments, all but their description; see `explain`."""
    rules = find_rules(table, rows, labels, features, random_state)
    shares = contributions(points, labels)
    give_back(len(rows))
    members = find_members(points, labels)
    give_back(len(rows))
    return Grounds(rows, points, rules, members, shares)


def warnings_about(points: Points, shares: Mapping[str, float]) -> tuple[str, ...]:
    """Say what should be known about a separation that comes from these features."""
    warning = one_hot_warning(points, shares)
    return (warning,) if warning else ()
