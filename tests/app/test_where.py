"""Where a large table is worked on: offered only when it makes a difference."""

from __future__ import annotations

from typing import Any

import panel_material_ui as pmui

from mall_app import ClusteringModel
from mall_app.views.state import ViewState
from mall_app.views.where import WhereView
from tests.core.tables import blobs


def view_of(model: ClusteringModel) -> tuple[Any, dict[str, Any]]:
    """The layout, and its menus by label."""
    layout = WhereView(ViewState(model)).__panel__()
    return layout, {own.label: own for own in layout.select(pmui.Select)}


def test_a_small_table_is_not_asked_about() -> None:
    assert not view_of(ClusteringModel())[0].visible


def test_a_large_table_is() -> None:
    model = ClusteringModel(blobs(10_000)[0], n_clusters=3)
    layout, menus = view_of(model)
    assert layout.visible
    menus["What the algorithm sees"].value = "sample"
    assert model.strategy == "sample" == model.result.settings.strategy


def test_a_choice_that_was_made_can_be_undone_on_a_small_table_too() -> None:
    model = ClusteringModel(blobs()[0], n_clusters=3, engine="local")
    layout, menus = view_of(model)
    assert layout.visible
    menus["Where it runs"].value = "auto"
    assert model.engine == "auto" and not layout.visible
