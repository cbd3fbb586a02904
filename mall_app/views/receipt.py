"""The receipt, and the same segments as code, command and link."""

from __future__ import annotations

import json
from html import escape
from typing import Any

import panel as pn
import param

from mall_app.views.copy_view import CopyView
from mall_app.views.html_view import HtmlView
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView


class ReceiptView(HtmlView):
    """The receipt as JSON, to copy or to keep with a report.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def html(self) -> str:
        """Write the content from the state."""
        text = escape(json.dumps(self.state.model.receipt, indent=2, ensure_ascii=False))
        return f"<b>Receipt</b><pre>{text}</pre>"

    def css(self) -> str:
        """Write the rules of this view alone."""
        return "pre { font-size: 12px; line-height: 1.5; white-space: pre-wrap; margin: 8px 0; }"


class ReproduceView(StateView):
    """What to copy, over the receipt.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    served : bool
        Whether there is a page to link to.
    """

    active = param.Boolean(default=False, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, served: bool, **params: Any) -> None:
        super().__init__(state, **params)
        self.copies = CopyView(state, served)
        self.receipt = ReceiptView(state)
        self._look()
        self.param.watch(self._look, "active")

    def __panel__(self) -> pn.Column:
        return pn.Column(self.copies, self.receipt, sizing_mode="stretch_width", margin=(16, 0))

    def _look(self, *_: Any) -> None:
        self.copies.active = self.receipt.active = self.active
