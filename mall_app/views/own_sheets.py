"""Style sheets of Panel for a notebook, with their content in place of an address elsewhere."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any

import panel as pn
from bokeh.models import ImportedStyleSheet
from panel.io.resources import CDN_DIST, DIST_DIR, LOCAL_DIST


class OwnSheets(dict[str, ImportedStyleSheet]):
    """What Panel asks, for each page, which sheet stands for an address.

    It puts all sheets into the notebook when a view is first shown. But what is drawn or changed
    later would name Panel's own host again, and lose its looks where that is not reached.
    """

    def __contains__(self, address: object) -> bool:
        return super().__contains__(address) or _file_of(str(address)) is not None

    def __missing__(self, address: str) -> ImportedStyleSheet:
        file = _file_of(address)
        if file is None:
            raise KeyError(address)
        content = b64encode(file.read_bytes()).decode()
        sheet = self[address] = ImportedStyleSheet(url=f"data:text/css;base64,{content}")
        return sheet


def keep_inside(view: pn.viewable.Viewable) -> None:
    """Have whatever changes in a view that is shown in a notebook ask no other host."""
    sheets: dict[Any, Any] = pn.state._stylesheets
    for model, _ in view._models.values():
        own = OwnSheets()
        for address in sheets.get(model.document, {}):
            if address in own:
                own[address]  # an empty dictionary is not asked
        sheets[model.document] = own


def _file_of(address: str) -> Path | None:
    """Find the file of a sheet that is Panel's own."""
    for start in (CDN_DIST, LOCAL_DIST):
        if address.startswith(start):
            file: Path = DIST_DIR / address.removeprefix(start).split("?")[0]
            return file if file.is_file() else None
    return None
