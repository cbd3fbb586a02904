"""What is asked: which numbers of segments, how often to try, how small a segment may be."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from numbers import Real
from typing import Any

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.checks import check_integer, shown
from mall_app.data.table import Table, listed
from mall_app.errors import SettingsError
from mall_app.features import FeatureMatrix, build_features
from mall_app.fit import resolve
from mall_app.settings import N_CLUSTERS_BOUNDS, Settings

MOST_KS = 50
DEFAULT_KS = range(2, 11)
DEFAULT_BOOTSTRAPS = 100
BOOTSTRAP_BOUNDS = (0, 1000)
REFERENCE_BOUNDS = (5, 500)
QUICK_REFERENCES, SLOW_REFERENCES = 50, 20


@dataclass(frozen=True)
class Question:
    """A checked request for evidence.

    Parameters
    ----------
    settings : Settings
        Resolved, without numbers and edits of segments: they are about one k only.
    ks : tuple of int
        Numbers of segments, rising.
    n_bootstraps : int
        For the stability of each k; 0 leaves it out.
    n_references : int
        For the gap statistic.
    minimum_size : int, float or None
        Customers (from 1), or share of them (below 1), that every segment must have.
    """

    settings: Settings
    ks: tuple[int, ...]
    n_bootstraps: int
    n_references: int
    minimum_size: float | None

    @property
    def key(self) -> tuple[str | int | float | tuple[int, ...] | None, ...]:
        """What equal questions have in common, and no others."""
        wanted = (self.ks, self.n_bootstraps, self.n_references, self.minimum_size)
        return (self.settings.canonical(), *wanted)

    def at(self, k: int) -> Settings:
        """Give the settings for one number of segments."""
        return self.settings.changed(n_clusters=k)


def ask(
    table: Table,
    settings: Settings,
    ks: Iterable[int] | None = None,
    n_bootstraps: int = DEFAULT_BOOTSTRAPS,
    n_references: int | None = None,
    minimum_size: float | None = None,
) -> tuple[Question, FeatureMatrix]:
    """Check a request for evidence, and build what it is about.

    Raises
    ------
    SettingsError
        A value breaks a rule; the algorithm finds the number of segments itself.
    DataError
        The table cannot be clustered.
    """
    own = algorithms().get(settings.algorithm)
    if own is not None and not own.needs_n_clusters:
        raise SettingsError(
            f"{own.key} finds the number of segments itself; there is no number to choose. "
            "Compare it with other algorithms instead.",
            ("algorithm",),
        )
    wanted = None if ks is None else check_ks(ks)
    check_integer("n_bootstraps", n_bootstraps, BOOTSTRAP_BOUNDS)
    if n_references is not None:
        check_integer("n_references", n_references, REFERENCE_BOUNDS)
    check_minimum_size(minimum_size)
    settings = resolve(table, settings.unedited().changed(n_clusters=2))
    if table.whole is None:  # many small fits, for which a cluster only takes longer
        settings = settings.changed(engine="local")
    features = build_features(table, settings)
    wanted = _fitting(wanted, features)
    algorithm = build_algorithm(settings.algorithm, settings.params)
    quick = algorithm.is_quick(min(len(features.values), 200), max(wanted))
    references = n_references or (QUICK_REFERENCES if quick else SLOW_REFERENCES)
    return Question(settings, wanted, int(n_bootstraps), int(references), minimum_size), features


def check_ks(ks: Any) -> tuple[int, ...]:
    """Give numbers of segments rising and once each.

    Raises
    ------
    SettingsError
        They are no list of 1 to 50 whole numbers from 2 to 1000.

    Examples
    --------
    >>> check_ks([4, 2, 4])
    (2, 4)
    """
    if isinstance(ks, str) or not isinstance(ks, Iterable):
        raise SettingsError(f"ks must be a list of whole numbers, not {shown(ks)}.", ("ks",))
    found = set()
    for k in ks:
        found.add(check_integer("ks", k, N_CLUSTERS_BOUNDS, ("ks",)))
        if len(found) > MOST_KS:
            raise SettingsError(f"ks must name at most {MOST_KS} numbers of segments.", ("ks",))
    if not found:
        raise SettingsError("ks must name at least one number of segments, not [].", ("ks",))
    return tuple(sorted(found))


def check_range(k_min: Any, k_max: Any) -> range | None:
    """Give the numbers of segments from one to another, both included.

    Parameters
    ----------
    k_min, k_max : int or None
        None is 2, and `k_min` + 8; None for both is left to the table.

    Raises
    ------
    SettingsError
        One is no whole number from 2 to 1000, they are the wrong way round, or too far apart.

    Examples
    --------
    >>> check_range(3, 6)
    range(3, 7)
    """
    if k_min is None and k_max is None:
        return None
    low = 2 if k_min is None else check_integer("k_min", k_min, N_CLUSTERS_BOUNDS)
    high = low + 8 if k_max is None else check_integer("k_max", k_max, N_CLUSTERS_BOUNDS)
    if low > high:
        raise SettingsError(
            f"k_max must be at least k_min, which is {low}, not {high}.", ("k_max",)
        )
    if high - low >= MOST_KS:
        raise SettingsError(
            f"k_max must be at most {low + MOST_KS - 1}, so that there are at most {MOST_KS} "
            f"numbers of segments to look at, not {high}.",
            ("k_max",),
        )
    return range(low, high + 1)


def check_minimum_size(value: Any) -> None:
    """Refuse what is neither customers nor a share of them.

    Raises
    ------
    SettingsError
        It is no whole number from 1, and no share between 0 and 1.
    """
    if value is None:
        return
    number = isinstance(value, Real) and not isinstance(value, bool)
    if number and (0 < value < 1 or (value >= 1 and float(value).is_integer())):
        return
    raise SettingsError(
        "minimum_size must be a whole number of customers from 1, or a share of them between "
        f"0 and 1, not {shown(value)}.",
        ("minimum_size",),
    )


def _fitting(ks: tuple[int, ...] | None, features: FeatureMatrix) -> tuple[int, ...]:
    distinct = features.n_distinct
    if ks is None:
        return tuple(k for k in DEFAULT_KS if k <= distinct)
    if ks[-1] > distinct:
        raise SettingsError(
            f"ks must be at most {distinct}, the number of customers that differ in "
            f"{listed(features.features)}, not {ks[-1]}.",
            ("ks",),
        )
    return ks
