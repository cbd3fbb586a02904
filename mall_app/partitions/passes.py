"""The whole table as an algorithm sees it: a sample held here, and sums over all partitions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from mall_app.assigners import Assigner, NearestCentre
from mall_app.geometry.points import FloatArray, Metric, Points
from mall_app.kernels.drawing import START_ROWS, by_part, drawn_rows, first_rows
from mall_app.kernels.lloyd_step import Labels, LloydStep, Rows, lloyd_step
from mall_app.kernels.settling import (
    ALL,
    Race,
    Rest,
    Settle,
    race,
    race_over,
    settle,
    settle_over,
    stages,
    thinned,
)
from mall_app.partitions.coordinates import bytes_of
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted, Workers
from mall_app.progress import step

_SOME_SHARE = 0.125  # of the workers' memory, for some of the rows beside all of them
_QUICK_PASS = 20_000_000  # differences of coordinates: some 10 ms of one core


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

    def step(self, centres: FloatArray, values: Parted | None = None) -> LloydStep:
        """Pass over all rows, or over some of each partition, with some centres."""
        chosen = self.values if values is None else values
        done: LloydStep = summed(self.workers.collect(lloyd_step, chosen, centres))
        return done

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

    def race(self, values: Parted, lengths: Sequence[int]) -> Race:
        """Give a way to bring the best of several starts to rest over rows.

        It is `mall_app.kernels.settling.race`; where passes over all of the rows are quicker made
        than asked for, one worker does all of it.

        Parameters
        ----------
        values : Parted
            The rows: all, or some of each partition.
        lengths : sequence of int
            How many they are, in each partition.

        Returns
        -------
        callable
            Takes starts, most passes, and the move at which centres rest.
        """

        def run(starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
            if self._is_quick(values, sum(lengths), starts[0]):
                step(0, 0, ALL)
                alone: Rest = self.workers.ask(race_over, values, starts, max_iter, rest)
                return alone
            return race(self._stages(values, lengths), starts, max_iter, rest)

        return run

    def _stages(self, values: Parted, lengths: Sequence[int]) -> list[Settle]:
        """Give ways to rest over ever more of the rows, some of which the workers then hold."""
        n_rows, n_dimensions = sum(lengths), self.sample.values.shape[1]
        firsts = Parted(first_rows(lengths))

        def some(every: int) -> Settle | None:
            if bytes_of(n_rows // every, n_dimensions) > _SOME_SHARE * self.workers.memory:
                return None
            held = self.workers.hold(thinned, values, every, firsts, n_rows)
            return partial(self._settle, held, n_rows // every)

        return stages(n_rows, partial(self._settle, values, n_rows), some)

    def settle(self, centres: FloatArray, max_iter: int, rest: float) -> Rest:
        """Rest over all rows; see `mall_app.kernels.settling.settle`."""
        return self._settle(self.values, self.n_rows, centres, max_iter, rest, ALL)

    def _settle(
        self,
        values: Parted,
        n_rows: int,
        centres: FloatArray,
        max_iter: int,
        rest: float,
        what: str,
    ) -> Rest:
        """Rest over rows; one worker makes all passes where one is quicker made than asked for."""
        if self._is_quick(values, n_rows, centres):
            step(0, 0, what)
            alone: Rest = self.workers.ask(settle_over, values, centres, max_iter, rest, what)
            return alone
        return settle(partial(self.step, values=values), centres, max_iter, rest, what)

    def _is_quick(self, values: Parted, n_rows: int, centres: FloatArray) -> bool:
        """Whether the rows are so few that a worker may be sent those of the others."""
        return values.is_held and n_rows * centres.size <= _QUICK_PASS


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
        return assigner.labels.astype(np.int32)[nearest]
    wide = np.asarray(values, dtype=np.float64)
    return assigner.place(Points(wide, metric)).astype(np.int32)


def take(values: Rows, positions: Any) -> Rows:
    """Give a few rows of a partition, for whoever needs them in one place."""
    return np.asarray(values[positions])
