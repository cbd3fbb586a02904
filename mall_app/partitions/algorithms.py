"""Which algorithms see every row of every partition, and what the others do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from mall_app.algorithms import Algorithm, build_algorithm
from mall_app.assigners import NearestCentre, NearestNeighbours
from mall_app.features import FeatureMatrix
from mall_app.fit import check_number, group
from mall_app.geometry.points import Points, count_distinct
from mall_app.kernels.large_lloyd import drawn_rows
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.kmeans import kmeans
from mall_app.partitions.passes import Cloud
from mall_app.settings import Settings

_FULL: dict[str, Callable[[Cloud, Any, int, int], FoundInParts]] = {"kmeans": kmeans}


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
    check_number(settings, features, cloud.n_rows)
    rows = drawn_rows(len(cloud.sample), settings.random_state)
    cloud = replace(cloud, sample=cloud.sample.take(rows))
    if settings.strategy == "full":
        run = _FULL[algorithm.key]
        return run(cloud, algorithm, settings.n_clusters or 0, settings.random_state)
    return _on_sample(cloud, algorithm, features, settings)


def _on_sample(
    cloud: Cloud, algorithm: Algorithm, features: FeatureMatrix, settings: Settings
) -> FoundInParts:
    """Run on a sample of the rows, as many as the algorithm serves; the others follow them."""
    most = min(len(cloud.sample), algorithm.row_limit(cloud.metric))
    points = cloud.sample.take(drawn_rows(len(cloud.sample), settings.random_state, most))
    grouping = group(algorithm, _features_of(features, points), settings)
    labels = np.asarray(grouping.labels, dtype=np.int64)
    assigner = grouping.assigner or NearestNeighbours.of(points, labels, algorithm.gives_noise)
    note = (
        f"{algorithm.title} saw a sample of {len(points):,} of the {cloud.n_rows:,} customers; the "
        "others were given the segments it found."
    )
    return FoundInParts(assigner, (*grouping.notes, note))


def _features_of(features: FeatureMatrix, points: Points) -> FeatureMatrix:
    rows = np.arange(len(points))
    return replace(
        features, values=points.values, rows=rows, n_distinct=count_distinct(points.values)
    )
