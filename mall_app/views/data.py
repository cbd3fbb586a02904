"""The data at hand: what it is, what reading did to it, and another file instead."""

from __future__ import annotations

from concurrent.futures import CancelledError, Future
from html import escape
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.data.report import DataReport
from mall_app.engine import Engine, InlineEngine
from mall_app.errors import WorkbenchError
from mall_app.intake import read_and_fit
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState
from mall_app.views.style import text_styles

LARGEST_FILE_MB = 100


class DataView(pn.viewable.Viewer):
    """Name and size of the table, a button for another one, and the reading report.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine or InlineEngine
        Reads and fits files.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)

    def __init__(self, state: ViewState, engine: Engine | InlineEngine, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._engine = engine
        self._file = pmui.FileInput(
            label="Open a CSV file",
            accept=".csv,.tsv,.txt",
            variant="outlined",
            size="small",
            max_file_size=LARGEST_FILE_MB * 2**20,
            sizing_mode="stretch_width",
            margin=(4, 0),
        )
        self._summary = pn.pane.HTML(
            self._words(),
            sizing_mode="stretch_width",
            margin=(0, 2),
            stylesheets=[text_styles(state.palette)],
        )
        self._report = pn.pane.HTML(
            self._report_html(),
            sizing_mode="stretch_width",
            stylesheets=[text_styles(state.palette)],
        )
        self._details = pmui.Accordion(
            ("What was done to the data", self._report),
            sizing_mode="stretch_width",
            margin=(4, 0),
            visible=bool(self._report.object),
        )
        self._file.param.watch(self._open, "value")
        state.model.param.watch(self._show, ["table", "result"])
        state.param.watch(self._restyle, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._summary, self._file, self._details, sizing_mode="stretch_width", margin=0
        )

    def _open(self, event: param.parameterized.Event) -> None:
        data = event.new
        if not data:
            return
        if len(data) > LARGEST_FILE_MB * 2**20:
            self.state.problem = (
                f"The file must be at most {LARGEST_FILE_MB} MB, not {len(data) / 2**20:.0f} MB."
            )
            return
        name = str(self._file.filename)
        self.state.busy = f"Reading {name}"
        try:
            reading = self._engine.call(read_and_fit, data, self.state.model.settings)
        except WorkbenchError as error:
            self.state.param.update(busy="", problem=str(error))
            return
        when_done(reading, lambda done: self._take(name, done))

    def _take(self, name: str, done: Future[Any]) -> None:
        self.state.busy = ""
        try:
            table, result = done.result()
        except CancelledError:
            return
        except WorkbenchError as error:
            self.state.problem = f"{name} was not opened. {error}"
            return
        self.state.param.update(problem="", dataset=name)
        self.state.model.take(table, result)

    def _show(self, *_: Any) -> None:
        self._summary.object = self._words()
        self._report.object = self._report_html()
        self._details.visible = bool(self._report.object)

    def _restyle(self, *_: Any) -> None:
        sheet = [text_styles(self.state.palette)]
        self._summary.stylesheets = self._report.stylesheets = sheet

    def _words(self) -> str:
        table = self.state.model.table
        return (
            f"<div><b>{escape(self.state.dataset)}</b></div><div class='muted small'>"
            f"{len(table):,} customers, {len(table.roles)} columns</div>"
        )

    def _report_html(self) -> str:
        report = self.state.model.table.report
        sentences = [
            *(report_sentences(report) if report else ()),
            *self.state.model.result.warnings,
        ]
        return "".join(
            f"<div class='small' style='margin-bottom:8px'>{escape(own)}</div>" for own in sentences
        )


def report_sentences(report: DataReport) -> list[str]:
    """Say what reading did, a sentence each."""
    separator = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}.get(
        report.delimiter, report.delimiter
    )
    said = [
        f"{report.rows_kept:,} of {report.rows_read:,} rows kept; {report.encoding}, "
        f"{separator or 'one column'}, decimal {report.decimal!r}."
    ]
    said += [f"{old!r} was renamed to {new!r}." for old, new in report.renamed.items()]
    said += [
        f"{own.name}: {own.role}"
        + (f", {own.missing:,} missing" if own.missing else "")
        + (f". {own.note}" if own.note else ".")
        for own in report.columns
    ]
    return [*said, *report.notes]
