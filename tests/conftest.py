"""What every part of the suite may use."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import settings

from mall_app.data import load_customers
from mall_app.data.table import Table

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep a file's tests together, and all that use the browser: two would be in each other's way.

    Those come first, as they take longest.
    """

    def with_browser(item: pytest.Item) -> bool:
        return "browser" in getattr(item, "fixturenames", ())

    for item in items:
        group = "browser" if with_browser(item) else "/".join(item.path.parts[-2:])
        item.add_marker(pytest.mark.xdist_group(group))
    items.sort(key=lambda item: not with_browser(item))


@pytest.fixture
def customers() -> pd.DataFrame:
    """The Mall table, a frame of its own for each test."""
    return load_customers()


@pytest.fixture(scope="session")
def mall() -> Table:
    """The Mall table, shared: a table never changes."""
    return Table.from_frame(load_customers())
