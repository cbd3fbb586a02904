"""The whole table as an algorithm sees it: a sample held here, and sums over all partitions."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from mall_app.assigners import Assigner, NearestCentre
from mall_app.geometry.points import FloatArray, Metric, Points
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
    n_rows : int
        All of them.
    reach : float
        How many times the mean squared distance from the middle that of the farthest row may be.
    """

    workers: Workers
    values: Parted
    sample: Points
    n_rows: int
    reach: float = np.inf

    @property
    def metric(self) -> Metric:
        """How far apart two customers are."""
        return self.sample.metric

    def step(self, centres: FloatArray, values: Parted | None = None) -> LloydStep:
        """Pass over all rows, or over some of each partition, with some centres."""
        chosen = self.values if values is None else values
        done: LloydStep = summed(self.workers.collect(lloyd_step, chosen, centres))
        return done

    def race(self, values: Parted, n_rows: int) -> Race:
        """Give a way to bring the best of several starts to rest over rows.

        It is `mall_app.kernels.settling.race`; where passes over all of the rows are quicker made
        than asked for, one worker does all of it.

        Parameters
        ----------
        values : Parted
            The rows: all, or some of each partition.
        n_rows : int
            How many they are.

        Returns
        -------
        callable
            Takes starts, most passes, and the move at which centres rest.
        """

        def run(starts: list[FloatArray], max_iter: int, rest: float) -> Rest:
            if self._is_quick(values, n_rows, starts[0]):
                step(0, 0, ALL)
                alone: Rest = self.workers.ask(race_over, values, starts, max_iter, rest)
                return alone
            return race(self._stages(values, n_rows), starts, max_iter, rest)

        return run

    def _stages(self, values: Parted, n_rows: int) -> list[Settle]:
        """Give ways to rest over ever more of the rows, some of which the workers then hold."""
        n_dimensions = self.sample.values.shape[1]

        def some(every: int) -> Settle | None:
            if bytes_of(n_rows // every, n_dimensions) > _SOME_SHARE * self.workers.memory:
                return None
            held = self.workers.hold(thinned, values, every)
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
