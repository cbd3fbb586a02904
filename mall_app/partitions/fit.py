"""One clustering of a table whose rows are worked on by the workers of a Dask cluster."""

from __future__ import annotations

import numpy as np

from mall_app.assigners import relabelled
from mall_app.data.table import Table
from mall_app.features import FeatureMatrix, build_features
from mall_app.fit import outcome_notes
from mall_app.kernels.lloyd_step import Rows
from mall_app.labels import canonical_labels
from mall_app.outcome import Found, conclude
from mall_app.partitions.algorithms import find_segments
from mall_app.partitions.client import connected
from mall_app.partitions.conclusion import conclude_whole
from mall_app.partitions.coordinates import narrowed
from mall_app.partitions.loading import load
from mall_app.partitions.passes import Cloud
from mall_app.partitions.placing import raw_labels
from mall_app.partitions.workers import Parted, Workers
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.threads import threads_in_use

CHUNK_ROWS = 250_000
FEWEST_CHUNKS = 4


def fit_partitions(table: Table, settings: Settings) -> ClusteringResult:
    """Cluster the customers of a table on a Dask cluster.

    Parameters
    ----------
    table : Table
        With `whole`: its files are read by the workers, and no partition of them ever comes here.
        Otherwise the frame is cut into chunks that are sent to the workers.
    settings : Settings
        From `mall_app.fit.resolve`.

    Returns
    -------
    ClusteringResult
        What the local engine gives, but for the order in which numbers were added up. Of a table
        with `whole`, labels and all else with an entry a customer are of the sample, see
        `mall_app.result.ClusteringResult`.

    Raises
    ------
    SettingsError
        A setting does not fit the table, or an edit needs the customers themselves.
    DataError
        A partition cannot be read or used.
    EngineUnavailable
        There is no cluster, or it went away.
    WorkerDied
        A partition ended several workers.
    """
    with connected() as workers:
        if table.whole is not None:
            return _fit_whole(workers, table, settings)
        return _fit_held(workers, table, settings)


def _fit_whole(workers: Workers, table: Table, settings: Settings) -> ClusteringResult:
    loaded = load(workers, table, settings)
    found = find_segments(loaded.cloud, loaded.features, settings)
    return conclude_whole(loaded, table, settings, found)


def _fit_held(workers: Workers, table: Table, settings: Settings) -> ClusteringResult:
    features = build_features(table, settings)
    chunks = _chunks(features)
    values = workers.hold(np.asarray, Parted(chunks))
    cloud = Cloud(workers, values, features.points, tuple(map(len, chunks)))
    found = find_segments(cloud, features, settings)
    raw = np.concatenate(workers.collect(np.asarray, raw_labels(cloud, found))).astype(np.int64)
    labels = canonical_labels(features.values, raw)
    notes = (*features.notes, *found.notes, *outcome_notes(settings, labels))
    assigner = relabelled(found.assigner, raw, labels)
    done = Found(labels, notes, assigner, threads_in_use(), found.seen)
    return conclude(table, features, settings, done)


def _chunks(features: FeatureMatrix) -> list[Rows]:
    n_rows = len(features.rows)
    n_chunks = max(-(-n_rows // CHUNK_ROWS), min(FEWEST_CHUNKS, n_rows))
    return [narrowed(own) for own in np.array_split(features.values, n_chunks)]
