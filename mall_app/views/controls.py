"""The drawer: what is clustered, how, and into how many segments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import panel as pn
import panel_material_ui as pmui
import param

from mall_app.algorithms import Algorithm, algorithms
from mall_app.views.prompt_slider import PromptSlider
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.weights import WeightsView
from mall_app.views.where import WhereView

MOST_SEGMENTS_ON_SLIDER = 20
_WIDE = {"sizing_mode": "stretch_width", "margin": (4, 0)}
_SCALING_NAMES = {
    "Standard (mean 0, deviation 1)": "standard",
    "Robust (median, quartiles)": "robust",
    "Min-max (0 to 1)": "minmax",
    "None (original units)": "none",
}
_DISTANCE_NAMES = {
    "Euclidean (straight line)": "euclidean",
    "Gower (numbers and categories)": "gower",
}
_DISTANCE_HELP = {
    "euclidean": "Best for quantities; a category becomes columns of ones and zeros.",
    "gower": "Each feature counts the same, as a share of its range or whether categories "
    "differ; scaling is not used.",
}
_MISSING_NAMES = {
    "Leave the customer out": "drop",
    "Fill with the median": "median",
    "Fill with the most frequent": "most_frequent",
}


class Controls(StateView):
    """Widgets of the model's settings and the plot's axes, made from their declarations."""

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        model = state.model
        self._features = pmui.MultiChoice(
            label="Features", description=model.param.features.doc, **_WIDE
        )
        show = _choose(
            self._features, model, "features", lambda: model.table.features, self._take_features
        )
        model.param.watch(show, "table")
        self._algorithm = pmui.Select(
            label="Algorithm", description=model.param.algorithm.doc, searchable=False, **_WIDE
        )
        self._distance = pmui.Select(
            label="Distance",
            description=model.param.distance.doc,
            options=_DISTANCE_NAMES,
            **_WIDE,
        )
        self._scaling = pmui.Select.from_param(
            model.param.scaling, label="Scaling", options=_SCALING_NAMES, **_WIDE
        )
        self._distance_help = _caption("")
        self._weights = WeightsView(state)
        self._n_clusters = PromptSlider.from_param(
            model.param.n_clusters,
            label="Number of segments (k)",
            start=2,
            end=self._last_k(),
            tags=["n_clusters"],
            tooltips=False,  # it would lie over the label, which says the same
            **_WIDE,
        )
        self._own = pn.Column(margin=0, sizing_mode="stretch_width")
        self._summary = _caption("")
        self._show_method()
        self._show_distance()
        self._algorithm.param.watch(self._take_algorithm, "value")
        self._distance.param.watch(self._take_distance, "value")
        model.param.watch(self._show_distance, ["distance", "algorithm"])
        model.param.watch(self._show_method, "method")
        model.param.watch(self._show_table, "table")
        model.param.watch(self._show_k, "n_clusters")
        self._layout = self._build()

    def __panel__(self) -> pn.viewable.Viewable:
        return self._layout

    def _build(self) -> pn.Column:
        model = self.state.model
        return pn.Column(
            _heading("Segments"),
            self._algorithm,
            self._summary,
            self._n_clusters,
            self._own,
            _heading("Data used"),
            self._features,
            self._weights,
            self._distance,
            self._distance_help,
            self._scaling,
            pmui.Select.from_param(
                model.param.missing, label="Missing values", options=_MISSING_NAMES, **_WIDE
            ),
            pmui.IntInput.from_param(
                model.param.random_state, label="Seed (random state)", start=0, **_WIDE
            ),
            WhereView(self.state),
            _heading("Plot"),
            self._axis("x", "Horizontal axis"),
            self._axis("y", "Vertical axis"),
            sizing_mode="stretch_width",
            margin=0,
        )

    def _axis(self, name: str, label: str) -> pmui.Select:
        state = self.state
        widget = pmui.Select(label=label, description=state.param[name].doc, **_WIDE)
        show = _choose(widget, state, name, lambda: state.param[name].objects)
        state.model.param.watch(show, "result")
        return widget

    def _take_features(self, features: list[str]) -> None:
        """Let go of the weight of a feature that is left out, in the same fit."""
        model = self.state.model
        weights = {name: own for name, own in model.weights.items() if name in features}
        model.param.update(features=features, weights=weights)

    def _take_algorithm(self, event: param.parameterized.Event) -> None:
        if event.new is not None:
            self.state.model.algorithm = event.new

    def _take_distance(self, event: param.parameterized.Event) -> None:
        """Change the distance, and with it an algorithm that does not know it."""
        model = self.state.model
        changes = {"distance": event.new}
        if event.new not in model.method.distances:
            changes["algorithm"] = _stand_in(model.method, event.new)
        model.param.update(**changes)

    def _show_distance(self, *_: Any) -> None:
        """Offer the algorithms that know the distance, and what else goes with it."""
        model = self.state.model
        able = [own for own in algorithms().values() if model.distance in own.distances]
        others = len(algorithms()) - len(able)
        self._algorithm.param.update(
            groups=_grouped(able),
            value=model.algorithm,
            helper_text=f"{others} more with Euclidean distance" if others else "",
        )
        self._distance.value = model.distance
        self._distance_help.object = _DISTANCE_HELP[model.distance]
        self._scaling.visible = model.distance == "euclidean"

    def _last_k(self) -> int:
        model = self.state.model
        return max(3, min(MOST_SEGMENTS_ON_SLIDER, len(model.table) - 1), model.n_clusters)

    def _show_k(self, *_: Any) -> None:
        if self.state.model.n_clusters > self._n_clusters.end:
            self._n_clusters.end = self._last_k()

    def _show_table(self, *_: Any) -> None:
        self._n_clusters.end = self._last_k()

    def _show_method(self, *_: Any) -> None:
        method = self.state.model.method
        self._summary.object = method.summary
        self._n_clusters.visible = method.needs_n_clusters
        widgets = [parameter_widget(method, name) for name in method.own_parameters()]
        self._own.objects = [
            pn.Row(*widgets[first : first + 2], sizing_mode="stretch_width", styles={"gap": "8px"})
            for first in range(0, len(widgets), 2)
        ]


def parameter_widget(method: Algorithm, name: str) -> pn.viewable.Viewable:
    """Make the widget of one of an algorithm's own parameters from its declaration.

    Parameters
    ----------
    method : Algorithm
        The algorithm in use; the widget changes it.
    name : str
        One of its own parameters.
    """
    parameter = method.param[name]
    common = {"label": name, "description": parameter.doc, **_WIDE}
    if isinstance(parameter, param.Selector):
        return pmui.Select.from_param(parameter, **common)
    if isinstance(parameter, param.Boolean):
        return pmui.Checkbox.from_param(parameter, **common)
    if isinstance(parameter, param.Integer):
        return pmui.IntInput.from_param(parameter, **common)
    step = 0.05 if parameter.default and parameter.default > 0.01 else 1e-4
    return pmui.FloatInput.from_param(parameter, step=step, **common)


def _grouped(able: list[type[Algorithm]]) -> dict[str, dict[str, str]]:
    """Put the algorithms that are told k before those that find it."""
    groups = {
        "You choose k": {own.title: own.key for own in able if own.needs_n_clusters},
        "Finds the number itself": {own.title: own.key for own in able if not own.needs_n_clusters},
    }
    return {title: names for title, names in groups.items() if names}


def _stand_in(method: Algorithm, distance: str) -> str:
    """Give the first algorithm that knows a distance and is told k or finds it like `method`."""
    able = [own for own in algorithms().values() if distance in own.distances]
    return min(able, key=lambda own: own.needs_n_clusters != method.needs_n_clusters).key


def _choose(
    widget: Any,
    owner: param.Parameterized,
    name: str,
    options: Callable[[], Sequence[str]],
    take: Callable[[Any], None] | None = None,
) -> Callable[..., None]:
    """Keep a choice and a parameter the same; give what to call when the options may have changed.

    Panel's own link sends value and options one after the other, and a value that the options lack
    for a moment is lost. `take` does more with a choice than to set the parameter.
    """

    def show(*_: Any) -> None:
        widget.param.update(options=list(options()), value=getattr(owner, name))

    show()
    owner.param.watch(show, name)

    def chosen(event: param.parameterized.Event) -> None:
        if take is None:
            owner.param.update(**{name: event.new})
        else:
            take(event.new)

    widget.param.watch(chosen, "value")
    return show


def _caption(text: str) -> pmui.Typography:
    return pmui.Typography(text, variant="caption", color="text.secondary", margin=(0, 2))


def _heading(text: str) -> pmui.Typography:
    return pmui.Typography(
        text,
        variant="subtitle2",
        color="text.secondary",
        margin=(16, 0, 4, 0),
        sx={"textTransform": "uppercase", "letterSpacing": "0.06em", "fontSize": "12px"},
    )
