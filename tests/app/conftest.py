"""A page for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.app.bench import Bench
from tests.app.browser import launched
from tests.app.server import REPOSITORY, served

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
def bench(request: pytest.FixtureRequest) -> Bench:
    """The page as it opens, on the Mall customers; with all of its models for a test of plots."""
    return Bench(drawn=request.node.get_closest_marker("drawn") is not None)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a server that lasts as long as the tests; no error of ours may be in its log."""
    log = tmp_path_factory.mktemp("server") / "log.txt"
    with served(log) as port:
        yield port
    assert f'File "{REPOSITORY}/mall_app' not in log.read_text("utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()
