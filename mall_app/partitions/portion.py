"""Rows of every partition as k-means works on them: sums come here, rows stay where they are."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from mall_app.geometry.points import FloatArray
from mall_app.kernels.drawing import first_rows
from mall_app.kernels.far_rows import Spread, far_sample, spread_of
from mall_app.kernels.lloyd_step import LloydStep
from mall_app.kernels.portions import ends_of, nearer, some_distinct
from mall_app.kernels.settling import (
    ALL,
    Rest,
    Settle,
    race,
    race_over,
    settle,
    settle_over,
    stages,
)
from mall_app.kernels.thinning import Far, passed, thinned
from mall_app.partitions.coordinates import bytes_of
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted, Workers
from mall_app.progress import step

_SOME_SHARE = 0.125  # of the workers' memory, for some of the rows beside all of them
_QUICK_PASS = 20_000_000  # differences of coordinates: some 10 ms of one core


@dataclass(frozen=True, eq=False)
class PartedPortion:
    """Rows of each partition; see `mall_app.kernels.portions.Portion`.

    Parameters
    ----------
    workers : Workers
        Who has them.
    values : Parted
        Their coordinates.
    known : tuple of int, optional
        How many they are in each partition, if that is known.
    reach : float
        How many times the mean squared distance from the middle that of the farthest row may be.
    """

    workers: Workers
    values: Parted
    known: tuple[int, ...] | None = None
    reach: float = np.inf

    @classmethod
    def of(cls, cloud: Cloud) -> PartedPortion:
        """Give all customers."""
        return cls(cloud.workers, cloud.values, cloud.lengths, cloud.reach)

    @cached_property
    def lengths(self) -> tuple[int, ...]:
        """How many rows each partition has."""
        return self.known or tuple(self.workers.collect(len, self.values))

    @property
    def n_rows(self) -> int:
        """How many they are."""
        return sum(self.lengths)

    @property
    def firsts(self) -> Parted:
        """Number of the first row of each partition."""
        return Parted(first_rows(self.lengths))

    def step(self, centres: FloatArray) -> LloydStep:
        """Pass over them."""
        return self._step(self.values, centres)

    def race(self, starts: list[FloatArray], max_iter: int, rest: float, far: Far | None) -> Rest:
        """Bring the best of several starts to rest.

        Where passes over all of the rows are quicker made than asked for, one worker does all of
        it.
        """
        if self._is_quick(self.values, self.n_rows, starts[0]):
            step(0, 0, ALL)
            alone: Rest = self.workers.ask(race_over, self.values, starts, max_iter, rest, far)
            return alone
        return race(self._stages(starts[0].shape[1], far), starts, max_iter, rest)

    def spread(self, middle: FloatArray) -> Spread:
        """Sum up how far they lie from a point."""
        found: Spread = summed(self.workers.collect(spread_of, self.values, middle))
        return found

    def far_sample(
        self, middle: FloatArray, whole: Spread, most: int, random_state: int
    ) -> tuple[FloatArray, FloatArray]:
        """Draw some."""
        parts = self.workers.collect(
            far_sample, self.values, middle, whole, most, random_state, self.firsts
        )
        rows, weights = zip(*parts, strict=True)
        return np.concatenate(rows), np.concatenate(weights)

    def distinct(self) -> FloatArray:
        """Give some that differ."""
        return some_distinct(np.concatenate(self.workers.collect(some_distinct, self.values)))

    def ends(self) -> FloatArray:
        """Give the least and the largest of each coordinate."""
        return ends_of(np.concatenate(self.workers.collect(ends_of, self.values)))

    def nearer(self, pair: FloatArray, side: int) -> PartedPortion:
        """Give those that are nearer to one of two centres."""
        values = self.workers.alike(self.values, nearer, self.values, pair, side)
        return PartedPortion(self.workers, values)

    def _step(self, values: Parted, centres: FloatArray) -> LloydStep:
        done: LloydStep = summed(self.workers.collect(passed, values, centres))
        return done

    def _stages(self, n_dimensions: int, far: Far | None) -> list[Settle]:
        """Give ways to rest over ever more of the rows, some of which the workers then hold."""
        n_rows = self.n_rows

        def some(every: int) -> Settle | None:
            if bytes_of(n_rows // every, n_dimensions) > _SOME_SHARE * self.workers.memory:
                return None
            held = self.workers.hold(thinned, self.values, every, self.firsts, n_rows, far)
            return partial(self._settle, held, n_rows // every)

        return stages(n_rows, partial(self._settle, self.values, n_rows), some)

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
        return settle(partial(self._step, values), centres, max_iter, rest, what)

    def _is_quick(self, values: Parted, n_rows: int, centres: FloatArray) -> bool:
        """Whether the rows are so few that a worker may be sent those of the others."""
        return values.is_held and n_rows * centres.size <= _QUICK_PASS
