"""A part of the page that is plain HTML, written anew when the result or the theme changes."""

from __future__ import annotations

from functools import partial
from html import escape
from typing import Any, ClassVar

import panel as pn
import param

from mall_app.views.drawing import Drawing
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import card, text_styles


class HtmlView(StateView):
    """Base of views that need no widget; a refit costs one patch of text, and none unseen.

    It is written in its turn among the plots; a view that is `at_once` goes before all of them.
    """

    at_once: ClassVar[bool] = False
    active = param.Boolean(default=True, doc="Whether somebody looks.")

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._pane = pn.pane.HTML(
            self._content(), sizing_mode="stretch_width", margin=0, tags=[self.name]
        )
        state.plots.watch(self._refresh, at_once=self.at_once)
        state.param.watch(self._refresh, "dark")
        self.param.watch(self._refresh, "active")

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def html(self) -> str:
        """Write the content from the state."""
        return ""

    def css(self) -> str:
        """Write the rules of this view alone."""
        return ""

    def drawing(self, html: str) -> Drawing:
        """Give what changes when other HTML takes the place of this."""
        content = self._styled(html)
        mirror = partial(self._pane.param.update, object=content)
        return Drawing(self.name, {"text": escape(content)}, mirror)

    def _refresh(self, *_: Any) -> None:
        if self.active:
            self._pane.object = self._content()

    def _content(self) -> str:
        return self._styled(self.html())

    def _styled(self, html: str) -> str:
        """Put the style inside: a style sheet changed on its own does not reach the browser."""
        frame = "; ".join(f"{k}: {v}" for k, v in card(self.state.palette).items())
        sheet = f"{text_styles(self.state.palette)}\n.card {{ {frame}; }}\n{self.css()}"
        return f"<style>{sheet}</style>{html}"
