"""Every score for every number of segments."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import pandas as pd

from mall_app.algorithms import algorithms
from mall_app.checks import check_integer
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.features import build_features
from mall_app.fit import fit_features, resolve
from mall_app.progress import listening, step
from mall_app.result import ClusteringResult
from mall_app.settings import Settings


@dataclass(frozen=True, eq=False)
class Sweep:
    """The results of one algorithm over several numbers of segments.

    Parameters
    ----------
    results : mapping of int to ClusteringResult
        By number of segments, rising. For 1 there is an inertia and no score.
    """

    results: Mapping[int, ClusteringResult]

    def __post_init__(self) -> None:
        """Make the mapping read-only."""
        object.__setattr__(self, "results", MappingProxyType(dict(self.results)))

    def __reduce__(self) -> tuple[type[Sweep], tuple[dict[int, ClusteringResult]]]:
        """Pickle by the results: a mapping proxy cannot be pickled."""
        return type(self), (dict(self.results),)

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return sum(own.nbytes for own in self.results.values())

    @property
    def scores(self) -> pd.DataFrame:
        """One row a number of segments, one column a score; nan where it does not exist."""
        return pd.DataFrame(
            {
                k: {name: own.value for name, own in result.metrics.items()}
                for k, result in self.results.items()
            },
            dtype="float64",
        ).T.rename_axis("n_clusters")


def sweep(table: Table, settings: Settings, ks: Iterable[int] = range(1, 11)) -> Sweep:
    """Cluster once for each number of segments, everything else equal.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        All but `n_clusters`, which is replaced.
    ks : iterable of int, default 1 to 10
        Numbers of segments. Those above the number of distinct customers are left out.

    Returns
    -------
    Sweep

    Raises
    ------
    SettingsError
        The algorithm finds the number itself, a k is no whole number from 1 to 1000, or none fits.

    Examples
    --------
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 60, 61, 90]}))
    >>> sweep(table, Settings(scaling="none"), range(1, 4)).scores["inertia"].round(2).tolist()
    [3561.2, 581.17, 1.0]
    """
    own = algorithms().get(settings.algorithm)
    if own is not None and not own.needs_n_clusters:
        raise SettingsError(
            f"{own.key} finds the number of segments itself; there is nothing to sweep over.",
            ("algorithm",),
        )
    settings = resolve(table, settings.unedited().changed(n_clusters=2))
    wanted = sorted({check_integer("n_clusters", k, (1, 1000)) for k in ks})
    if not wanted:
        raise SettingsError("The sweep names no number of segments.", ("n_clusters",))
    features = build_features(table, settings)
    fitting = [k for k in wanted if k <= features.n_distinct]
    if not fitting:
        raise SettingsError(
            f"n_clusters must be at most the {features.n_distinct} customers that differ, "
            f"but the sweep starts at {wanted[0]}.",
            ("n_clusters",),
        )
    found = {}
    for number, k in enumerate(fitting):
        step(number, len(fitting), "Numbers of segments")
        with listening(None):  # steps within one fit would send the bar back each time
            found[k] = fit_features(table, features, settings.changed(n_clusters=k))
    return Sweep(found)
