"""The whole table as an algorithm sees it: a sample held here, and rows in all partitions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mall_app.assigners import Assigner, NearestCentre
from mall_app.geometry.points import Metric, Points
from mall_app.kernels.drawing import START_ROWS, by_part, drawn_rows, first_rows
from mall_app.kernels.lloyd_step import Labels, Rows, lloyd_step
from mall_app.partitions.workers import Parted, Workers


@dataclass(frozen=True)
class Cloud:
    """The customers of all partitions as points.

    Parameters
    ----------
    workers : Workers
        Who has them.
    values : Parted
        Coordinates of the rows of each partition.
    sample : Points
        Some of the rows, drawn evenly, held here.
    lengths : tuple of int
        Rows of each partition.
    reach : float
        How many times the mean squared distance from the middle that of the farthest row may be.
    n_drawn : int
        Rows drawn for the sample, of which those with gaps may be left out.
    drawn_by : int, optional
        Seed they were drawn by; None where the rows with gaps were drawn from, too.
    """

    workers: Workers
    values: Parted
    sample: Points
    lengths: tuple[int, ...]
    reach: float = np.inf
    n_drawn: int = START_ROWS
    drawn_by: int | None = None

    @property
    def n_rows(self) -> int:
        """All rows."""
        return sum(self.lengths)

    @property
    def firsts(self) -> Parted:
        """Number of the first row of each partition."""
        return Parted(first_rows(self.lengths))

    @property
    def metric(self) -> Metric:
        """How far apart two customers are."""
        return self.sample.metric

    def drawn(self, random_state: int) -> Cloud:
        """Give the same with the sample that a table held in memory would begin with.

        With another seed than the sample was drawn by, or after rows with gaps were left out, its
        rows come from the workers.
        """
        if random_state == self.drawn_by:
            return self
        rows = drawn_rows(self.n_rows, random_state, min(START_ROWS, self.n_drawn))
        if len(self.sample) == self.n_rows:
            return replace(self, sample=self.sample.take(rows))
        parts = self.workers.collect(take, self.values, Parted(by_part(rows, self.lengths)))
        values = np.concatenate(parts).astype(np.float64)
        return replace(self, sample=Points(values, self.metric, self.sample.blocks))


def labels_of(values: Rows, assigner: Assigner, metric: Metric) -> Labels:
    """Give the label of each row of a partition, -1 for noise.

    Parameters
    ----------
    values : ndarray of shape (n_rows, n_dimensions)
        Coordinates.
    assigner : Assigner
        What the algorithm found.
    metric : {"euclidean", "cityblock"}
        How far apart two rows are.
    """
    if isinstance(assigner, NearestCentre) and metric == "euclidean":
        nearest = np.empty(len(values), dtype=np.int32)
        lloyd_step(values, assigner.centres, nearest)
        own = assigner.labels.astype(np.int32)
        return nearest if np.array_equal(own, np.arange(len(own))) else own[nearest]
    wide = np.asarray(values, dtype=np.float64)
    return assigner.place(Points(wide, metric)).astype(np.int32)


def take(values: Rows, positions: Any) -> Rows:
    """Give a few rows of a partition, for whoever needs them in one place."""
    return np.asarray(values[positions])
