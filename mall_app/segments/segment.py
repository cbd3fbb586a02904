"""What each segment is, in the original units of the table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mall_app.data.table import Table
from mall_app.geometry.points import IntArray
from mall_app.labels import members_of
from mall_app.segments.effects import Effect, ShareContrast
from mall_app.segments.naming import Distinction, distinctions, segment_names, sentence
from mall_app.segments.profiles import NumericProfile, category_contrasts, numeric_profiles
from mall_app.segments.rules import Rule
from mall_app.segments.words import split_unit
from mall_app.wording import customers

__all__ = [
    "Distinction",
    "Effect",
    "NumericProfile",
    "Rule",
    "Segment",
    "ShareContrast",
    "describe_segments",
    "split_unit",
]


@dataclass(frozen=True)
class Segment:
    """One group of customers, described.

    Parameters
    ----------
    segment : int
        Its number; of a first fit 0 for the largest.
    name : str
        Short, from what sets it apart most; no other segment of the result has it.
    size : int
        Number of customers.
    share : float from 0 to 1
        Of all customers that were clustered, noise included.
    sentence : str
        What it is, for a person who has not seen the numbers.
    numeric : dict of str to NumericProfile
        For each numeric column of the table, used for clustering or not.
    contrasts : dict of str to dict of str to ShareContrast
        For each categorical column, how common each value is here and among the others.
    note : str
        What a user wrote about it.
    rule : Rule or None
        A few conditions that nearly say who is in it; None when nothing tells it apart, or when it
        was not worked out (`mall_app.segments.explanation`).
    typical : tuple of int
        Positions in the table of customers that stand for it: the medoid, then those nearest to
        the centre.
    doubtful : tuple of int
        Positions of members that are about as near to another segment, the most doubtful first.
    """

    segment: int
    name: str
    size: int
    share: float
    sentence: str
    numeric: dict[str, NumericProfile]
    contrasts: dict[str, dict[str, ShareContrast]]
    note: str = ""
    rule: Rule | None = None
    typical: tuple[int, ...] = ()
    doubtful: tuple[int, ...] = ()

    def __repr__(self) -> str:
        """Give its number, name and size."""
        return f"<Segment {self.segment} {self.name!r}, {customers(self.size)} ({self.share:.1%})>"

    @cached_property
    def categorical(self) -> dict[str, dict[str, float]]:
        """Share of each value of each categorical column."""
        return {
            name: {value: own.share for value, own in values.items()}
            for name, values in self.contrasts.items()
        }

    def to_dict(self) -> dict[str, Any]:
        """Give the segment as JSON-ready values."""
        return {
            "segment": self.segment,
            "name": self.name,
            "size": self.size,
            "share": self.share,
            "sentence": self.sentence,
            "note": self.note,
            "distinctive": [own.to_dict() for own in self.distinctive(self.columns, most=5)],
            "rule": self.rule.to_dict() if self.rule else None,
            "typical": list(self.typical),
            "doubtful": list(self.doubtful),
            "numeric": {name: _plain(own) for name, own in self.numeric.items()},
            "categorical": {name: dict(own) for name, own in self.categorical.items()},
            "contrasts": {
                name: {value: _plain(own) for value, own in values.items()}
                for name, values in self.contrasts.items()
            },
        }

    @property
    def columns(self) -> list[str]:
        """The columns it is described by, quantities first."""
        return [*self.numeric, *self.contrasts]

    def distinctive(self, columns: Sequence[str] | None = None, most: int = 3) -> list[Distinction]:
        """Give what sets the segment apart, the strongest first.

        Quantities and categories come together; a segment that is much like all customers has
        weak ones too, see `Distinction.is_notable`.

        Parameters
        ----------
        columns : sequence of str, optional
            Where to look; every column it is described by, clustered on or not, by default.
        most : int, default 3
            Most to give.
        """
        wanted = self.columns if columns is None else columns
        return distinctions(self.numeric, self.contrasts, wanted)[:most]


def describe_segments(
    table: Table, rows: IntArray, labels: IntArray, features: Sequence[str]
) -> tuple[Segment, ...]:
    """Describe each segment by every numeric and categorical column of the table.

    Parameters
    ----------
    table : Table
        The customers, in original units.
    rows : ndarray of shape (n_used,)
        Positions in the table of the customers that were clustered.
    labels : ndarray of shape (n_used,)
        Their segments, any numbers from 0; -1 for noise.
    features : sequence of str
        The columns clustered on; names and sentences are about these.

    Returns
    -------
    tuple of Segment
        In the order of the labels. Rules and typical customers are added by
        `mall_app.segments.explanation.explain`.
    """
    groups = members_of(labels)
    found, members = list(groups), list(groups.values())
    profiles = numeric_profiles(table, rows, members)
    contrasts = category_contrasts(table, rows, members)
    parts = list(zip(profiles, contrasts, strict=True))
    names = segment_names(parts, features)
    return tuple(
        Segment(
            segment=number,
            name=name,
            size=len(own),
            share=len(own) / len(labels),
            sentence=sentence(*part, features),
            numeric=part[0],
            contrasts=part[1],
        )
        for number, own, part, name in zip(found, members, parts, names, strict=True)
    )


def _plain(own: NumericProfile | ShareContrast) -> dict[str, Any]:
    return {
        name: dict(vars(value)) if isinstance(value, Effect) else value
        for name, value in vars(own).items()
    }
