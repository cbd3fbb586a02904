"""What a person asks for: every choice that decides the labels, checked once, frozen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from numbers import Real
from types import MappingProxyType
from typing import Any

from mall_app.checks import check_integer, check_option, check_text, shown
from mall_app.edits.form import Edit, check_edits, plain_edits
from mall_app.errors import SettingsError, did_you_mean

SCALINGS = ("none", "standard", "robust", "minmax")
DISTANCES = ("euclidean", "gower")
LARGEST_WEIGHT = 1000.0
LARGEST_NUMBER = 9999
MISSING_POLICIES = ("drop", "median", "most_frequent")
ENGINES = ("auto", "local", "dask")
STRATEGIES = ("auto", "full", "sample", "summary")
_OPTIONS = {
    "scaling": SCALINGS,
    "missing": MISSING_POLICIES,
    "distance": DISTANCES,
    "engine": ENGINES,
    "strategy": STRATEGIES,
}
N_CLUSTERS_BOUNDS = (2, 1000)
RANDOM_STATE_BOUNDS = (0, 2**32 - 1)


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
    distance : {"euclidean", "gower"}, default "euclidean"
        How far apart two customers are. Gower's is the mean over the features of the difference as
        a share of the range, or of whether two categories differ; `scaling` is not used then.
    weights : mapping of str to float, default empty
        What each feature counts for in the distance, more than 0 and at most 1000; 1 if left out.
        One of a column that is not clustered on now is set aside; of no column at all, refused.
    numbering : tuple of int, optional
        Number of each segment in their canonical order, the largest first; None is 0, 1, 2 and
        so on. It is how a segment keeps its number from one fit to the next.
    edits : tuple of mapping, default empty
        What a person changed in the segments, applied in order; see `mall_app.edits.form`.
    engine : {"auto", "local", "dask"}, default "auto"
        Where the rows are worked on: in the memory of one process, or partition by partition on a
        Dask cluster. Auto is dask for a table that is not held in memory.
    strategy : {"auto", "full", "sample", "summary"}, default "auto"
        What the algorithm sees: every row, a sample of them, or small groups of near rows with
        their weights; all rows then get the segments that were found. Auto is full where the
        algorithm is done with that many rows in some seconds.

    References
    ----------
    Gower, J. C. (1971). A general coefficient of similarity and some of its properties. Biometrics
    27(4), 857-871.

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
    distance: str = "euclidean"
    weights: Mapping[str, float] = field(default_factory=dict)
    numbering: tuple[int, ...] | None = None
    edits: tuple[Edit, ...] = ()
    engine: str = "auto"
    strategy: str = "auto"

    def __post_init__(self) -> None:
        """Make everything read-only."""
        for name in ("params", "weights"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        if self.features is not None:
            object.__setattr__(self, "features", tuple(self.features))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields: a mapping proxy cannot be pickled."""
        return _restored, (self.to_dict(),)

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
        values["weights"] = dict(self.weights)
        values["features"] = None if self.features is None else list(self.features)
        values["numbering"] = None if self.numbering is None else list(self.numbering)
        values["edits"] = plain_edits(self.edits)
        return values

    def canonical(self) -> str:
        """Give one text for equal settings, whatever the order they were written in."""
        return json.dumps(self.to_dict(), sort_keys=True)

    def changed(self, **changes: Any) -> Settings:
        """Give a copy with some values replaced."""
        return replace(self, **changes)

    def unedited(self) -> Settings:
        """Give the settings of the clustering itself, without numbers and edits.

        Examples
        --------
        >>> Settings(numbering=(1, 0), n_clusters=2).unedited().numbering is None
        True
        """
        return replace(self, numbering=None, edits=())


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
    for name, options in _OPTIONS.items():
        if name in values:
            check_option(name, values[name], options)
    if values.get("features") is not None:
        values["features"] = _check_features(values["features"])
    if not isinstance(values.get("params", {}), Mapping):
        raise SettingsError(
            f"params must be a mapping of names to values, not {shown(values['params'])}.",
            ("params",),
        )
    if "weights" in values:
        values["weights"] = _check_weights(values["weights"])
    if values.get("numbering") is not None:
        values["numbering"] = _check_numbering(values["numbering"])
    if "edits" in values:
        values["edits"] = check_edits(values["edits"])
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


def _check_weights(weights: Any) -> dict[str, float]:
    if not isinstance(weights, Mapping):
        raise SettingsError(
            f"weights must be a mapping of features to numbers, not {shown(weights)}.", ("weights",)
        )
    return {
        check_text("weights", name): _check_weight(name, weight) for name, weight in weights.items()
    }


def _check_weight(name: str, weight: Any) -> float:
    number = isinstance(weight, Real) and not isinstance(weight, bool)
    if not number or not 0 < weight <= LARGEST_WEIGHT:
        raise SettingsError(
            f"The weight of {shown(name)} must be more than 0 and at most {LARGEST_WEIGHT:g}, "
            f"not {shown(weight)}.",
            ("weights", name),
        )
    return float(weight)


def _check_numbering(numbering: Any) -> tuple[int, ...]:
    if isinstance(numbering, str) or not isinstance(numbering, Iterable):
        raise SettingsError(
            f"numbering must be a list of numbers, not {shown(numbering)}.", ("numbering",)
        )
    numbers = tuple(
        check_integer("numbering", own, (0, LARGEST_NUMBER), ("numbering", position))
        for position, own in enumerate(numbering)
    )
    if len(set(numbers)) < len(numbers):
        raise SettingsError(
            f"numbering must not repeat a number, but is {shown(list(numbers))}.", ("numbering",)
        )
    return numbers


def _restored(values: dict[str, Any]) -> Settings:
    """Give settings that were written by `to_dict`; they were checked when they were made."""
    numbering = None if values["numbering"] is None else tuple(values["numbering"])
    return Settings(**values | {"edits": check_edits(values["edits"]), "numbering": numbering})
