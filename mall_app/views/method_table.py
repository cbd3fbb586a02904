"""Tables that say in figures what a chart shows."""

from __future__ import annotations

from html import escape

from mall_app.plots.palette import Palette
from mall_app.views.style import text_styles


def table_css(palette: Palette) -> str:
    """Give the style sheet of plain tables of figures."""
    return f"""{text_styles(palette)}
p {{ margin: 0 0 8px 0; max-width: 96ch; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; }}
th, td {{ padding: 6px 16px 6px 0; text-align: right; font-variant-numeric: tabular-nums;
          border-bottom: 1px solid {palette.grid}; white-space: nowrap; }}
th {{ font-size: 12px; color: {palette.muted}; font-weight: 600; vertical-align: bottom; }}
th:first-child, td:first-child, .words {{ text-align: left; }}
tr.here td {{ font-weight: 600; color: {palette.accent}; }}
summary {{ cursor: pointer; color: {palette.muted}; font-size: 12px; padding: 4px 0; }}
"""


def foldable(title: str, content: str, palette: Palette) -> str:
    """Write content that a person unfolds, with its style."""
    return (
        f"<style>{table_css(palette)}</style><details><summary>{escape(title)}</summary>"
        f"<div class='scroll'>{content}</div></details>"
    )
