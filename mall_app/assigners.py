"""How a new customer gets a segment."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from mall_app.points import FloatArray, IntArray, Points

Method = Literal["native", "nearest_centre", "nearest_neighbours", "approximate"]


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
    """Gives new customers the labels of a clustering, without clustering anew."""

    method: Method

    @abstractmethod
    def assign(self, points: Points) -> Assignment:
        """Give each of the points a label and how clear it was."""

    def membership(self, points: Points) -> FloatArray | None:
        """Give the share of each segment in each point, where the method knows; else None."""
        return None


@dataclass(frozen=True, eq=False)
class Relabelled(Assigner):
    """Another assigner, with the labels by which its segments are known.

    Parameters
    ----------
    inner : Assigner
        Gives the labels of the algorithm.
    numbers : dict of int to int
        Segment of each of those labels.
    """

    inner: Assigner
    numbers: dict[int, int]

    @property
    def method(self) -> Method:  # type: ignore[override]
        """How it is done."""
        return self.inner.method

    def assign(self, points: Points) -> Assignment:
        """Give each of the points its segment."""
        given = self.inner.assign(points)
        labels = np.array([self.numbers.get(own, -1) for own in given.labels.tolist()])
        return Assignment(labels.astype(np.int64), given.confidence)


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
    if assigner is None:
        return None
    pairs = np.unique(np.stack([own, labels]), axis=1).T.tolist()
    numbers = {int(before): int(after) for before, after in pairs}
    return Relabelled(assigner, numbers) if len(numbers) == len(pairs) else None
