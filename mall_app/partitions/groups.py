"""How many customers each group has over all partitions, and where its centre is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.lloyd_step import Labels, Rows
from mall_app.kernels.scatter import cluster_means
from mall_app.partitions.passes import Cloud
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted


@dataclass(frozen=True, eq=False)
class Groups:
    """Groups of the customers, by position.

    Parameters
    ----------
    sizes : ndarray of shape (n_groups,)
        Rows of each.
    centres : ndarray of shape (n_groups, n_dimensions)
        Their mean; 0 where there are none.
    n_noise : int
        Rows of no group.
    """

    sizes: IntArray
    centres: FloatArray
    n_noise: int

    def __add__(self, other: Groups) -> Groups:
        """Give the groups over the rows of both; the larger part's mean is moved, not summed."""
        sizes = self.sizes + other.sizes
        share = (other.sizes / np.maximum(sizes, 1))[:, None]
        centres = self.centres + (other.centres - self.centres) * share
        return Groups(sizes, centres, self.n_noise + other.n_noise)

    def joined(self, codes: Mapping[int, int], n_groups: int) -> Groups:
        """Give the groups that some of these make up together, by the position each goes to."""
        nothing = np.zeros_like(self.centres[:1])
        total = Groups(
            np.zeros(n_groups, dtype=np.int64), np.repeat(nothing, n_groups, axis=0), self.n_noise
        )
        for own, code in codes.items():
            sizes, centres = np.zeros_like(total.sizes), np.zeros_like(total.centres)
            sizes[code], centres[code] = self.sizes[own], self.centres[own]
            total += Groups(sizes, centres, 0)
        return total


def groups_of(cloud: Cloud, labels: Parted, n_groups: int) -> Groups:
    """Count the rows of each label over all partitions, and give their centres."""
    found: Groups = summed(cloud.workers.collect(_groups, cloud.values, labels, n_groups))
    return found


def _groups(values: Rows, labels: Labels, n_groups: int) -> Groups:
    if not len(values):
        return Groups(np.zeros(n_groups, dtype=np.int64), np.zeros((n_groups, values.shape[1])), 0)
    sizes, centres = cluster_means(values, labels, n_groups)
    return Groups(sizes, np.nan_to_num(centres), len(labels) - int(sizes.sum()))
