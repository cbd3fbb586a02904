"""One way to cluster a table, tried out."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.checks import shown
from mall_app.data.table import Table
from mall_app.errors import SettingsError, WorkbenchError
from mall_app.evidence.pieces import SAMPLE_ROWS, sample_of
from mall_app.evidence.stability import Stability, bootstraps, summarise
from mall_app.features import build_features, resolve_features, resolve_weights
from mall_app.fit import fit_features, fit_resolved, resolve
from mall_app.places import resolve_engine
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

MOST_COMPARED = 30


@dataclass(frozen=True, eq=False)
class Candidate:
    """One algorithm of a comparison.

    Parameters
    ----------
    name : str
        Key of the algorithm; with a number behind it when the key stands more than once.
    settings : Settings
        What was asked for.
    result : ClusteringResult or None
        What came of it.
    stability : Stability or None
        How well it comes back; None when it was not asked for.
    seconds : float or None
        How long one fit took.
    failure : str or None
        Why there is no result, as a sentence.
    """

    name: str
    settings: Settings
    result: ClusteringResult | None
    stability: Stability | None
    seconds: float | None
    failure: str | None

    @property
    def line(self) -> str:
        """What came of it, in a line."""
        own = self.result
        if own is None:
            return f"{self.name}: {self.failure}"
        told = [f"{own.n_clusters} segment{'' if own.n_clusters == 1 else 's'}"]
        told += [f"{own.n_noise} noise"] if own.n_noise else []
        silhouette = own.metrics["silhouette_score"].value
        told += [] if silhouette is None else [f"silhouette {silhouette:.2f}"]
        stable = None if self.stability is None else self.stability.adjusted_rand
        told += [] if stable is None else [f"stability {stable:.2f}"]
        return f"{self.name}: {', '.join(told)}"

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        made = None if self.result is None else self.result.to_dict()
        return {
            "name": self.name,
            "settings": self.settings.to_dict(),
            "result": made,
            "stability": None if self.stability is None else self.stability.to_dict(),
            "seconds": self.seconds,
            "failure": self.failure,
        }


def check_candidates(
    table: Table, candidates: Iterable[Settings | str], settings: Settings | None = None
) -> dict[str, Settings]:
    """Give what is to be compared, each under a name of its own; see `compare`.

    What is not known, to the algorithm or the table, is refused at once. What one algorithm cannot
    do is found when it is tried.
    """
    base = settings or Settings()
    if isinstance(candidates, str) or not isinstance(candidates, Iterable):
        raise SettingsError(
            f"candidates must be a list of algorithms, not {shown(candidates)}.", ("candidates",)
        )
    asked: dict[str, Settings] = {}
    for position, own in enumerate(candidates):
        if not isinstance(own, (Settings, str)):
            raise SettingsError(
                f"candidates must be names of algorithms or settings, not {shown(own)}.",
                ("candidates", position),
            )
        wanted = own if isinstance(own, Settings) else base.changed(algorithm=own, params={})
        build_algorithm(wanted.algorithm, wanted.params)
        resolve_weights(table, resolve_features(table, wanted.features), wanted.weights)
        engine = "local" if table.whole is None else resolve_engine(table, wanted.engine)
        asked[_free(wanted.algorithm, asked)] = wanted.unedited().changed(engine=engine)
        if len(asked) > MOST_COMPARED:
            raise SettingsError(f"candidates must be at most {MOST_COMPARED}.", ("candidates",))
    if not asked:
        raise SettingsError("candidates must name at least one algorithm, not [].", ("candidates",))
    return asked


def _free(key: str, taken: Mapping[str, Settings]) -> str:
    name, number = key, 2
    while name in taken:
        name, number = f"{key} {number}", number + 1
    return name


def try_out(table: Table, name: str, settings: Settings, n_bootstraps: int) -> Candidate:
    """Cluster in one way.

    Raises
    ------
    InputError
        The table cannot be clustered in that way.
    """
    settings = resolve(table, _completed(settings))
    features = build_features(table, settings)
    began = time.perf_counter()
    if table.whole is None:
        result = fit_features(table, features, settings)
    else:
        result = fit_resolved(table, settings)
    seconds = time.perf_counter() - began
    stability = None
    if n_bootstraps:
        points = sample_of(features.points, SAMPLE_ROWS, settings.random_state)
        algorithm = build_algorithm(settings.algorithm, settings.params)
        stability = summarise(
            *bootstraps(
                points,
                algorithm,
                settings.n_clusters or 0,
                settings.random_state,
                range(n_bootstraps),
            )
        )
    return Candidate(name, settings, result, stability, seconds, None)


def _completed(settings: Settings) -> Settings:
    """Give a method that needs a number of segments the default one, where it is left open."""
    own = algorithms().get(settings.algorithm)
    if own is not None and own.needs_n_clusters and settings.n_clusters is None:
        return settings.changed(n_clusters=Settings.n_clusters)
    return settings


def failure_sentence(key: str, error: BaseException) -> str:
    """Say why there is no result; an error that is none of ours is named."""
    if isinstance(error, WorkbenchError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{key} ran out of memory."
    return f"{key} failed: {type(error).__name__}: {str(error)[:200]}"
