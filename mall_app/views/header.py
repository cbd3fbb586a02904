"""The header: the data at hand, and the way to the API."""

from __future__ import annotations

from html import escape

from mall_app.views.data import size_of
from mall_app.views.html_view import HtmlView


class Header(HtmlView):
    """Name and size of the data, and a link to the API documentation."""

    def html(self) -> str:
        """Write the content from the state."""
        data = f"{escape(self.state.dataset)} · {size_of(self.state.model.table)}"
        return (
            f"<div class='bar'><span class='data'>{data}</span>"
            "<a href='docs' target='_blank' rel='noopener'>API docs</a></div>"
        )

    def css(self) -> str:
        """Write the rules of this view alone."""
        return """
.bar { display: flex; gap: 16px; align-items: center; justify-content: space-between;
       color: #fff; padding-left: 24px; }
.data { opacity: 0.85; }
a { color: inherit; white-space: nowrap; }
@media (max-width: 600px) { .data { display: none; }
  .bar { justify-content: flex-end; padding-left: 12px; } }
"""
