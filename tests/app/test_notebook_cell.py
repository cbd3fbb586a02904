"""What a view in a notebook sends when it changes: little, and no name of another host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import panel as pn
import panel_material_ui as pmui
import pytest
from bokeh.models import ImportedStyleSheet
from pyviz_comms import Comm, CommManager

from mall_app.model.model import ClusteringModel
from mall_app.views import show

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


class Line(Comm):  # type: ignore[misc]
    """Keeps what is sent to the notebook."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._comm = self
        self.sent: list[str] = []

    def send(self, data: Any = None, metadata: Any = None, buffers: Any = ()) -> None:
        """Keep a message; buffers have none."""
        self.sent.append(data or "")


class Lines(CommManager):  # type: ignore[misc]
    """Opens lines that keep what is sent."""

    server_comm = Line
    client_comm = Line


class Shown:
    """A model in a notebook cell."""

    def __init__(self) -> None:
        before = set(pn.state._views)
        self.model = ClusteringModel(features=FEATURES)
        self.html = show(self.model)[0]["text/html"]
        [self.ref] = set(pn.state._views) - before
        self.view, _, self.document, self.line = pn.state._views[self.ref]

    def look(self, tab: int) -> str:
        """Look at a tab, and give all that was sent for it."""
        self.line.sent.clear()
        self.view.select(pmui.Tabs)[0].active = tab
        return "".join(self.line.sent)

    def sheets(self) -> set[str]:
        """Give the addresses of the style sheets of all that is drawn."""
        models = [own for own in self.document.models if hasattr(own, "stylesheets")]
        sheets = [sheet for own in models for sheet in own.stylesheets]
        return {own.url for own in sheets if isinstance(own, ImportedStyleSheet)}


@pytest.fixture(scope="module")
def shown() -> Iterator[Shown]:
    with pytest.MonkeyPatch.context() as patch, pn.config.set(inline=True):
        patch.setattr(pn.extension, "_loaded", True)
        patch.setattr(pn.state, "_comm_manager", Lines)
        shown = Shown()
        yield shown
    pn.state._views.pop(shown.ref)


def test_a_step_asks_no_other_host(shown: Shown) -> None:
    shown.model.n_clusters = 4
    assert {address[:14] for address in shown.sheets()} == {"data:text/css;"}
    assert "cdn.holoviz.org" not in "".join(shown.line.sent)


@pytest.mark.parametrize("tab", [1, 2, 4, 5])  # those with widgets
def test_a_tab_is_sent_without_the_script_of_its_widgets(shown: Shown, tab: int) -> None:
    sent = shown.look(tab)
    assert 10_000 < len(sent) < 700_000
    assert "cdn.holoviz.org" not in sent
    assert re.search('"class_name":"[A-Z]', sent)
    assert max(len(own) for own in re.findall('"esm":"(.*?[^\\\\])"', sent)) < 20_000


def test_the_script_is_in_the_notebook_once(shown: Shown) -> None:
    assert shown.html.count("const shared_script = ") == 1
    assert 1_000_000 < len(shown.html) < 5_000_000
