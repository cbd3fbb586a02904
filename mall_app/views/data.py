"""The data at hand: what it is, what reading did to it, and another file or a kept model."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from html import escape
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.data.report import DataReport
from mall_app.data.table import Table
from mall_app.engine import Engine, InlineEngine, patience
from mall_app.errors import DataError, WorkbenchError
from mall_app.identity.lineage import Lineage
from mall_app.keeping.model_file import SUFFIX
from mall_app.settings import Settings
from mall_app.sharing.intake import read_and_fit
from mall_app.sharing.uploads import check_size, open_model
from mall_app.views.datasets import DatasetMenu, Opened, opened
from mall_app.views.download import written_beside
from mall_app.views.html_view import HtmlView
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView


class DataView(StateView):
    """Name and size of the table, a button for another one, and the reading report.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Reads and fits files.
    """

    def __init__(self, state: ViewState, engine: Engine | InlineEngine, **params: Any) -> None:
        super().__init__(state, **params)
        self._engine = engine
        self._reading: Future[Any] | None = None
        self._file = pmui.FileInput(
            label="Open a file or model",
            uploaded_label="Open another file or model",  # also after one that was refused
            variant="outlined",
            size="small",
            sizing_mode="stretch_width",
            margin=(4, 0),
        )
        self._save = pmui.FileDownload(
            callback=written_beside(state, "the model", self._saved),
            filename="customer_segments.mall",
            label="Save the model",
            variant="text",
            size="small",
            sizing_mode="stretch_width",
            margin=(0, 0, 4, 0),
        )
        self._menu = None if isinstance(engine, InlineEngine) else DatasetMenu(self._open_dataset)
        self._summary = DataSummary(state)
        self._report = DataReportView(state)
        self._file.param.watch(self._open, "value")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._summary,
            *([] if self._menu is None else [self._menu]),
            self._file,
            self._save,
            self._report,
            sizing_mode="stretch_width",
            margin=0,
        )

    def _saved(self) -> bytes:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "model.mall"
            self.state.model.save(path)
            return path.read_bytes()

    def _open(self, event: param.parameterized.Event) -> None:
        data = event.new
        if data is None:
            return
        try:
            check_size(data)
        except DataError as error:
            self.state.problem = str(error)
            return
        name = str(self._file.filename)
        self._forget()
        try:
            with patience(self._engine.long_deadline):
                self._reading = (
                    self._engine.call(open_model, data, name)
                    if name.endswith(SUFFIX)
                    else self._engine.call(read_and_fit, data, self._settings())
                )
        except WorkbenchError as error:
            self.state.problem = str(error)
            return
        self.state.begin(f"Reading {name}", self._reading)
        when_done(self._reading, lambda done: self._take(name, done))

    def _open_dataset(self, own: str, name: str) -> None:
        assert isinstance(self._engine, Engine)
        self._forget()
        self._reading = reading = opened(self._engine, own, self._settings())
        self.state.begin(f"Reading {name}", reading)
        when_done(reading, lambda done: self._cluster(name, done))

    def _cluster(self, name: str, done: Future[Opened]) -> None:
        """Wait for the first clustering of a table that was read."""
        self.state.end(done)
        if done is not self._reading or done.cancelled():
            return
        try:
            table, fit = done.result()
        except WorkbenchError as error:
            self.state.problem = f"{name} was not opened. {error}"
            return
        self._reading = fit
        self.state.begin(f"Clustering {table.n_customers:,} customers of {name}", fit)
        when_done(fit, lambda fitted: self._take(name, fitted, table))

    def _forget(self) -> None:
        """Stop reading what was chosen before: what is chosen last is what is wanted."""
        if self._reading is not None:
            self._reading.cancel()

    def _settings(self) -> Settings:
        """Give the settings as they stand, or the last that worked: a new file is a new start."""
        model = self.state.model
        return model.settings if model.error is None else model.result.settings

    def _take(self, name: str, done: Future[Any], table: Table | None = None) -> None:
        self.state.end(done)
        try:
            read, further = done.result() if table is None else (table, done.result())
        except CancelledError:
            return
        except WorkbenchError as error:
            self.state.problem = f"{name} was not opened. {error}"
            return
        self.state.param.update(problem="", dataset=name)
        if self._menu is not None and table is None:
            self._menu.clear()
        if isinstance(read, Lineage):
            self.state.arriving = True
            self.state.model.adopt(read, **further)
        else:
            self.state.model.take(read, further)


def size_of(table: Table) -> str:
    """Say how many customers a table has, and how many of them are drawn if not all are.

    Examples
    --------
    >>> from mall_app.data import load_customers
    >>> size_of(Table.from_frame(load_customers()))
    '200 customers'
    """
    drawn = "" if table.whole is None else f", {len(table):,} drawn"
    return f"{table.n_customers:,} customers{drawn}"


class DataSummary(HtmlView):
    """Name and size of the table."""

    def html(self) -> str:
        """Write the content from the state."""
        table = self.state.model.table
        return (
            f"<div><b>{escape(self.state.dataset)}</b></div><div class='muted small'>"
            f"{size_of(table)}, {len(table.roles)} columns</div>"
        )


class DataReportView(HtmlView):
    """What reading did to the data and what the last fit had to say, folded away."""

    def html(self) -> str:
        """Write the content from the state."""
        report = self.state.model.table.report
        warnings = self.state.model.result.warnings
        said = [*warnings, *(report_sentences(report) if report else ())]
        if not said:
            return ""
        noted = f" · {len(warnings)} to note" if warnings else ""
        rows = "".join(f"<p>{escape(own)}</p>" for own in said)
        return (
            f"<details class='small'><summary>What was done to the data{noted}</summary>"
            f"{rows}</details>"
        )

    def css(self) -> str:
        """Write the rules of this view alone."""
        return "summary { cursor: pointer; padding: 4px 0; } p { margin: 0 0 8px 16px; }"


def report_sentences(report: DataReport) -> list[str]:
    """Say what reading did, a sentence each."""
    kept = f"{report.rows_kept:,} of {report.rows_read:,} rows kept; "
    separator = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(
        report.delimiter, report.delimiter
    )
    written = f"{report.encoding}, {separator or 'one column'}, decimal {report.decimal!r}"
    said = [f"{kept}{written if report.format == 'CSV' else report.format}."]
    said += [f"{old!r} was renamed to {new!r}." for old, new in report.renamed.items()]
    said += [
        f"{own.name}: {own.role}"
        + (f", {own.missing:,} missing" if own.missing else "")
        + (f". {own.note}" if own.note else ".")
        for own in report.columns
    ]
    return [*said, *report.notes]
