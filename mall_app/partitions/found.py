"""What an algorithm comes to on partitions."""

from __future__ import annotations

from dataclasses import dataclass

from mall_app.assigners import Assigner
from mall_app.geometry.points import IntArray


@dataclass(frozen=True, eq=False)
class FoundInParts:
    """Segments of a table in partitions: what gives each customer its label.

    Parameters
    ----------
    assigner : Assigner
        Gives every row the label of the algorithm.
    notes : tuple of str
        What the user should know about how it went, in sentences.
    seen : int, optional
        Rows of a sample, or number of groups, that the algorithm saw; None when it saw every row.
    labels : ndarray of shape (n_rows,), optional
        Label of every row, where all of them are held here.
    """

    assigner: Assigner
    notes: tuple[str, ...] = ()
    seen: int | None = None
    labels: IntArray | None = None
