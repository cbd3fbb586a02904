"""The tables of the server, one of which a page may open in place of a file."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from threading import Thread
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.data.library import Dataset, dataset_library
from mall_app.data.table import Table
from mall_app.engine import Engine, patience
from mall_app.errors import WorkbenchError
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sharing.intake import settings_for

Opened = tuple[Table, Future[ClusteringResult]]
_LABEL = "Open a dataset of the server"
# Panel opens the first of the options by itself where none stands for "nothing chosen".
_NONE = {"None chosen": ""}


class DatasetMenu(pn.viewable.Viewer):
    """Offers the tables of the server, once there is more than the one that is built in.

    Parameters
    ----------
    choose : callable
        Called with the id and the name of what is chosen.
    """

    def __init__(self, choose: Callable[[str, str], None], **params: Any) -> None:
        super().__init__(**params)
        self._choose = choose
        self._names: dict[str, str] = {}
        self._select = pmui.Select(
            label=_LABEL,
            options=_NONE,
            value="",
            size="small",
            variant="outlined",
            visible=False,
            sizing_mode="stretch_width",
            margin=(8, 0, 4, 0),
        )
        self._select.param.watch(self._on_value, "value")
        self.refresh()
        if pn.state.curdoc is not None:
            pn.state.onload(self.refresh)  # the page may have been made ready long before

    def __panel__(self) -> pn.viewable.Viewable:
        return self._select

    def refresh(self) -> None:
        """Look again at what there is; a folder that cannot be read offers nothing."""
        try:
            entries = [own for own in dataset_library().entries() if own.fault is None]
        except WorkbenchError:
            entries = []
        self._names = {own.id: own.name for own in entries}
        self._select.param.update(options=_options(entries), visible=len(entries) > 1)

    def clear(self) -> None:
        """Show none as chosen: the page has a table from elsewhere."""
        self._select.value = ""

    def _on_value(self, event: param.parameterized.Event) -> None:
        if event.new in self._names:
            self._choose(event.new, self._names[event.new])


def opened(engine: Engine, own: str, settings: Settings) -> Future[Opened]:
    """Read a table of the server and have it clustered, without holding up the page.

    Returns
    -------
    Future
        The table, and the work on its first clustering. Cancelling it forgets the table; it may
        be read to its end all the same.
    """
    work: Future[Opened] = Future()

    def run() -> None:
        with suppress(InvalidStateError):  # cancelled meanwhile
            try:
                table = dataset_library().table(own)
                if not work.cancelled():
                    wanted = settings_for(table, settings).unedited()
                    with patience(engine.long_deadline):
                        work.set_result((table, engine.fit(table, wanted)))
            except Exception as error:  # told on the page, as what goes wrong in the engine is
                work.set_exception(error)

    Thread(target=run, name="open-dataset", daemon=True).start()
    return work


def _options(entries: list[Dataset]) -> dict[str, str]:
    """Give what the menu shows and the id of each; equal names are told apart by it."""
    options = dict(_NONE)
    for own in entries:
        shown = own.name if own.n_rows is None else f"{own.name} · {own.n_rows:,} customers"
        options[f"{shown} ({own.id[:6]})" if shown in options else shown] = own.id
    return options
