"""Several algorithms side by side on one table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import pandas as pd

from mall_app.checks import check_integer
from mall_app.data.table import Table
from mall_app.evidence.candidate import Candidate, check_candidates, failure_sentence, try_out
from mall_app.evidence.question import BOOTSTRAP_BOUNDS
from mall_app.evidence.stability import adjusted_rand
from mall_app.evidence.study import Progress, Study
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

DEFAULT_BOOTSTRAPS = 20


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several clusterings of one table.

    Parameters
    ----------
    candidates : mapping of str to Candidate
        By name, in the order they were asked for.
    """

    candidates: Mapping[str, Candidate]

    def __post_init__(self) -> None:
        """Make the mapping read-only."""
        object.__setattr__(self, "candidates", MappingProxyType(dict(self.candidates)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the candidates: a mapping proxy cannot be pickled."""
        return type(self), (dict(self.candidates),)

    def __repr__(self) -> str:
        """Give a line for each candidate."""
        n_all, n_failed = len(self.candidates), len(self.failures)
        head = f"Comparison: {n_all - n_failed} of {n_all} candidates have a result"
        return "\n".join([f"{head}.", *(f"  {own.line}" for own in self.candidates.values())])

    @property
    def nbytes(self) -> int:
        """About how much memory it takes."""
        return 2_000 + sum(
            own.result.nbytes for own in self.candidates.values() if own.result is not None
        )

    @property
    def results(self) -> dict[str, ClusteringResult]:
        """The clusterings that succeeded, by name."""
        return {name: own.result for name, own in self.candidates.items() if own.result is not None}

    @property
    def failures(self) -> dict[str, str]:
        """Why the others did not, by name."""
        return {
            name: own.failure for name, own in self.candidates.items() if own.failure is not None
        }

    @cached_property
    def scores(self) -> pd.DataFrame:
        """One row an algorithm: segments, noise, scores, stability, seconds; nan where none."""
        return pd.DataFrame(
            [_row(own) for own in self.candidates.values()],
            index=pd.Index(list(self.candidates), name="algorithm"),
        ).astype({"n_clusters": "Int64", "n_noise": "Int64", "stability": "float64"})

    @cached_property
    def agreement(self) -> pd.DataFrame:
        """Adjusted Rand index of each two results, over the customers both put in a segment."""
        results = self.results
        values = [[_agreement(one, two) for two in results.values()] for one in results.values()]
        names = list(results)
        return pd.DataFrame(values, index=names, columns=names, dtype="float64")

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-ready values, no nan among them."""
        agreement = {
            one: {two: None if np.isnan(value) else value for two, value in row.items()}
            for one, row in self.agreement.to_dict("index").items()
        }
        return {
            "candidates": [own.to_dict() for own in self.candidates.values()],
            "agreement": agreement,
        }


def compare(
    table: Table,
    candidates: Iterable[Settings | str],
    settings: Settings | None = None,
    *,
    n_bootstraps: int = DEFAULT_BOOTSTRAPS,
    progress: Progress | None = None,
) -> Comparison:
    """Cluster one table in several ways.

    Parameters
    ----------
    table : Table
        The customers.
    candidates : iterable of Settings or str
        What to do; a key stands for `settings` with that algorithm and its default parameters.
    settings : Settings, optional
        What keys are completed by; the default settings by default.
    n_bootstraps : int from 0 to 1000, default 20
        Times the customers are drawn anew, for stability; 0 leaves it out.
    progress : callable, optional
        Called with candidates done and candidates in all; what it raises ends the work.

    Returns
    -------
    Comparison
        With a sentence for each candidate that cannot cluster this table.

    Raises
    ------
    SettingsError
        There are no candidates, more than 30, or something that is neither settings nor a key; an
        algorithm, parameter, feature or weight is not known.

    Examples
    --------
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 22, 60, 61, 62]}))
    >>> found = compare(table, ["kmeans", "agglomerative"], Settings(n_clusters=2), n_bootstraps=0)
    >>> float(found.agreement.loc["kmeans", "agglomerative"])
    1.0
    """
    study = comparison_study(table, candidates, settings, n_bootstraps=n_bootstraps)
    found: Comparison = study.run_here(progress)
    return found


def comparison_study(
    table: Table,
    candidates: Iterable[Settings | str],
    settings: Settings | None = None,
    *,
    n_bootstraps: int = DEFAULT_BOOTSTRAPS,
) -> Study:
    """Check what is asked and cut the work into pieces; the arguments are those of `compare`."""
    asked = check_candidates(table, candidates, settings)
    check_integer("n_bootstraps", n_bootstraps, BOOTSTRAP_BOUNDS)
    wanted = tuple((name, own.canonical()) for name, own in asked.items())
    return Study(
        key=("compare", table.sha256, wanted, n_bootstraps),
        pieces=tuple(asked),
        call_of=lambda name: (try_out, (table, name, asked[name], n_bootstraps)),
        conclude=lambda found: Comparison({name: found[name] for name in asked}),
        rescue=lambda name, error: Candidate(
            name, asked[name], None, None, None, failure_sentence(asked[name].algorithm, error)
        ),
    )


def _row(own: Candidate) -> dict[str, Any]:
    result = own.result
    scores = {} if result is None else {n: s.value for n, s in result.metrics.items()}
    return {
        "n_clusters": None if result is None else result.n_clusters,
        "n_noise": None if result is None else result.n_noise,
        **{name: scores.get(name, np.nan) for name in _SCORES},
        "stability": np.nan if own.stability is None else own.stability.adjusted_rand,
        "seconds": np.nan if own.seconds is None else own.seconds,
    }


_SCORES = ("silhouette_score", "davies_bouldin_score", "calinski_harabasz_score", "inertia")


def _agreement(one: ClusteringResult, two: ClusteringResult) -> float:
    """Compare two results over the customers that both put in a segment; nan when there are none.

    They may have left out different customers for missing features.
    """
    _, first, second = np.intersect1d(one.rows, two.rows, assume_unique=True, return_indices=True)
    labels, others = one.labels[first], two.labels[second]
    both = (labels >= 0) & (others >= 0)
    return adjusted_rand(labels[both], others[both]) if both.any() else float("nan")
