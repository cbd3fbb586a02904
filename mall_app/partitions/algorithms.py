"""Which algorithms see every row of every partition, and what the others do."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from mall_app.algorithms import Algorithm, build_algorithm
from mall_app.assigners import NearestCentre
from mall_app.features import FeatureMatrix
from mall_app.fit import check_number, noting_convergence, run_on
from mall_app.kernels.drawing import START_ROWS
from mall_app.kernels.portions import MOST_DISTINCT
from mall_app.partitions.bisecting import bisecting_kmeans
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.kmeans import kmeans
from mall_app.partitions.minibatch import minibatch_kmeans
from mall_app.partitions.mixture import gaussian_mixture
from mall_app.partitions.passes import Cloud
from mall_app.partitions.portion import PartedPortion
from mall_app.settings import Settings
from mall_app.strategies import on_sample, on_summary

_FULL: dict[str, Callable[[Cloud, Any, int, int], FoundInParts]] = {
    "kmeans": kmeans,
    "minibatch_kmeans": minibatch_kmeans,
    "bisecting_kmeans": bisecting_kmeans,
    "gaussian_mixture": gaussian_mixture,
}


def find_segments(cloud: Cloud, features: FeatureMatrix, settings: Settings) -> FoundInParts:
    """Find the segments of the customers of all partitions.

    Parameters
    ----------
    cloud : Cloud
        The customers; its sample is all that algorithms of strategy ``"sample"`` see.
    features : FeatureMatrix
        The rows of the sample.
    settings : Settings
        Resolved.

    Raises
    ------
    SettingsError
        More segments are wanted than there are distinct customers.
    """
    algorithm = build_algorithm(settings.algorithm, settings.params)
    if settings.n_clusters == 1:
        middle = cloud.sample.values.mean(axis=0, keepdims=True)
        return FoundInParts(NearestCentre.of(middle, cloud.metric))
    if settings.strategy != "full":
        check_number(settings, features, cloud.n_rows)
        return _condensed(cloud, algorithm, settings)
    wanted, seed = settings.n_clusters or 0, settings.random_state
    if wanted > features.n_distinct:  # in the sample
        n_distinct = len(PartedPortion.of(cloud).distinct())
        if n_distinct < MOST_DISTINCT:
            check_number(settings, features, cloud.n_rows, n_distinct)
    cloud = cloud.drawn(seed)
    if cloud.n_rows <= START_ROWS and len(cloud.sample) == cloud.n_rows:
        return _here(cloud, algorithm, settings)
    return noting_convergence(partial(_FULL[algorithm.key], cloud, algorithm, wanted, seed))


def _here(cloud: Cloud, algorithm: Algorithm, settings: Settings) -> FoundInParts:
    """Run on a table all of which is held here, as without workers."""
    found = run_on(algorithm, settings, cloud.sample, None)
    if found.assigner is None:
        raise TypeError(f"{algorithm.key} says not who follows.")
    return FoundInParts(found.assigner, found.notes, labels=found.labels)


def _condensed(cloud: Cloud, algorithm: Algorithm, settings: Settings) -> FoundInParts:
    """Run on a sample, or on groups of its rows; the customers of all partitions follow."""
    condense = on_sample if settings.strategy == "sample" else on_summary
    run = partial(run_on, algorithm, settings)
    wanted = settings.n_clusters or 0
    found, seen = condense(cloud.sample, algorithm, wanted, settings.random_state, run)
    if found.assigner is None:
        raise TypeError(f"{algorithm.key} on a {settings.strategy} says not who follows.")
    what = "customers" if settings.strategy == "sample" else "small groups of near customers"
    note = (
        f"The segments were found on {seen:,} {what} that stand for the {cloud.n_rows:,}; the "
        "others were given them as new customers are."
    )
    return FoundInParts(found.assigner, (*found.notes[:-1], note), seen)
