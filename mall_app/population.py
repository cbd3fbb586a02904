"""How many customers there are beyond those held in memory."""

from __future__ import annotations

from dataclasses import dataclass

from mall_app.geometry.encoding import Encoding


@dataclass(frozen=True)
class Population:
    """The customers of a table that is not held in memory, counted.

    Parameters
    ----------
    n_rows : int
        Rows of the table.
    n_used : int
        Rows with a label, noise included; the others lack a feature.
    n_noise : int
        Rows in no segment.
    n_parts : int
        Partitions they were read from.
    encoding : Encoding, optional
        How columns become coordinates, learned from all rows; that of the rows held differs.
    """

    n_rows: int
    n_used: int
    n_noise: int
    n_parts: int
    encoding: Encoding | None = None
