"""What every part of the suite may use."""

from __future__ import annotations

import gc
from collections.abc import Generator

import pandas as pd
import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from mall_app.data import load_customers
from mall_app.data.table import Table

settings.register_profile("unhurried", deadline=None)  # a busy machine is no failure
settings.load_profile("unhurried")


class OneBrowser(LoadFileScheduling):
    """Gives a file's tests to one process, and those of all files that use the browser to one."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "browser" if "browser" in file else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneBrowser:
    """Have no two browsers in each other's way."""
    return OneBrowser(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage more seldom: a page is a million objects, and is looked through for each.

    What is imported while tests are collected stays: it is looked through neither then nor later.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()
        gc.freeze()
        gc.set_threshold(50_000, 20, 50)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the browser, which takes longest."""
    items.sort(key=lambda item: "browser" not in item.path.name)


@pytest.fixture
def customers() -> pd.DataFrame:
    """The Mall table, a frame of its own for each test."""
    return load_customers()


@pytest.fixture(scope="session")
def mall() -> Table:
    """The Mall table, shared: a table never changes."""
    return Table.from_frame(load_customers())
