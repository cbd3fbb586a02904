"""What a person asks for: every choice that decides the labels, checked once, frozen."""

from __future__ import annotations

import json
import math
import operator
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from types import MappingProxyType
from typing import Any

from mall_app.errors import SettingsError, did_you_mean

SCALINGS = ("none", "standard", "robust", "minmax")
MISSING_POLICIES = ("drop", "median", "most_frequent")
N_CLUSTERS_BOUNDS = (2, 1000)
RANDOM_STATE_BOUNDS = (0, 2**32 - 1)
_MOST_BITS_WRITTEN = 10_000  # Python refuses to write much longer integers


@dataclass(frozen=True)
class Settings:
    """The choices behind one clustering; equal settings on equal data give equal labels.

    Parameters
    ----------
    algorithm : str, default "kmeans"
        Key of a declared algorithm.
    n_clusters : int from 2 to 1000, default 5
        Number of segments; None when the algorithm finds the number itself.
    features : tuple of str, optional
        Columns to cluster on; None means every numeric column of the table.
    scaling : {"none", "standard", "robust", "minmax"}, default "standard"
        How numeric features are made comparable.
    missing : {"drop", "median", "most_frequent"}, default "drop"
        What happens to a customer with a missing feature: left out, or filled with the median
        (categories: the most frequent value), or filled with the most frequent value.
    random_state : int from 0 to 2**32 - 1, default 0
        Seed of everything random.
    params : mapping, default empty
        The algorithm's own parameters; what is left out takes its declared default.

    Examples
    --------
    >>> Settings(n_clusters=4).n_clusters
    4
    """

    algorithm: str = "kmeans"
    n_clusters: int | None = 5
    features: tuple[str, ...] | None = None
    scaling: str = "standard"
    missing: str = "drop"
    random_state: int = 0
    params: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Make everything read-only."""
        object.__setattr__(self, "params", MappingProxyType(dict(self.params)))
        if self.features is not None:
            object.__setattr__(self, "features", tuple(self.features))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields: a mapping proxy cannot be pickled."""
        values = tuple(getattr(self, entry.name) for entry in fields(self))
        return type(self), (*values[:-1], dict(self.params))

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Settings:
        """Build settings from untrusted values, refusing what breaks a rule.

        Raises
        ------
        SettingsError
            An unknown name, a wrong type or a value out of range; its `path` says where.

        Examples
        --------
        >>> Settings.from_mapping({"algorithm": "kmeans", "n_clusters": 1})
        Traceback (most recent call last):
        ...
        mall_app.errors.SettingsError: n_clusters must be an integer from 2 to 1000, not 1.
        """
        names = [entry.name for entry in fields(cls)]
        for name in mapping:
            if name not in names:
                raise SettingsError(
                    f"{shown(name)} is not a setting: {did_you_mean(str(name), names)}",
                    (str(name),),
                )
        return cls(**_checked(mapping))

    def to_dict(self) -> dict[str, Any]:
        """Give the settings as plain, JSON-ready values."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        values["params"] = dict(self.params)
        values["features"] = None if self.features is None else list(self.features)
        return values

    def canonical(self) -> str:
        """Give one text for equal settings, whatever the order they were written in."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def changed(self, **changes: Any) -> Settings:
        """Give a copy with some values replaced."""
        return replace(self, **changes)


def _checked(mapping: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(mapping)
    if "algorithm" in values:
        check_text("algorithm", values["algorithm"])
    if values.get("n_clusters") is not None:
        values["n_clusters"] = check_integer("n_clusters", values["n_clusters"], N_CLUSTERS_BOUNDS)
    if "random_state" in values:
        values["random_state"] = check_integer(
            "random_state", values["random_state"], RANDOM_STATE_BOUNDS
        )
    for name, options in (("scaling", SCALINGS), ("missing", MISSING_POLICIES)):
        if name in values:
            check_option(name, values[name], options)
    if values.get("features") is not None:
        values["features"] = _check_features(values["features"])
    if not isinstance(values.get("params", {}), Mapping):
        raise SettingsError(
            f"params must be a mapping of names to values, not {shown(values['params'])}.",
            ("params",),
        )
    return values


def _check_features(features: Any) -> tuple[str, ...]:
    if isinstance(features, str) or not isinstance(features, Iterable):
        raise SettingsError(
            f"features must be a list of column names, not {shown(features)}.", ("features",)
        )
    names = list(features)
    if not names:
        raise SettingsError("features must name at least one column, not [].", ("features",))
    for position, name in enumerate(names):
        check_text("features", name, ("features", position))
        if name in names[:position]:
            raise SettingsError(
                f"features must not repeat a column, but {shown(name)} stands twice.",
                ("features", position),
            )
    return tuple(map(str, names))


def check_text(name: str, value: Any, path: tuple[str | int, ...] | None = None) -> str:
    """Give `value` back if it is text.

    Raises
    ------
    SettingsError
        It is not.
    """
    if not isinstance(value, str):
        raise SettingsError(f"{name} must be text, not {shown(value)}.", path or (name,))
    return value


def check_option(name: str, value: Any, options: Iterable[str]) -> str:
    """Give `value` back if it is one of `options`.

    Raises
    ------
    SettingsError
        It is not; the sentence offers the nearest option.
    """
    check_text(name, value)
    if value not in options:
        raise SettingsError(
            f"{name} {shown(value)} is not known: {did_you_mean(value, options)}", (name,)
        )
    return str(value)


def check_integer(
    name: str, value: Any, bounds: tuple[int, int], path: tuple[str | int, ...] | None = None
) -> int:
    """Give `value` as an int if it is a whole number within `bounds`, both ends included.

    Raises
    ------
    SettingsError
        It is a bool, not whole, or out of bounds.
    """
    low, high = bounds
    whole = not isinstance(value, bool) and _is_whole(value)
    if not whole or not low <= value <= high:
        raise SettingsError(
            f"{name} must be an integer from {low} to {high}, not {shown(value)}.", path or (name,)
        )
    return int(value)


def _is_whole(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value) and value.is_integer()
    try:
        operator.index(value)
    except TypeError:
        return False
    return True


def shown(value: Any, width: int = 80) -> str:
    """Write a value the way an error sentence shows it, cut to `width` characters.

    Examples
    --------
    >>> shown("5"), shown(True), shown(None)
    ("'5'", 'true', 'null')
    """
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, int) and value.bit_length() > _MOST_BITS_WRITTEN:
        return f"an integer of {value.bit_length()} bits"
    text = repr(value)
    return text if len(text) <= width else f"{text[:width]}..."
