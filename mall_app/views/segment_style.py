"""The look of the segment cards, their menu and their dialog."""

from __future__ import annotations

from mall_app.plots.palette import Palette
from mall_app.views.style import card, text_styles


def segment_style(palette: Palette) -> str:
    """Give the style sheet."""
    frame = "; ".join(f"{name}: {value}" for name, value in card(palette).items())
    shadow = "0 8px 24px rgba(0, 0, 0, .45)" if palette.dark else "0 8px 24px rgba(16, 24, 40, .18)"
    return f"""{text_styles(palette)}
.cards {{ display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(200px, 1fr)); }}
.card {{ {frame}; padding: 16px; display: flex; flex-direction: column; gap: 8px; min-width: 0;
         overflow-wrap: anywhere; }}
.card header {{ display: flex; gap: 8px; align-items: baseline; min-height: 38px; }}
@media (max-width: 600px) {{ .card header {{ min-height: 0; }} }}
h3 {{ font-size: 14px; font-weight: 600; line-height: 1.35; margin: 0; flex: 1;
      display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3;
      overflow: hidden; }}
p {{ margin: 0; }}
.note {{ border-left: 2px solid {palette.accent}; padding-left: 8px; white-space: pre-line; }}
.label {{ display: flex; justify-content: space-between; gap: 8px; margin-top: 8px; }}
.number {{ white-space: nowrap; }}
.track {{ height: 6px; border-radius: 3px; background: {palette.grid}; position: relative;
          margin-top: 4px; }}
.track i {{ position: absolute; }}
.bar {{ top: 0; bottom: 0; border-radius: 3px; }}
.whisker {{ top: 50%; height: 0; border-top: 1.5px solid {palette.text}; }}
.whisker::before, .whisker::after {{ content: ""; position: absolute; top: -4px; height: 7px;
                                     border-left: 1.5px solid {palette.text}; }}
.whisker::before {{ left: 0; }} .whisker::after {{ right: 0; }}
.middle {{ left: 50%; top: -2px; bottom: -2px; width: 1px; background: {palette.muted}; }}
footer {{ border-top: 1px solid {palette.grid}; padding-top: 8px; margin-top: auto;
          display: grid; gap: 4px; }}
.rule {{ color: {palette.text}; }}
.fit {{ display: block; color: {palette.muted}; font-variant-numeric: tabular-nums; }}
button {{ font: inherit; color: inherit; background: none; border: 0; cursor: pointer;
          border-radius: 4px; padding: 2px 4px; }}
button:hover {{ background: {palette.grid}; }}
button:focus-visible, summary:focus-visible {{ outline: 2px solid {palette.accent};
                                               outline-offset: 1px; }}
.quiet {{ color: {palette.accent}; padding: 2px 0; margin-right: 12px; text-align: left; }}
.more {{ font-size: 14px; line-height: 1; padding: 4px 8px; margin: -4px -8px 0 0;
         color: {palette.muted}; font-weight: 700; }}
.line {{ display: flex; flex-wrap: wrap; gap: 8px 24px; align-items: baseline;
         min-height: 24px; margin-bottom: 8px; }}
.changes {{ flex: 1 1 320px; }}
.edits {{ display: flex; gap: 16px; align-items: baseline; }}
summary {{ cursor: pointer; }}
ol {{ margin: 4px 0 8px; padding-left: 24px; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; margin: 8px 0; }}
th, td {{ text-align: left; padding: 4px 16px 4px 0; border-bottom: 1px solid {palette.grid}; }}
th {{ color: {palette.muted}; font-weight: 600; }}
th.number, td.number {{ text-align: right; }}
.menu, dialog {{ background: {palette.ground}; color: {palette.text}; border-radius: 8px;
                 border: 1px solid {palette.grid}; box-shadow: {shadow}; }}
.menu {{ position: fixed; inset: auto; margin: 0; padding: 8px; width: 240px; max-height: 60vh;
         overflow-y: auto; }}
.menu button {{ display: flex; gap: 8px; align-items: center; width: 100%; padding: 8px;
                text-align: left; font-size: 14px; line-height: 1.3; }}
.menu .head {{ font-size: 12px; color: {palette.muted}; padding: 8px 8px 0;
               border-top: 1px solid {palette.grid}; margin-top: 8px; }}
dialog {{ padding: 24px; width: min(400px, calc(100vw - 80px)); }}
dialog::backdrop {{ background: rgba(0, 0, 0, .4); }}
dialog form {{ display: grid; gap: 16px; }}
dialog label {{ display: grid; gap: 4px; font-size: 12px; color: {palette.muted}; }}
dialog input, dialog textarea {{ font: inherit; font-size: 14px; color: {palette.text};
    background: {palette.ground}; border: 1px solid {palette.muted}; border-radius: 4px;
    padding: 8px; resize: vertical; }}
dialog input:focus, dialog textarea:focus {{ outline: 2px solid {palette.accent};
                                             outline-offset: -1px; }}
.ends {{ display: flex; justify-content: flex-end; gap: 8px; }}
.ends button {{ padding: 8px 16px; }}
.primary {{ background: {palette.accent}; color: {palette.ground}; }}
.primary:hover {{ background: {palette.accent}; filter: brightness(1.1); }}
"""
