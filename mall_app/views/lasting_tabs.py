"""Tabs whose content stays in the page."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param


class LastingTabs(pn.viewable.Viewer):
    """Tabs that make a view at the first look at it, and from then on only show or hide it.

    The tabs of Panel take a view out of the page and put it back: plots are then drawn anew each
    time, with an error of Bokeh in the console, and what changed meanwhile loses its style sheets.

    Parameters
    ----------
    views : dict of str to Viewer
        By title.
    """

    active = param.Integer(default=0, doc="Place of the tab that is looked at.")

    def __init__(self, views: dict[str, Any], **params: Any) -> None:
        super().__init__(**params)
        self._views = list(views.values())
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        # As wide as the page lets them be: what is wider scrolls, and widens no page on a phone.
        narrow = {"width": "0", "min-width": "100%"}
        self._bar = pmui.Tabs(
            *((title, pn.Spacer(height=0)) for title in views), styles=narrow, **wide
        )
        self._made: dict[int, pn.Column] = {}
        self._content = pn.Column(styles=narrow, **wide)
        self._layout = pn.Column(self._bar, self._content, **wide)
        self._bar.link(self, active="active", bidirectional=True)
        self.param.watch(self._look, "active")
        self._look()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _look(self, *_: Any) -> None:
        for place, panel in self._made.items():
            panel.visible = place == self.active
        for place, view in enumerate(self._views):
            if "active" in view.param:
                view.active = place == self.active
        if self.active not in self._made:
            panel = pn.Column(self._views[self.active], sizing_mode="stretch_width", margin=0)
            self._made[self.active] = panel
            self._content.append(panel)
