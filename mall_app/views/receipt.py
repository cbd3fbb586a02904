"""The receipt: what is needed to get the same segments again."""

from __future__ import annotations

import json
from html import escape

from mall_app.views.html_view import HtmlView


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
        return f"<pre>{text}</pre>"

    def css(self) -> str:
        """Write the rules of this view alone."""
        return "pre { font-size: 12px; line-height: 1.5; white-space: pre-wrap; margin: 16px 0; }"
