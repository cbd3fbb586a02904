"""A model whose fits are counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from mall_app import ClusteringModel
from mall_app.data.table import Table
from mall_app.fit import fit, fit_resolved
from mall_app.settings import Settings


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Settings]]:
    """The settings of every fit the models of a test run."""
    ran: list[Settings] = []

    def counted(table: Table, settings: Settings) -> Any:
        ran.append(settings)
        return fit(table, settings)

    def counted_resolved(table: Table, settings: Settings) -> Any:
        ran.append(settings)
        return fit_resolved(table, settings)

    monkeypatch.setattr("mall_app.model.model.fit", counted)
    monkeypatch.setattr("mall_app.model.model.fit_resolved", counted_resolved)
    yield ran


@pytest.fixture
def model(mall: Table, fits: list[Settings]) -> ClusteringModel:
    made = ClusteringModel(mall)
    fits.clear()
    return made
