"""The base of every view of a page."""

from __future__ import annotations

from typing import Any

import panel as pn

from mall_app.views.state import ViewState


class StateView(pn.viewable.Viewer):
    """A view of what a page looks at.

    Parameters
    ----------
    state : ViewState
        What is looked at; its model is what widgets change.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(**params)
        self.state = state
