"""How a new customer gets a segment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.kernels.compiled import n_threads

Method = Literal["native", "nearest_centre", "nearest_neighbours", "approximate"]
ORDERS = {"euclidean": 2.0, "cityblock": 1.0}  # of Minkowski's distance, as trees know it
FEW_ROWS = 50_000  # placed in a moment by one thread
BLOCK = 2**22  # distances computed at a time: 32 MB


@dataclass(frozen=True, eq=False)
class Assignment:
    """The segments of some customers.

    Parameters
    ----------
    labels : ndarray of shape (n_rows,)
        Segment of each, -1 for noise.
    confidence : ndarray of shape (n_rows,)
        From 0 to 1, how clear the choice was.
    """

    labels: IntArray
    confidence: npt.NDArray[np.float64]


class Assigner(ABC):
    """Gives new customers the labels of a clustering, without clustering anew.

    A subclass is a frozen dataclass of arrays, numbers and texts, so that it can be kept in a file.
    Its field `labels` has the label of each of its parts, such as its centres.
    """

    method: Method
    labels: IntArray

    @property
    def aligned(self) -> tuple[str, ...]:
        """Names of the other fields that have one entry a part."""
        return ()

    @abstractmethod
    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label and how clear it was."""

    def place(self, points: Points) -> IntArray:
        """Give each of the points a label: as `assign`, where how clear it was is of no interest.

        Examples
        --------
        >>> from mall_app.assigners import NearestCentre
        >>> NearestCentre.of(np.array([[0.0], [9.0]])).place(Points(np.array([[2.0], [8.0]])))
        array([0, 1])
        """
        return self.assign(points).labels

    def membership(self, points: Points) -> FloatArray | None:
        """Give the share of each segment in each point, where the method knows; else None.

        Returns
        -------
        ndarray of shape (n_rows, n_segments) or None
            Rows sum to 1; the segments are in the order of their numbers.
        """
        return None

    def renumbered(self, numbers: Mapping[int, int]) -> Assigner:
        """Give the same with other labels; parts whose label is not in `numbers` are left out."""
        known = np.array([own in numbers for own in self.labels.tolist()], dtype=bool)
        labels = [numbers[own] for own in self.labels[known].tolist()]
        changes: dict[str, Any] = {name: getattr(self, name)[known] for name in self.aligned}
        return replace(self, labels=np.array(labels, dtype=np.int64), **changes)  # type: ignore[type-var]

    def state(self) -> dict[str, Any]:
        """Give everything it is made of, arrays, numbers and texts by name, and its kind."""
        values = {own.name: getattr(self, own.name) for own in fields(self)}  # type: ignore[arg-type]
        return {"kind": type(self).__name__, **values}


def relabelled(assigner: Assigner | None, own: IntArray, labels: IntArray) -> Assigner | None:
    """Give the assigner in the labels of the result.

    Parameters
    ----------
    assigner : Assigner or None
        Of the algorithm.
    own : ndarray of shape (n_rows,)
        Labels the algorithm gave.
    labels : ndarray of shape (n_rows,)
        Labels of the result.

    Returns
    -------
    Assigner or None
        None when a segment of the algorithm was taken apart since.
    """
    if assigner is None or own is labels or not len(own):
        return assigner
    least, width = int(labels.min()), int(np.ptp(labels)) + 1
    pairs = np.unique(own * width + (labels - least))  # as one number each, which sort quickly
    numbers = dict(zip((pairs // width).tolist(), (pairs % width + least).tolist(), strict=True))
    return assigner.renumbered(numbers) if len(numbers) == len(pairs) else None


def margins(nearest: FloatArray, labels: IntArray) -> Assignment:
    """Choose the nearest of several parts, and say how clear it was.

    Parameters
    ----------
    nearest : ndarray of shape (n_rows, n_parts)
        Distance of each row to each part.
    labels : ndarray of shape (n_parts,)
        Label of each part.

    Returns
    -------
    Assignment
        Confidence is 1 less the distance to the nearest part over that to the nearest part of
        another label: 0 halfway between two segments, 1 at a centre or when there is one segment.

    Examples
    --------
    >>> given = margins(np.array([[1.0, 4.0], [2.0, 2.0]]), np.array([5, 7]))
    >>> given.labels.tolist(), given.confidence.tolist()
    ([5, 5], [0.75, 0.0])
    """
    chosen = labels[nearest.argmin(axis=1)]
    own = nearest.min(axis=1)
    other = np.where(labels == chosen[:, None], np.inf, nearest).min(axis=1)
    ratio = np.divide(own, other, out=np.ones(len(own)), where=other > 0)
    return Assignment(chosen, 1.0 - ratio)


def joined(parts: list[Assignment]) -> Assignment:
    """Put the assignments of blocks of rows together."""
    if not parts:
        return Assignment(np.empty(0, dtype=np.int64), np.empty(0))
    return Assignment(
        np.concatenate([own.labels for own in parts]),
        np.concatenate([own.confidence for own in parts]),
    )


def query_threads(n_rows: int) -> int:
    """Give how many threads look for neighbours of that many rows."""
    return 1 if n_rows <= FEW_ROWS else n_threads()


def blocks(n_rows: int, n_parts: int) -> list[slice]:
    """Cut rows into blocks whose distances to `n_parts` fit in memory."""
    step = max(1, BLOCK // max(1, n_parts))
    return [slice(start, start + step) for start in range(0, n_rows, step)]
