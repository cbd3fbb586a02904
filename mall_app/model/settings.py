"""The settings of a clustering as parameters, which widgets and watchers follow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import param

from mall_app.algorithms import Algorithm, algorithms
from mall_app.settings import (
    DISTANCES,
    ENGINES,
    MISSING_POLICIES,
    N_CLUSTERS_BOUNDS,
    RANDOM_STATE_BOUNDS,
    SCALINGS,
    STRATEGIES,
    Settings,
)

SETTING_NAMES = (
    "algorithm",
    "n_clusters",
    "features",
    "scaling",
    "missing",
    "random_state",
    "distance",
    "weights",
    "numbering",
    "edits",
    "engine",
    "strategy",
)
PLACES = ("engine", "strategy")


class SettingsParameters(param.Parameterized):
    """One parameter a setting; `method` holds the own parameters of the algorithm."""

    algorithm: param.Selector[str] = param.Selector(
        default="kmeans", objects=list(algorithms()), doc="How segments are found."
    )
    n_clusters = param.Integer(default=5, bounds=N_CLUSTERS_BOUNDS, doc="Number of segments.")
    features = param.List(default=[], item_type=str, doc="Columns the segments are found in.")
    scaling: param.Selector[str] = param.Selector(
        default="standard",
        objects=list(SCALINGS),
        doc="How columns of different units are made comparable.",
    )
    missing: param.Selector[str] = param.Selector(
        default="drop",
        objects=list(MISSING_POLICIES),
        doc="What happens to a customer with a missing value.",
    )
    random_state = param.Integer(
        default=0, bounds=RANDOM_STATE_BOUNDS, doc="Seed: the same seed gives the same segments."
    )
    distance: param.Selector[str] = param.Selector(
        default="euclidean",
        objects=list(DISTANCES),
        doc="How far apart two customers are; Gower's is made for numbers and categories together.",
    )
    weights = param.Dict(default={}, doc="What a feature counts for, 1 for those not named.")
    numbering = param.List(
        default=None, item_type=int, allow_None=True, doc="Number of each segment, largest first."
    )
    edits = param.List(default=[], item_type=dict, doc="What was changed by hand, in order.")
    engine: param.Selector[str] = param.Selector(
        default="auto",
        objects=list(ENGINES),
        doc="Where the rows are worked on: here, or on a Dask cluster.",
    )
    strategy: param.Selector[str] = param.Selector(
        default="auto",
        objects=list(STRATEGIES),
        doc="What the algorithm sees: every row, a sample, or a summary of near rows.",
    )
    # Never None once the model is made, which param's types cannot say.
    method: param.ClassSelector[Algorithm] = param.ClassSelector(  # type: ignore[assignment]
        class_=Algorithm, instantiate=False, doc="The algorithm with its own parameters."
    )

    @property
    def settings(self) -> Settings:
        """The choices as they stand now, as plain values."""
        values = {name: getattr(self, name) for name in SETTING_NAMES}
        return Settings.from_mapping({**values, "params": self.method.params()})

    def _asked(self, settings: Mapping[str, Any], params: Mapping[str, Any] | None) -> Settings:
        """Give the settings as they stand with some replaced; another algorithm starts afresh."""
        values = self.settings.to_dict() | dict(settings)
        if params is not None or values["algorithm"] != self.algorithm:
            values["params"] = dict(params or {})
        return Settings.from_mapping(values)


def values_of(settings: Settings) -> dict[str, Any]:
    """Give settings that were used as the parameters of a model hold them.

    `engine` and `strategy` stay as they were asked for: what was chosen for one table may not do
    for the next.
    """
    values = settings.to_dict()
    return {name: values[name] for name in SETTING_NAMES if name not in PLACES}
