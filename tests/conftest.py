"""What every part of the suite may use."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import settings

from mall_app.data import load_customers
from mall_app.data.table import Table

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


@pytest.fixture
def customers() -> pd.DataFrame:
    """The Mall table, a frame of its own for each test."""
    return load_customers()


@pytest.fixture(scope="session")
def mall() -> Table:
    """The Mall table, shared: a table never changes."""
    return Table.from_frame(load_customers())
