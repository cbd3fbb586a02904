"""The segments found on partitions, by the numbers they are known by."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mall_app.assigners import Assigner
from mall_app.edits.applying import Edited
from mall_app.edits.whole import edit_segments
from mall_app.geometry.points import IntArray
from mall_app.kernels.lloyd_step import Labels
from mall_app.labels import numbered
from mall_app.partitions.found import FoundInParts
from mall_app.partitions.groups import Groups, groups_of
from mall_app.partitions.loading import Loaded
from mall_app.partitions.passes import Cloud, labels_of
from mall_app.partitions.workers import Parted, Workers
from mall_app.settings import Settings

_TIE_DIGITS = 9


@dataclass(frozen=True, eq=False)
class Placed:
    """Every customer in its segment.

    Parameters
    ----------
    numbers : ndarray of shape (n_segments,)
        Number of each segment, rising.
    groups : Groups
        Size and centre of each.
    codes : Parted
        Position among the segments of each customer; -1 is noise.
    n_found : int
        Segments before anybody's edits.
    assigner : Assigner
        Gives customers the number of their segment.
    sampled : ndarray of shape (n_sampled,)
        Number of the segment of each customer held here.
    edited : Edited
        What a person changed.
    """

    numbers: IntArray
    groups: Groups
    codes: Parted
    n_found: int
    assigner: Assigner
    sampled: IntArray
    edited: Edited

    def codes_of(self, labels: IntArray) -> IntArray:
        """Give the position of the segment of each label; -1 for noise."""
        codes = np.full(len(labels), -1, dtype=np.int64)
        codes[labels >= 0] = np.searchsorted(self.numbers, labels[labels >= 0])
        return codes


def place(loaded: Loaded, found: FoundInParts, settings: Settings) -> Placed:
    """Give the segments their numbers, the largest first, and apply numbering and edits.

    Raises
    ------
    SettingsError
        `numbering` or an edit of the settings does not fit the segments.
    """
    cloud = loaded.cloud
    raw = raw_labels(cloud, found)
    n_labels = int(found.assigner.labels.max(initial=0)) + 1
    groups = groups_of(cloud, raw, n_labels)
    order = _canonical(groups)
    given = numbered(np.arange(len(order)), settings.numbering if len(order) else None)
    edited = edit_segments(given, groups.sizes[order], groups.centres[order], settings.edits)
    numbers, codes = np.unique(edited.labels, return_inverse=True)
    places = dict(zip(order.tolist(), codes.tolist(), strict=True))
    lookup = np.full(n_labels + 1, -1, dtype=np.int32)  # its last entry is that of -1
    lookup[order] = codes
    labels = {-1: -1} | dict(zip(order.tolist(), edited.labels.tolist(), strict=True))
    assigner = found.assigner.renumbered(labels)
    points = loaded.features.points
    if found.labels is None or len(found.labels) > len(points):
        sampled = assigner.assign(points).labels
    else:  # the customers held here are all there are
        sampled = np.array([labels[own] for own in found.labels.tolist()], dtype=np.int64)
    return Placed(
        numbers,
        groups.joined(places, len(numbers)),
        _codes(cloud.workers, raw, lookup),
        len(order),
        assigner,
        sampled,
        edited,
    )


def raw_labels(cloud: Cloud, found: FoundInParts) -> Parted:
    """Have the label that an algorithm gives every customer, in each partition."""
    workers, values = cloud.workers, cloud.values
    if found.labels is None:
        return workers.alike(values, labels_of, values, found.assigner, cloud.metric)
    cuts = np.split(found.labels.astype(np.int32), np.cumsum(cloud.lengths)[:-1])
    return workers.hold(np.asarray, Parted(cuts))


def _canonical(groups: Groups) -> IntArray:
    """Order groups as `mall_app.labels.canonical_labels` does; those without rows are left out."""
    keys = [
        (-size, *(float(f"{value:.{_TIE_DIGITS}g}") + 0.0 for value in centre), label)
        for label, (size, centre) in enumerate(
            zip(groups.sizes.tolist(), groups.centres.tolist(), strict=True)
        )
        if size
    ]
    return np.array([key[-1] for key in sorted(keys)], dtype=np.int64)


def _codes(workers: Workers, raw: Parted, lookup: Labels) -> Parted:
    """Have each label's entry in a lookup; the labels themselves where they are the same."""
    if np.array_equal(lookup[:-1], np.arange(len(lookup) - 1)):
        return raw
    return workers.alike(raw, _recoded, raw, lookup)


def _recoded(labels: Labels, lookup: Labels) -> Labels:
    return lookup[labels]
