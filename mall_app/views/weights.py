"""What each feature counts for in the distance, shown when it is asked for."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

from mall_app.settings import LARGEST_WEIGHT
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

_WIDE = {"sizing_mode": "stretch_width", "margin": 0}
HELP = (
    "A feature of weight 2 counts twice as much as one of weight 1 "
    f"(more than 0, at most {LARGEST_WEIGHT:,.0f})."
)


class WeightsView(StateView):
    """A number a feature, folded away until somebody wants to weigh.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._telling = False
        self._inputs: dict[str, pmui.FloatInput] = {}
        self._open = pmui.Checkbox(label="Weigh the features", value=False, margin=(0, 0, 4, 0))
        self._even = pmui.Button(
            label="All count the same", variant="text", size="small", margin=(0, 0, 4, 0)
        )
        self._even.on_click(lambda _: self.state.model.param.update(weights={}))
        self._fields = pn.Column(**_WIDE, visible=False)
        self._open.param.watch(self._show, "value")
        state.model.param.watch(self._show, ["features", "weights", "table"])
        self._show()

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._open, self._fields, **_WIDE)

    def _show(self, *_: Any) -> None:
        """Say in the label how many are weighed; make the inputs only when they are looked at."""
        weights = self.state.model.weights
        self._open.label = (
            f"Weigh the features ({len(weights)} weighed)" if weights else "Weigh the features"
        )
        self._fields.visible = self._open.value
        if not self._open.value:
            return
        features = list(self.state.model.features)
        if list(self._inputs) != features:
            self._inputs = {name: self._input(name) for name in features}
            note = pmui.Typography(
                HELP, variant="caption", color="text.secondary", margin=(0, 2, 4, 2)
            )
            self._fields.objects = [note, *self._inputs.values(), self._even]
        self._telling = True
        try:
            for name, own in self._inputs.items():
                own.value = weights.get(name, 1.0)
        finally:
            self._telling = False
        self._even.visible = bool(weights)

    def _input(self, name: str) -> pmui.FloatInput:
        field = pmui.FloatInput(
            label=f"Weight of {name}",
            value=1.0,
            start=0.0,
            end=LARGEST_WEIGHT,
            step=0.5,
            size="small",
            sizing_mode="stretch_width",
            margin=(4, 0),
        )
        field.param.watch(lambda event: self._weigh(name, event.new), "value")
        return field

    def _weigh(self, name: str, weight: float | None) -> None:
        if self._telling:
            return
        weights = {**self.state.model.weights, name: weight}
        self.state.model.weights = {own: value for own, value in weights.items() if value != 1.0}
