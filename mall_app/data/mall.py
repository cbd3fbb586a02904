"""The Mall Customer Segmentation table that comes with the package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pandas as pd

from mall_app.data.reading import read_table

_NAME = "Mall_Customers.csv"


def load_customers() -> pd.DataFrame:
    """Give the Mall table: 200 customers of a mall.

    Returns
    -------
    pandas.DataFrame of shape (200, 5)
        ``CustomerID``, ``Gender``, ``Age`` (years), ``Annual Income (k$)`` (thousands of dollars
        a year) and ``Spending Score (1-100)``. A new frame each time, with its report.

    Examples
    --------
    >>> load_customers().shape
    (200, 5)
    """
    packaged = resources.files("mall_app") / "_data" / _NAME
    if packaged.is_file():
        return read_table(packaged.read_bytes())
    return read_table(Path(__file__).parents[2] / "data" / _NAME)
