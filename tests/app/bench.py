"""A page with no server behind it, and ways to look at what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from functools import cached_property
from html import unescape
from typing import Any

import panel as pn
from bokeh.model import Model
from bokeh.models import ColumnDataSource, GlyphRenderer

from mall_app.data.table import Table
from mall_app.engine import InlineEngine
from mall_app.fit import fit, resolve
from mall_app.model.model import ClusteringModel
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.views.copy_board import CopyBoard
from mall_app.views.segment_board import SegmentBoard
from mall_app.views.workbench import Workbench

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


class CountingEngine(InlineEngine):
    """Does at once what is asked of it, and counts the fits."""

    def __init__(self) -> None:
        self.fits = 0

    def fit(self, table: Table, settings: Settings) -> Future[ClusteringResult]:
        """Refuse settings at once as the real engine does, then fit."""
        settings = resolve(table, settings)
        self.fits += 1
        return self.call(fit, table, settings)


class Bench:
    """A workbench with the Bokeh models of its main area made, as in a browser; or undrawn."""

    def __init__(self, data: Any = None, drawn: bool = True, **settings: Any) -> None:
        self.engine = CountingEngine()
        if data is None:
            settings = {"features": FEATURES, **settings}
        self.model = ClusteringModel(data, **settings)
        self.workbench = Workbench(self.model, self.engine)  # type: ignore[arg-type]
        self.state = self.workbench.state
        self.drawer, self.main = self.workbench.sidebar(), self.workbench.main()
        self.page = self.main.get_root() if drawn else None

    @cached_property
    def roots(self) -> list[Model]:
        """Give all there is in a browser, the drawer with its widgets as well."""
        return [self.drawer.get_root(), self.page]

    def widget(self, label: str) -> Any:
        """Give the widget of a label, which is there exactly once."""
        [found] = [own for own in self.drawer.select() if getattr(own, "label", None) == label]
        return found

    def labels(self) -> set[str]:
        """Give the labels of the widgets in the drawer."""
        return {own.label for own in self.drawer.select() if getattr(own, "label", None)}

    def html(self, view: Any) -> str:
        """Give the HTML of a view that is nothing else."""
        pane = view.__panel__()
        assert isinstance(pane, pn.pane.HTML | SegmentBoard | CopyBoard)
        return str(pane.object if isinstance(pane, pn.pane.HTML) else pane.content)

    def text(self) -> str:
        """Give every string the page shows, alerts that are hidden left out."""
        panes = [*self.main.select(pn.pane.HTML), *self.drawer.select(pn.pane.HTML)]
        boards = [*self.main.select(SegmentBoard), *self.main.select(CopyBoard)]
        shown = [*(str(own.object) for own in panes), *(own.content for own in boards)]
        return "\n".join([*shown, *self.alerts()])

    def alerts(self) -> list[str]:
        """Give what the errors that are visible say."""
        status = self.workbench.status.__panel__()
        return [
            unescape(own.object)
            for own in status
            if getattr(own, "severity", "") == "error" and own.visible
        ]

    def source(self, field: str) -> ColumnDataSource:
        """Give the columns behind the plot that has a field: ``up`` or ``silhouette``."""
        [found] = {
            own.data_source
            for own in self.drawn(GlyphRenderer)
            if {"row", field} <= set(own.data_source.data)
        }
        return found

    def drawn(self, kind: type[Model]) -> list[Any]:
        """Give the models of a kind in the main area."""
        return list(self.page.select({"type": kind}))

    def marked_k(self) -> list[int]:
        """Give the k that the first chart of the sweep marks."""
        return list(self.workbench.sweep._charts["silhouette_score"]._here.source.data["k"])

    def table(self) -> pn.widgets.Tabulator:
        """Give the customers table, after a look at its tab."""
        self.workbench.customers.active = True
        return self.workbench.customers.__panel__().select(pn.widgets.Tabulator)[0]

    def upload(self, data: bytes, name: str = "mine.csv") -> None:
        """Open a file, as the browser does it."""
        self.widget("Open a file or model").param.update(filename=name, value=data)


def csv(columns: Mapping[str, list[Any]], delimiter: str = ",") -> bytes:
    """Write columns as the bytes of a CSV file."""
    lines = [columns, *zip(*columns.values(), strict=True)]
    quoted = [[str(own).replace('"', '""') for own in line] for line in lines]
    return "\n".join(delimiter.join(f'"{own}"' for own in line) for line in quoted).encode()
