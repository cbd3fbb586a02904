"""Customers of every segment to score, however rare it is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.drawing import lots
from mall_app.kernels.lloyd_step import Labels, Rows
from mall_app.partitions.groups import Groups
from mall_app.partitions.passes import Cloud
from mall_app.partitions.workers import Parted

LEAST_ROWS = 20
_RARE = 1  # another lot than the one that a row starts the algorithm by


@dataclass(frozen=True, eq=False)
class Held:
    """Rows that are held here, with the group each is in.

    Parameters
    ----------
    values : ndarray of shape (n_held, n_dimensions)
        Coordinates; drawn evenly within each group.
    codes : ndarray of shape (n_held,)
        Group of each; every group has some, and none is noise.
    rows : ndarray of shape (n_sampled,)
        Positions in the sample of the first of them; the others come from the partitions.
    """

    values: FloatArray
    codes: IntArray
    rows: IntArray


def held_rows(
    cloud: Cloud, codes: Parted, groups: Groups, sampled: IntArray, random_state: int
) -> Held:
    """Take the sample, but for groups that are rare in it, some rows from all partitions.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    codes : Parted
        The group of each.
    groups : Groups
        Their sizes.
    sampled : ndarray of shape (n_sample,)
        Group of each row of the sample; -1 is noise.
    random_state : int
        Seed of what is drawn.
    """
    counts = np.bincount(sampled[sampled >= 0], minlength=len(groups.sizes))
    rare = np.flatnonzero(counts < np.minimum(LEAST_ROWS, groups.sizes))
    rows = np.flatnonzero((sampled >= 0) & ~np.isin(sampled, rare))
    values, own = [cloud.sample.values[rows]], [sampled[rows]]
    if len(rare):
        parts = cloud.workers.collect(_drawn, cloud.values, codes, cloud.firsts, rare, random_state)
        for group in rare.tolist():
            keys = np.concatenate([part[group][0] for part in parts])
            found = np.concatenate([part[group][1] for part in parts])
            values.append(found[np.argsort(keys, kind="stable")[:LEAST_ROWS]])
            own.append(np.full(len(values[-1]), group))
    return Held(np.concatenate(values), np.concatenate(own), rows)


def _drawn(
    values: Rows, codes: Labels, start: int, rare: IntArray, random_state: int
) -> dict[int, tuple[FloatArray, FloatArray]]:
    """Give each row of a group a lot, and the rows with the least lots of this partition."""
    each, found = lots((random_state, _RARE), len(values), start), {}
    for group in rare.tolist():
        members = np.flatnonzero(codes == group)
        first = members[np.argsort(each[members])[:LEAST_ROWS]]
        found[group] = (each[first], np.asarray(values[first], dtype=np.float64))
    return found
