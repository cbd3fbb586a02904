"""A box that says what is calculated and how far it is, wherever on the page one looks."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from mall_app.views.style import as_text
from mall_app.views.under_way import UnderWay

# In a corner of the window: a line that came and went at the top would move the whole page.
IN_A_CORNER = {
    "position": "fixed",
    "bottom": "16px",
    "right": "16px",
    "max-width": "min(440px, calc(100vw - 32px))",
    "z-index": "1250",
}
# On a phone the open drawer lies over all of the window.
IN_THE_DRAWER = {"position": "sticky", "bottom": "8px", "z-index": "2"}
ON_A_PHONE_ALONE = "@media (min-width: 600px) { :host { display: none !important; } }"


class BusyBox(pn.viewable.Viewer):
    """A box over the page that is there only while something takes long.

    Parameters
    ----------
    on_cancel : callable
        Called when the button is pressed.
    place : dict
        Styles that say where it is.
    sheet : str, optional
        More rules for it.
    """

    def __init__(
        self, on_cancel: Any, place: dict[str, str], sheet: str = "", **params: Any
    ) -> None:
        super().__init__(**params)
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._what = pmui.Typography("", variant="body2", sx={"fontWeight": 500}, **wide)
        self._far = pmui.Typography("", variant="caption", sx={"color": "text.secondary"}, **wide)
        self._bar = pmui.LinearProgress(variant="indeterminate", value=0, **wide)
        self._stop = pmui.Button(label="Cancel", size="small", variant="outlined", margin=0)
        self._stop.on_click(lambda _: on_cancel())
        line = pn.Row(
            pn.Column(self._what, self._far, **wide),
            self._stop,
            styles={"gap": "16px", "align-items": "center"},
            **wide,
        )
        self._box = pmui.Paper(
            pn.Column(line, self._bar, styles={"gap": "10px"}, **wide),
            elevation=6,
            visible=False,
            margin=0,
            styles=place,
            stylesheets=[sheet] if sheet else [],
            sx={"padding": "12px 16px"},
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self._box

    def show(self, shown: list[UnderWay]) -> None:
        """Show what was begun last, and how many others there are; nothing for an empty list."""
        if shown:
            first, others = shown[0], len(shown) - 1
            more = f" and {others} more" if others else ""
            self._what.object = as_text(f"{first.what}{more}")
            self._far.object = as_text(first.in_words())
            self._move(first.share)
        self._box.visible = bool(shown)

    def _move(self, share: float | None) -> None:
        if share is None:
            self._bar.variant = "indeterminate"
        else:
            self._bar.param.update(variant="determinate", value=round(100 * share))
