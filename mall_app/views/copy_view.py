"""The clustering as Python code, as a curl command and as a link."""

from __future__ import annotations

from functools import cached_property
from html import escape
from typing import Any

import param

from mall_app.data import load_customers
from mall_app.data.table import Table
from mall_app.sharing.links import link_query
from mall_app.sharing.snippets import curl_command, python_code
from mall_app.views.copy_board import ORIGIN, CopyBoard
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import text_styles

NO_LINK = "A table that was opened from a file is on this page only, so no link leads to it."
LONG_LINK = "The edits name too many customers for a link; the Python code holds all of it."
LARGE_TABLE = (
    "The table is too large to be sent in a command; the Python code reads it from its file."
)
LOCAL_FILE = "Put the path of your file in place of its name."


class CopyView(StateView):
    """Three texts that give the same segments elsewhere.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    served : bool
        Whether there is a page to link to, which there is not in a notebook.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, served: bool, **params: Any) -> None:
        super().__init__(state, **params)
        self._served = served
        self._board = CopyBoard()
        self.param.watch(self._show, "active")
        state.plots.watch(self._show)
        state.param.watch(self._show, ["x", "y"])

    def __panel__(self) -> CopyBoard:
        return self._board

    @cached_property
    def _mall(self) -> str:
        return Table.from_frame(load_customers()).sha256

    def _show(self, *_: Any) -> None:
        if not self.active:
            return
        blocks = [self._python(), self._curl(), self._link() if self._served else ""]
        self._board.content = f"<style>{self._css()}</style>{''.join(blocks)}"

    def _is_mall(self) -> bool:
        return self.state.model.table.sha256 == self._mall

    def _python(self) -> str:
        file = None if self._is_mall() else self.state.file
        code = python_code(self.state.model.result.settings, file)
        return _block("python", "Python", escape(code), "" if file is None else LOCAL_FILE)

    def _curl(self) -> str:
        table = None if self._is_mall() else self.state.model.table
        command = curl_command(self.state.model.result.settings, ORIGIN, table)
        if command is None:
            return _block("curl", "curl", "", LARGE_TABLE)
        origin = " data-origin" if self._served else ""
        return _block("curl", "curl", escape(command), "", origin)

    def _link(self) -> str:
        if not self._is_mall():
            return _block("link", "Link", "", NO_LINK)
        state = self.state
        query = link_query(state.model.result.settings, state.start, state.chosen_axes())
        if query is None:
            return _block("link", "Link", "", LONG_LINK)
        note = "Opens this page with the same customers, settings, edits and axes."
        return _block("link", "Link", "", note, f' data-query="{escape(query)}"')

    def _css(self) -> str:
        palette = self.state.palette
        return f"""{text_styles(palette)}
section {{ margin: 0 0 16px; }}
header {{ display: flex; align-items: baseline; gap: 16px; min-height: 36px; }}
h3 {{ font-size: 14px; font-weight: 600; margin: 0; }}
p {{ margin: 0; flex: 1; }}
button {{ font: inherit; font-size: 12px; color: {palette.accent}; background: none;
          cursor: pointer; border: 1px solid {palette.accent}; border-radius: 4px;
          padding: 4px 12px;
          margin-left: auto; white-space: nowrap; }}
button:hover {{ background: {palette.grid}; }}
button:focus-visible {{ outline: 2px solid {palette.accent}; outline-offset: 2px; }}
pre {{ margin: 0; padding: 12px 16px; max-height: 320px; overflow: auto; font-size: 12px;
       background: {palette.grid}; border-radius: 8px; white-space: pre-wrap;
       overflow-wrap: anywhere; }}
"""


def _block(key: str, title: str, text: str, note: str, attributes: str = "") -> str:
    said = f"<p class='muted small'>{escape(note)}</p>" if note else ""
    if not text and not attributes:
        return f"<section><header><h3>{title}</h3>{said}</header></section>"
    label = "Copy link" if key == "link" else f"Copy as {title}"
    return (
        f"<section><header><h3>{title}</h3>{said}"
        f"<button class='copy' type='button' aria-live='polite' data-of='{key}' "
        f"data-label='{label}'>{label}</button></header>"
        f"<pre id='{key}' tabindex='0' aria-label='{title}'{attributes}>{text}</pre></section>"
    )
