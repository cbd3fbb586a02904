"""Small tables and settings that several tests share."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.datasets import make_blobs

from mall_app.data.table import Table
from mall_app.settings import Settings

INCOME_AND_SPENDING = ("Annual Income (k$)", "Spending Score (1-100)")
WELL_APART = {"dbscan": {"eps": 0.3}, "agglomerative": {"linkage": "average"}}


def table_of(**columns: Any) -> Table:
    """A table from columns given by name."""
    return Table.from_frame(pd.DataFrame(columns))


def blobs(n_rows: int = 150, spread: float = 0.4) -> tuple[Table, npt.NDArray[np.int64]]:
    """Three round groups far apart, and which row belongs to which."""
    values, groups = make_blobs(
        n_rows, centers=[[-8, -8], [0, 8], [8, -8]], cluster_std=spread, random_state=7
    )
    return table_of(first=values[:, 0], second=values[:, 1]), groups


def settings_for(key: str, n_clusters: int = 3) -> Settings:
    """Settings that find the groups of `blobs` with that algorithm."""
    return Settings(algorithm=key, n_clusters=n_clusters, params=WELL_APART.get(key, {}))
