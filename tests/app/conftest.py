"""A page for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.app.bench import Bench

# What Bokeh 3.9 asks of pandas 3.1, and what Panel's download button says of its own default.
OF_OTHERS = (
    "ignore:The inplace keyword in DataFrame:DeprecationWarning",
    "ignore:Both 'variant' and 'button_style' were provided:PendingDeprecationWarning",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.filterwarnings(*OF_OTHERS))


@pytest.fixture
def bench() -> Bench:
    """The page as it opens, on the Mall customers."""
    return Bench()
