"""What every clustering algorithm declares, and how a declaration is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from numbers import Real
from typing import Any, ClassVar

import param

from mall_app.assigners import Assigner
from mall_app.checks import check_integer, shown
from mall_app.errors import SettingsError, did_you_mean
from mall_app.geometry.points import FloatArray, IntArray, Metric, Points

CATALOGUE_DIMENSIONS = 10
NOT_CONVERGED = "The algorithm stopped before it converged; raise max_iter or use fewer segments."


@dataclass(frozen=True)
class Grouping:
    """What an algorithm found.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Any integers; -1 is noise. The order is made canonical later.
    notes : tuple of str
        What the user should know about how it went, in sentences.
    assigner : Assigner, optional
        Gives new customers these labels; by default they get that of their nearest neighbour.
    """

    labels: IntArray
    notes: tuple[str, ...] = ()
    assigner: Assigner | None = None


class Algorithm(param.Parameterized):
    """One clustering method: its name, its own parameters, what it can do, how it is run.

    A subclass in a module of this package is all it takes to add a method: widgets, notebook,
    request schema, catalogue and documentation are made from its attributes and parameters.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    citation: ClassVar[str]
    order: ClassVar[int]
    needs_n_clusters: ClassVar[bool] = True
    gives_noise: ClassVar[bool] = False
    soft_membership: ClassVar[bool] = False
    native_predict: ClassVar[bool] = False
    largest_n: ClassVar[int] = 1_000_000
    distances: ClassVar[tuple[str, ...]] = ("euclidean",)
    quick_n: ClassVar[int | None] = None  # rows served in some seconds, where that is less
    condensed_to: ClassVar[str] = "sample"  # or "summary": what suits it where rows are too many
    sample_rows: ClassVar[int] = 50_000
    uses_weights: ClassVar[bool] = False

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`.

        Parameters
        ----------
        points : Points
            At least `n_clusters` distinct rows when the method needs a number; `points.metric` is
            one the method declares in `distances`.
        n_clusters : int
            Wanted number of groups; not read when `needs_n_clusters` is false.
        random_state : int
            Seed of everything random.
        """
        raise TypeError(f"{type(self).__name__} does not say how to cluster.")

    def cluster_weighted(
        self, points: Points, weights: FloatArray, n_clusters: int, random_state: int
    ) -> Grouping:
        """Group small groups of customers; each counts once where `uses_weights` is false.

        Parameters
        ----------
        points : Points
            The middle of each group.
        weights : ndarray of shape (n_groups,)
            Customers in each.
        n_clusters, random_state
            As in `cluster`.
        """
        return self.cluster(points, n_clusters, random_state)

    def is_quick(self, n_rows: int, n_clusters: int) -> bool:
        """Whether a fit takes a few milliseconds and warns of nothing: a thread will do for it."""
        return False

    def row_limit(self, metric: Metric = "euclidean") -> int:
        """Give the largest number of rows these parameters serve on one machine."""
        return self.largest_n

    def is_soon_done(self, n_rows: int, metric: Metric) -> bool:
        """Whether that many rows take some seconds at most, so that no sample need be drawn."""
        limit = self.row_limit(metric)
        return n_rows <= (limit if self.quick_n is None else min(limit, self.quick_n))

    def serves(self, n_rows: int, metric: Metric) -> bool:
        """Whether these parameters serve that many rows with that distance."""
        known = {"euclidean": "euclidean", "cityblock": "gower"}[metric] in self.distances
        return known and n_rows <= self.row_limit(metric)

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory a fit takes on top of the table, in bytes.

        Measured to a factor of 2 or 3; what depends on the data is assumed as the method says.

        Parameters
        ----------
        n_rows : int
            Customers.
        n_dimensions : int
            Coordinates of each; a category has one a value.
        metric : {"euclidean", "cityblock"}
            The distance; some hold more of one than of the other.

        Examples
        --------
        >>> Algorithm().memory_bytes(1_000_000, 10)
        160000000
        """
        return 8 * n_rows * 2 * n_dimensions

    @classmethod
    def own_parameters(cls) -> dict[str, param.Parameter[Any]]:
        """Give the parameters a user may set, by name, in the order they are declared."""
        return dict(_declared_in(cls))

    @classmethod
    def from_params(cls, params: Mapping[str, Any]) -> Algorithm:
        """Build the algorithm from untrusted parameter values.

        Raises
        ------
        SettingsError
            An unknown name, a wrong type or a value out of range.
        """
        own = cls.own_parameters()
        for name in params:
            if name not in own:
                wish = did_you_mean(str(name), own) if own else "it has none."
                raise SettingsError(
                    f"{shown(name)} is not a parameter of {cls.key}: {wish}", ("params", str(name))
                )
        return cls(**{name: _check_value(own[name], value) for name, value in params.items()})

    def params(self) -> dict[str, Any]:
        """Give the value of every own parameter, JSON-ready."""
        return {name: getattr(self, name) for name in self.own_parameters()}

    @classmethod
    def parameter_schema(cls) -> dict[str, Any]:
        """Describe the own parameters as a JSON Schema object."""
        return {
            "type": "object",
            "additionalProperties": False,
            "properties": {n: _schema(p) for n, p in cls.own_parameters().items()},
        }

    @classmethod
    def describe(cls) -> dict[str, Any]:
        """Give the catalogue entry of this algorithm, JSON-ready."""
        return {
            "algorithm": cls.key,
            "title": cls.title,
            "summary": cls.summary,
            "citation": cls.citation,
            "needs_n_clusters": cls.needs_n_clusters,
            "gives_noise": cls.gives_noise,
            "soft_membership": cls.soft_membership,
            "native_predict": cls.native_predict,
            "distances": list(cls.distances),
            "largest_n": cls.largest_n,
            "largest_n_memory_bytes": cls().memory_bytes(cls.largest_n, CATALOGUE_DIMENSIONS),
            "parameters": cls.parameter_schema(),
        }


@cache
def _declared_in(algorithm: type[Algorithm]) -> Mapping[str, param.Parameter[Any]]:
    return {
        name: algorithm.param[name]
        for owner in reversed(algorithm.__mro__)
        for name, value in vars(owner).items()
        if isinstance(value, param.Parameter) and name != "name"
    }


def _schema(parameter: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"description": parameter.doc, "default": parameter.default}
    if isinstance(parameter, param.Boolean):
        return schema | {"type": "boolean"}
    if isinstance(parameter, param.Selector):
        return schema | {"type": "string", "enum": list(parameter.objects)}
    kind = "integer" if isinstance(parameter, param.Integer) else "number"
    schema["type"] = [kind, "null"] if parameter.allow_None else kind
    (low, high), (low_in, high_in) = parameter.bounds, parameter.inclusive_bounds
    schema["minimum" if low_in else "exclusiveMinimum"] = low
    schema["maximum" if high_in else "exclusiveMaximum"] = high
    return schema


def _check_value(parameter: Any, value: Any) -> Any:
    path = ("params", str(parameter.name))
    if isinstance(parameter, param.Boolean):
        if not isinstance(value, bool):
            raise SettingsError(
                f"{parameter.name} must be true or false, not {shown(value)}.", path
            )
        return value
    if isinstance(parameter, param.Selector):
        if not isinstance(value, str) or value not in parameter.objects:
            options = ", ".join(repr(option) for option in parameter.objects)
            raise SettingsError(
                f"{parameter.name} must be one of {options}, not {shown(value)}.", path
            )
        return value
    if value is None and parameter.allow_None:
        return None
    if isinstance(parameter, param.Integer):
        bounds: Any = parameter.bounds
        return check_integer(str(parameter.name), value, bounds, path)
    return _check_number(parameter, value, path)


def _check_number(parameter: Any, value: Any, path: tuple[str, ...]) -> float:
    (low, high), (low_in, high_in) = parameter.bounds, parameter.inclusive_bounds
    if isinstance(value, Real) and not isinstance(value, bool):
        above = value >= low if low_in else value > low
        if above and (value <= high if high_in else value < high):  # never so for nan
            return float(value)
    rule = (
        f"{'at least' if low_in else 'more than'} {low:g} and "
        f"{'at most' if high_in else 'less than'} {high:g}"
    )
    raise SettingsError(f"{parameter.name} must be {rule}, not {shown(value)}.", path)
