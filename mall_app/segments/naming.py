"""Words for segments: what sets one apart, a short name, a sentence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count as count_from
from typing import Any

from mall_app.segments.effects import Effect, ShareContrast
from mall_app.segments.profiles import NumericProfile
from mall_app.segments.words import amount, how_common, percent, shortened, split_unit, spoken

NOTABLE_DIFFERENCE = 0.4
FAR_DIFFERENCE = 1.0
SLIGHT_EFFECT = 0.2
LEAST_SHARE = 0.2
_NO_SPAN = 1e-9

Numeric = Mapping[str, NumericProfile]
Contrasts = Mapping[str, Mapping[str, ShareContrast]]


@dataclass(frozen=True)
class Distinction:
    """One way in which a segment differs from all customers.

    Parameters
    ----------
    column : str
        A column of the table.
    value : str or None
        Of a category, the value that is more or less common; None for a quantity.
    level : float
        Mean of the quantity in its own units, or share of the value.
    difference : float
        Less that of all customers, in standard deviations of all customers; a value of a category
        counts as a column of ones and zeros. Above 0 is more. By size, this is also the order of
        the differences from the rest in pooled standard deviations.
    effect : Effect or None
        Against the rest of the customers: Hedges' g, or Cohen's h for a category.
    """

    column: str
    value: str | None
    level: float
    difference: float
    effect: Effect | None

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values, `words` among them."""
        effect = dict(vars(self.effect)) if self.effect else None
        return vars(self) | {"effect": effect, "words": self.words}

    @property
    def is_notable(self) -> bool:
        """Whether it is large enough to call the segment by."""
        if self.value is None:
            return abs(self.difference) >= NOTABLE_DIFFERENCE
        return self.difference >= NOTABLE_DIFFERENCE and self.level >= LEAST_SHARE

    @property
    def is_slight(self) -> bool:
        """Whether it is too small to call the segment by, and yet a difference.

        At least a small effect (Cohen 1988: 0.2) with an interval that excludes 0.
        """
        own = self.effect
        if own is None or self.is_notable:
            return False
        return abs(own.value) >= SLIGHT_EFFECT and (own.low > 0 or own.high < 0)

    @property
    def words(self) -> str:
        """A part of a name: ``"high Annual Income"``, ``"mostly Female"``, ``"average Age"``."""
        if self.value is None:
            side = "high" if self.difference > 0 else "low"
            slight = f"slightly {side}" if self.is_slight else "average"
            return f"{side if self.is_notable else slight} {shortened(self.column)}"
        value = spoken(self.column, self.value)
        if self.is_notable:
            return f"{how_common(self.level)} {value}"
        return f"{percent(self.level)} {value}"


def distinctions(
    numeric: Numeric, contrasts: Contrasts, columns: Sequence[str]
) -> list[Distinction]:
    """Give how a segment differs in each of some columns, the strongest first.

    Parameters
    ----------
    numeric : mapping of str to NumericProfile
        Its quantities.
    contrasts : mapping of str to mapping of str to ShareContrast
        Its categories; the value that differs most stands for the column, of two that differ as
        much the one it has more of.
    columns : sequence of str
        Which to look at; those that are constant or unknown are left out.
    """
    found = [_quantity(name, numeric[name]) for name in columns if name in numeric]
    found += [_category(name, contrasts[name]) for name in columns if name in contrasts]
    known = [own for own in found if own is not None]
    return sorted(known, key=lambda own: -abs(own.difference))


def _quantity(name: str, own: NumericProfile) -> Distinction | None:
    if own.standardized_difference is None or own.mean is None:
        return None
    return Distinction(name, None, own.mean, own.standardized_difference, own.effect)


def _category(name: str, values: Mapping[str, ShareContrast]) -> Distinction | None:
    known = [
        Distinction(name, value, own.share, own.standardized_difference, own.effect)
        for value, own in values.items()
        if own.standardized_difference is not None
    ]
    # Two values of one category differ by the same amount, but for rounding.
    return max(
        known, key=lambda own: (round(abs(own.difference), 9), own.difference > 0), default=None
    )


def segment_names(
    segments: Sequence[tuple[Numeric, Contrasts]],
    features: Sequence[str],
    taken: Iterable[str] = (),
) -> list[str]:
    """Give each segment a short name of its own, from what sets it apart most.

    At most two parts; where two segments would share a name further parts are added, then the
    amount in which they differ most, and a number when nothing else tells them apart.

    Parameters
    ----------
    segments : sequence of (numeric, contrasts)
        Profiles, in order.
    features : sequence of str
        The columns names are made from.
    taken : iterable of str
        Names that a person gave to other segments.
    """
    found = [distinctions(*own, features) for own in segments]
    names = [_name(own, segment, features, 2) for own, segment in zip(found, segments, strict=True)]
    names = _told_apart(names, lambda own, _: _name(found[own], segments[own], features, 4))
    short = names
    names = _told_apart(names, lambda own, group: short[own] + _amount_among(own, group, found))
    return _counted(names, taken)


def _told_apart(names: list[str], longer: Callable[[int, list[int]], str]) -> list[str]:
    """Replace each name that is not the only one; `longer` is given its place and the group's."""
    keys = list(map(_key, names))
    groups = {key: [n for n, own in enumerate(keys) if own == key] for key in keys}
    return [
        longer(own, groups[key]) if len(groups[key]) > 1 else names[own]
        for own, key in enumerate(keys)
    ]


def _counted(names: list[str], given: Iterable[str]) -> list[str]:
    """Add numbers, in order, to names that are still not the only one."""
    by_hand = set(map(_key, given))
    taken = {key for key, count in Counter(map(_key, names)).items() if count == 1} | by_hand
    counted = []
    for name in names:
        numbers = (f"{name} ({number})" for number in count_from(1))
        alone = _key(name) in taken - by_hand
        counted.append(name if alone else next(own for own in numbers if _key(own) not in taken))
        taken.add(_key(counted[-1]))
    return counted


def _key(name: str) -> tuple[str, ...]:
    """Give what a reader remembers: the parts, in whatever order."""
    return tuple(sorted(name.casefold().split(", ")))


def _name(
    found: list[Distinction],
    segment: tuple[Numeric, Contrasts],
    features: Sequence[str],
    most: int,
) -> str:
    parts = [own.words for own in found if own.is_notable][:most]
    usual = [own.column for own in found if own.value is None]
    if usual and not parts:
        few = " and ".join(map(shortened, usual))
        parts = [f"average {few if len(usual) <= 2 else 'customers'}"]
    if not parts:
        parts = [
            f"{how_common(own.share)} {spoken(name, value)}"
            for name in features
            for value, own in segment[1].get(name, {}).items()
            if own.share > 0.5
        ][:most]
    text = ", ".join(parts) or "like all customers"
    return text[0].upper() + text[1:]


def _amount_among(own: int, group: list[int], found: list[list[Distinction]]) -> str:
    """Write the quantity in which the segments of a group lie furthest apart."""
    by_column = [{each.column: each for each in found[n] if each.value is None} for n in group]
    spans = {
        name: max(each[name].difference for each in by_column)
        - min(each[name].difference for each in by_column)
        for name in by_column[0]
        if all(name in each for each in by_column)
    }
    widest = max(spans, key=spans.__getitem__, default="")
    if spans.get(widest, 0.0) < _NO_SPAN:
        return ""
    level = by_column[group.index(own)][widest].level
    return f" ({shortened(widest)} {amount(level, split_unit(widest)[1])})"


def sentence(numeric: Numeric, contrasts: Contrasts, features: Sequence[str]) -> str:
    """Say what a segment is, for a person who has not seen the numbers."""
    found = distinctions(numeric, contrasts, features)
    parts = [
        f"{split_unit(own.column)[0]} is {_compared(own)} "
        f"({amount(own.level, split_unit(own.column)[1])})"
        for own in found
        if own.value is None
    ][:3]
    shares = [_share_in_words(name, contrasts[name]) for name in features if name in contrasts]
    parts += [text for text, is_worth_it in shares if is_worth_it or not parts][:3]
    return f"{', '.join(parts) or 'It has no number to describe it by'}."


def _share_in_words(column: str, values: Mapping[str, ShareContrast]) -> tuple[str, bool]:
    """Write the share that tells most, and whether it is most of them or out of the ordinary."""
    found = _category(column, values)
    told = bool(found and found.is_notable)
    value = found.value if found and told else max(values, key=lambda own: values[own].share)
    own = values[str(value)]
    text = f"{percent(own.share)} are {spoken(column, str(value))}"
    if told and own.rest_share is not None:
        text += f" ({percent(own.rest_share)} of the others)"
    return text, told or own.share >= 0.5


def _compared(own: Distinction) -> str:
    side = "above" if own.difference > 0 else "below"
    if own.is_notable:
        return f"{'far ' if abs(own.difference) >= FAR_DIFFERENCE else ''}{side} average"
    return f"slightly {side} average" if own.is_slight else "about average"
