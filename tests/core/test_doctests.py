"""Every example in a docstring runs and gives what it says."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
from types import ModuleType

import pytest

import mall_app

WITH_PANEL = ("mall_app.views", "mall_app.plots", "mall_app.app")
NAMES = [
    module.name
    for module in pkgutil.walk_packages(mall_app.__path__, "mall_app.", onerror=lambda name: None)
    if not module.name.startswith(WITH_PANEL)
]


def examples(module: ModuleType) -> list[doctest.DocTest]:
    return [own for own in doctest.DocTestFinder().find(module) if own.examples]


@pytest.mark.parametrize("name", NAMES)
def test_the_examples_of_a_module(name: str) -> None:
    outcome = doctest.testmod(importlib.import_module(name))
    assert outcome.failed == 0


def test_there_are_examples() -> None:
    found = [own for name in NAMES for own in examples(importlib.import_module(name))]
    assert len(found) > 15
