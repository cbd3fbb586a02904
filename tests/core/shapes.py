"""Standard shapes in two columns, and which row belongs to which part."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.datasets import make_blobs, make_circles, make_moons

from mall_app.data.table import Table

Shape = tuple[Table, npt.NDArray[np.int64]]
CENTRES = [[-6.0, -6.0], [0.0, 6.0], [6.0, -6.0]]


def _shape(values: npt.NDArray[np.float64], groups: npt.NDArray[np.int64]) -> Shape:
    return Table.from_frame(pd.DataFrame(values, columns=["first", "second"])), groups


def round_groups() -> Shape:
    """Three round groups of one size."""
    return _shape(*make_blobs(240, centers=CENTRES, cluster_std=1.0, random_state=1))


def slanted() -> Shape:
    """Three long parallel groups."""
    values, groups = make_blobs(300, centers=[[-5, 0], [0, 0], [5, 0]], random_state=2)
    return _shape(values @ np.array([[0.7, 0.5], [-0.6, 2.4]]), groups)


def moons() -> Shape:
    """Two half circles that reach into each other."""
    return _shape(*make_moons(300, noise=0.05, random_state=3))


def circles() -> Shape:
    """A ring around another."""
    return _shape(*make_circles(300, factor=0.4, noise=0.04, random_state=4))


def densities() -> Shape:
    """Three groups, one dense, one loose, one in between."""
    spreads = [0.3, 1.0, 2.2]
    return _shape(*make_blobs(300, centers=CENTRES, cluster_std=spreads, random_state=5))


def uneven() -> Shape:
    """Three groups of 200, 60 and 20 rows."""
    return _shape(*make_blobs([200, 60, 20], centers=CENTRES, cluster_std=0.9, random_state=6))


def mixed() -> Shape:
    """Groups told apart by a quantity and a category together, and by neither alone."""
    generator = np.random.default_rng(7)
    groups = np.repeat(np.arange(3), 60)
    income = generator.normal([20.0, 20.0, 80.0], 4.0, (60, 3)).T.ravel()
    kind = np.repeat(["shop", "web", "web"], 60)
    kind[::20] = "phone"
    return Table.from_frame(pd.DataFrame({"Income": income, "Channel": kind})), groups


SHAPES: dict[str, Callable[[], Shape]] = {
    "round": round_groups,
    "slanted": slanted,
    "moons": moons,
    "circles": circles,
    "densities": densities,
    "uneven": uneven,
}
