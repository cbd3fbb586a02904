"""The part of the evidence that is about every row, for a table that stays in its files."""

from __future__ import annotations

from mall_app.algorithms import build_algorithm
from mall_app.data.table import Table
from mall_app.evidence.criteria import information_criteria
from mall_app.evidence.pieces import Scored
from mall_app.evidence.question import Question
from mall_app.partitions.algorithms import find_segments
from mall_app.partitions.client import connected
from mall_app.partitions.loading import Loaded, load
from mall_app.partitions.placing import place
from mall_app.partitions.rare import held_rows
from mall_app.partitions.scores import scores
from mall_app.progress import listening, step
from mall_app.settings import Settings


def score_parts(table: Table, question: Question) -> dict[int, Scored]:
    """Cluster all partitions into each number of segments asked about, and score them.

    The partitions are read once. Sizes, Davies-Bouldin, Calinski-Harabasz and inertia are exact;
    the silhouette is an estimate with its standard error; information criteria are of the rows
    held.

    Parameters
    ----------
    table : Table
        With `whole`.
    question : Question
        What was asked.

    Returns
    -------
    dict of int to Scored
        By number of segments, 1 among them.

    Raises
    ------
    DataError, EngineUnavailable, WorkerDied
        As in `mall_app.partitions.fit.fit_partitions`.
    """
    ks = (1, *question.ks)
    found = {}
    with connected() as workers:
        loaded = load(workers, table, question.settings)
        for number, k in enumerate(ks):
            step(number, len(ks), f"{k} segments, on every partition")
            with listening(None):  # its own steps would have the bar go to and fro
                found[k] = _scored(loaded, question.at(k))
    return found


def _scored(loaded: Loaded, settings: Settings) -> Scored:
    seed = settings.random_state
    found = find_segments(loaded.cloud, loaded.features, settings)
    placed = place(loaded, found, settings)
    codes = placed.codes_of(placed.sampled)
    held = held_rows(loaded.cloud, placed.codes, placed.groups, codes, seed)
    metrics, _, _ = scores(loaded.cloud, placed.codes, placed.groups, held, seed)
    algorithm = build_algorithm(settings.algorithm, settings.params)
    criteria = information_criteria(
        loaded.features.points, algorithm, settings.n_clusters or 1, seed
    )
    sizes = tuple(placed.groups.sizes.tolist())
    return Scored(metrics, sizes, criteria, (*loaded.learned.notes, *found.notes))
