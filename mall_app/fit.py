"""One clustering from a table and settings: the only way any door gets its labels."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mall_app.algorithms import NOT_CONVERGED, Algorithm, Grouping, algorithms, build_algorithm
from mall_app.assigners import relabelled
from mall_app.data.table import Table, listed
from mall_app.errors import DataError, SettingsError
from mall_app.features import (
    FeatureMatrix,
    build_features,
    resolve_features,
    resolve_weights,
)
from mall_app.geometry.points import FloatArray, Points
from mall_app.labels import canonical_labels
from mall_app.memory import give_back
from mall_app.outcome import Found, conclude
from mall_app.places import resolve_engine, resolve_strategy
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.strategies import on_sample, on_summary
from mall_app.threads import threads_for, threads_in_use
from mall_app.wording import size_in_words

Noted = TypeVar("Noted", bound=Any)


def fit(table: Table, settings: Settings) -> ClusteringResult:
    """Cluster the customers of a table.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        What to do with them.

    Returns
    -------
    ClusteringResult
        The same for the same table and settings, whatever ran before.

    Raises
    ------
    SettingsError
        A setting breaks a rule or does not fit the table.
    DataError
        The table cannot be clustered as it is.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 60, 61, 62]}))
    >>> fit(table, Settings(n_clusters=2)).labels.tolist()
    [1, 1, 0, 0, 0]
    """
    return fit_resolved(table, resolve(table, settings))


def fit_resolved(table: Table, settings: Settings) -> ClusteringResult:
    """Cluster with settings that come from `resolve`; see `fit`."""
    if settings.engine == "dask":  # imported when first needed: Dask takes half a second
        from mall_app.partitions.fit import fit_partitions

        return fit_partitions(table, settings)
    return fit_features(table, build_features(table, settings), settings)


def resolve(table: Table, settings: Settings) -> Settings:
    """Check settings and write out what they leave to defaults, so that equal work looks equal.

    Returns
    -------
    Settings
        `features` named, every parameter present, `n_clusters` None when it would not be used.

    Raises
    ------
    SettingsError
        A setting breaks a rule or names a column the table does not have.
    """
    settings = Settings.from_mapping(settings.to_dict())
    algorithm = build_algorithm(settings.algorithm, settings.params)
    if algorithm.needs_n_clusters and settings.n_clusters is None:
        raise SettingsError(f"n_clusters is needed by {algorithm.key}, not null.", ("n_clusters",))
    _check_distance(algorithm, settings.distance)
    features = resolve_features(table, settings.features)
    return settings.changed(
        n_clusters=settings.n_clusters if algorithm.needs_n_clusters else None,
        features=features,
        scaling="minmax" if settings.distance == "gower" else settings.scaling,
        params=algorithm.params(),
        weights=resolve_weights(table, features, settings.weights),
        engine=resolve_engine(table, settings.engine),
        strategy=resolve_strategy(algorithm, table, settings),
    )


def _check_distance(algorithm: Algorithm, distance: str) -> None:
    if distance in algorithm.distances:
        return
    able = [own.key for own in algorithms().values() if distance in own.distances]
    raise SettingsError(
        f"distance {distance!r} is not served by {algorithm.key}; use {', '.join(able)}, "
        f"or distance {algorithm.distances[0]!r}.",
        ("distance",),
    )


def fit_features(table: Table, features: FeatureMatrix, settings: Settings) -> ClusteringResult:
    """Cluster a matrix that is already built, with resolved settings.

    `n_clusters` may be 1 here, as in a sweep.
    """
    check_number(settings, features, len(table))
    return conclude(table, features, settings, _found(features, settings))


def _found(features: FeatureMatrix, settings: Settings) -> Found:
    """Run the algorithm; what it worked with is let go before anything is made of its labels."""
    algorithm = build_algorithm(settings.algorithm, settings.params)
    with threads_for(len(features.values)):
        grouping, seen = _segmented(algorithm, features, settings)
        threads = threads_in_use()
    raw = np.asarray(grouping.labels, dtype=np.int64)
    labels = canonical_labels(features.values, raw)
    notes = (*features.notes, *grouping.notes, *outcome_notes(settings, labels))
    give_back(len(raw))
    return Found(labels, notes, relabelled(grouping.assigner, raw, labels), threads, seen)


def _segmented(
    algorithm: Algorithm, features: FeatureMatrix, settings: Settings
) -> tuple[Grouping, int | None]:
    """Run an algorithm on what its strategy lets it see; give how much that is, if not all."""
    if settings.strategy == "full":
        _check_size(algorithm, features)
    if settings.n_clusters == 1 or settings.strategy == "full":
        return group(algorithm, features, settings), None
    return {"sample": on_sample, "summary": on_summary}[settings.strategy](
        features.points,
        algorithm,
        settings.n_clusters or 0,
        settings.random_state,
        partial(run_on, algorithm, settings),
    )


def check_number(
    settings: Settings, features: FeatureMatrix, n_rows: int, n_distinct: int | None = None
) -> None:
    """Refuse more segments than there are distinct customers: among those in `features`, or known.

    Raises
    ------
    SettingsError
        There are more, of a table of `n_rows`.
    """
    rows, wanted = len(features.values), settings.n_clusters
    distinct = features.n_distinct if n_distinct is None else n_distinct
    if wanted is None or wanted <= distinct:
        return
    if wanted <= rows:
        names = listed(features.features)
        most = f"{distinct}, the number of customers that differ in {names}"
    else:
        most = f"the {rows} customers there are"
    if wanted > rows and rows < n_rows:
        most += f" ({n_rows - rows} of {n_rows} were left out for a missing feature)"
    raise SettingsError(f"n_clusters must be at most {most}, not {wanted}.", ("n_clusters",))


def _check_size(algorithm: Algorithm, features: FeatureMatrix) -> None:
    rows, n_dimensions = features.values.shape
    metric = features.points.metric
    limit = algorithm.row_limit(metric)
    if rows <= limit:
        return
    able = [
        own.key
        for own in algorithms().values()
        if own().serves(rows, metric) and own.needs_n_clusters >= algorithm.needs_n_clusters
    ]
    instead = f"use {', '.join(able)}, or " if able else ""
    needed = size_in_words(algorithm.memory_bytes(rows, n_dimensions, metric))
    raise DataError(
        f"{algorithm.key} serves at most {limit:,} customers with these parameters, and there are "
        f"{rows:,}, for which it would take about {needed} of memory and too long; "
        f"{instead}draw a sample first.",
        ("algorithm",),
    )


def group(algorithm: Algorithm, features: FeatureMatrix, settings: Settings) -> Grouping:
    """Run an algorithm, and have slow convergence among its notes."""
    if settings.n_clusters == 1:
        return Grouping(np.zeros(len(features.values), dtype=np.int64))
    return run_on(algorithm, settings, features.points, None)


def run_on(
    algorithm: Algorithm, settings: Settings, points: Points, weights: FloatArray | None
) -> Grouping:
    """Run an algorithm on points, or on groups of them, and note if it was slow to converge."""
    wanted, seed = settings.n_clusters or 0, settings.random_state
    run = partial(algorithm.cluster, points, wanted, seed)
    if weights is not None:
        run = partial(algorithm.cluster_weighted, points, weights, wanted, seed)
    elif algorithm.is_quick(len(points), wanted):
        return run()
    return noting_convergence(run)


def noting_convergence(run: Callable[[], Noted]) -> Noted:
    """Turn warnings of slow convergence into a note; every other warning goes on as it is.

    Parameters
    ----------
    run : callable
        Gives a dataclass with `notes`.
    """
    from sklearn.exceptions import ConvergenceWarning

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        found = run()
    slow = [own for own in caught if issubclass(own.category, ConvergenceWarning)]
    for other in caught:
        if other not in slow:
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    notes = (*found.notes, NOT_CONVERGED) if slow else found.notes
    return replace(found, notes=tuple(dict.fromkeys(notes)))


def outcome_notes(settings: Settings, labels: np.ndarray[Any, Any]) -> tuple[str, ...]:
    """Say when there are no segments, or another number of them than was asked for."""
    found = int(labels.max()) + 1
    if found == 0:
        return ("Every customer is noise; loosen the density parameters.",)
    if settings.n_clusters not in (None, found):
        return (f"{found} segments were found where {settings.n_clusters} were asked for.",)
    return ()
