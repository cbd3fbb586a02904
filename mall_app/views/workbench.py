"""All views of one model put together, for a page or for a notebook cell."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend
import panel as pn
import panel_material_ui as pmui

from mall_app.engine import Engine, InlineEngine
from mall_app.model.model import ClusteringModel
from mall_app.views.compare import CompareView
from mall_app.views.controls import Controls
from mall_app.views.customers import CustomersView
from mall_app.views.data import DataView
from mall_app.views.evidence import EvidenceView
from mall_app.views.lasting_tabs import LastingTabs
from mall_app.views.method import MethodView
from mall_app.views.neighbours import Neighbours
from mall_app.views.next_steps import NextSteps
from mall_app.views.predict import PredictView
from mall_app.views.profile import ProfileView
from mall_app.views.receipt import ReproduceView
from mall_app.views.runner import EngineRunner
from mall_app.views.scatter import ScatterView
from mall_app.views.scores import ScoreCards
from mall_app.views.segments import SegmentCards
from mall_app.views.silhouette import SilhouetteView
from mall_app.views.state import ViewState
from mall_app.views.status import StatusView
from mall_app.views.style import theme_config
from mall_app.views.sweep import SweepView

# Panel lets no part be higher than the window: on a phone the next one would lie over it.
_AS_HIGH_AS_NEEDED = "div { max-height: none; }"


class Workbench(pn.viewable.Viewer):
    """Controls and views of one model.

    Parameters
    ----------
    model : ClusteringModel
        What is shown and changed.
    engine : Engine, optional
        Where fits run; by default they run at once, here, as in a notebook.
    """

    def __init__(self, model: ClusteringModel, engine: Engine | None = None, **params: Any) -> None:
        super().__init__(**params)
        self.model = model
        hv.Store.set_current_backend("bokeh")  # hv.extension would send its scripts once more
        work = engine or InlineEngine()
        self.state = state = ViewState(model, work)
        model.runner = None if engine is None else EngineRunner(engine, state)
        self.scores = ScoreCards(state)  # first, for what is made first answers first
        self.scatter = ScatterView(state)
        self.silhouette = SilhouetteView(state)
        self.segments = SegmentCards(state)
        self.status = StatusView(state, hint=engine is not None)
        self.data = DataView(state, work)
        self.controls = Controls(state)
        self.profile = ProfileView(state)
        self.sweep = SweepView(state, work, ahead=engine is not None)
        self.evidence = EvidenceView(state, work, self.sweep)
        self.compare = CompareView(state, work)
        self.method = MethodView(state, work)
        self.customers = CustomersView(state)
        self.predict = PredictView(state, work)
        self.reproduce = ReproduceView(state, served=engine is not None)
        self.receipt = self.reproduce.receipt
        if engine is not None:
            self.next_steps = NextSteps(
                state,
                engine,
                first=(self.scores, self.scatter, self.silhouette),
                rest=(self.segments, self.profile),
            )
            # Last, for it waits until all is drawn.
            Neighbours(state, engine, self.next_steps.prepare)

    def sidebar(self) -> pn.Column:
        """Give the drawer: data, then settings."""
        return pn.Column(
            self.data,
            self.controls,
            self.status.in_drawer,
            sizing_mode="stretch_width",
            margin=(8, 16, 16, 16),
        )

    def main(self) -> pn.Column:
        """Give the main area: scores, plots, segments, tabs."""
        plots = pn.FlexBox(
            self._framed(self.scatter, "2 1 420px"),
            self._framed(self.silhouette, "1 1 280px"),
            gap="16px",
            sizing_mode="stretch_width",
            margin=0,
        )
        tabs = LastingTabs(
            {
                "Profile": self.profile,
                "Choosing k": self.evidence,
                "Compare": self.compare,
                "Method": self.method,
                "Customers": self.customers,
                "Predict": self.predict,
                "Receipt and code": self.reproduce,
            }
        )
        return pn.Column(
            self.status,
            self.scores,
            plots,
            self.segments,
            self._framed(tabs, "1 1 100%"),
            sizing_mode="stretch_width",
            margin=16,
            styles={"gap": "16px"},
            stylesheets=[_AS_HIGH_AS_NEEDED],
        )

    def notebook(self) -> pn.viewable.Viewable:
        """Give controls beside views, for a notebook cell."""
        side_by_side = pn.Row(
            pn.Column(self.sidebar(), width=300), self.main(), sizing_mode="stretch_width"
        )
        return pmui.Paper(
            side_by_side, elevation=0, theme_config=theme_config(), sizing_mode="stretch_width"
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return self.notebook()

    def _framed(self, content: Any, flex: str) -> pmui.Paper:
        return pmui.Paper(
            content,
            variant="outlined",
            elevation=0,
            sizing_mode="stretch_width",
            margin=0,
            styles={"flex": flex},
            sx={"padding": "8px 16px"},
        )
