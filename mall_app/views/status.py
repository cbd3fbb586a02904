"""What is going on: a calculation that takes long, or a setting that cannot be used."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.views.busy import IN_A_CORNER, IN_THE_DRAWER, ON_A_PHONE_ALONE, BusyBox
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import as_text
from mall_app.views.under_way import UnderWay

TICK_MS = 250
SHOW_AFTER = 0.5
MOST_WARNINGS = 3
HINT = (
    "These are 200 customers of a mall. Move the slider to change the number of segments, or draw "
    "a box in the scatter to see who is in it."
)


class StatusView(StateView):
    """A line that is there only when it is needed.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    hint : bool, default False
        Whether to greet a first visit.
    """

    def __init__(
        self,
        state: ViewState,
        hint: bool = False,
        **params: Any,
    ) -> None:
        super().__init__(state, **params)
        wide = {"sizing_mode": "stretch_width", "margin": 0}
        self._hint = pmui.Alert(object=HINT, severity="info", closeable=True, visible=hint, **wide)
        self._problem = pmui.Alert(object="", severity="error", visible=False, **wide)
        self._warning = pmui.Alert(object="", severity="warning", visible=False, **wide)
        self._show_warnings()
        self._cancelled = pmui.Alert(
            object="", severity="info", closeable=True, visible=False, **wide
        )
        self._busy = BusyBox(self._cancel, IN_A_CORNER)
        self.in_drawer = BusyBox(self._cancel, IN_THE_DRAWER, ON_A_PHONE_ALONE)
        self._ticker: Any = None
        state.param.watch(self._show_problem, "problem")
        state.param.watch(self._show_busy, "busy")
        state.model.param.watch(self._dismiss_hint, "result")
        state.param.watch(self._dismiss_hint, "dataset")
        state.model.param.watch(self._show_warnings, "result")

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(
            self._hint,
            self._problem,
            self._warning,
            self._cancelled,
            self._busy,
            sizing_mode="stretch_width",
            margin=0,
            styles={"gap": "8px"},
        )

    def _show_problem(self, event: param.parameterized.Event) -> None:
        text = f"{event.new} The last good result is shown below." if event.new else ""
        self._problem.param.update(object=as_text(text), visible=bool(event.new))

    def _show_warnings(self, *_: Any) -> None:
        said = self.state.model.result.warnings
        more = f" {len(said) - MOST_WARNINGS} more under Data." if len(said) > MOST_WARNINGS else ""
        text = f"{' '.join(said[:MOST_WARNINGS])}{more}"
        self._warning.param.update(object=as_text(text), visible=bool(said))

    def _dismiss_hint(self, *_: Any) -> None:
        self._hint.visible = self._cancelled.visible = False

    def _cancel(self) -> None:
        """Stop what is under way, and say that what is shown is not what was asked for."""
        text = f"Cancelled: {self.state.busy}. The last good result is shown below."
        self.state.cancel()
        self._cancelled.param.update(object=as_text(text), visible=True)

    def _show_busy(self, event: param.parameterized.Event) -> None:
        if event.new and self._ticker is None and pn.state.curdoc is not None:
            self._cancelled.visible = False
            self._ticker = pn.state.add_periodic_callback(self._tick, TICK_MS)
        elif not event.new and self._ticker is not None:
            self._ticker.stop()
            self._ticker = None
            self._show([])

    def _tick(self) -> None:
        self._show([own for own in self.state.under_way() if own.seconds > SHOW_AFTER])

    def _show(self, under_way: list[UnderWay]) -> None:
        for box in (self._busy, self.in_drawer):
            box.show(under_way)
