"""All views of one model put together, for a page or for a notebook cell."""

from __future__ import annotations

from typing import Any

import holoviews as hv
import panel as pn
import panel_material_ui as pmui
import param

from mall_app.model import ClusteringModel
from mall_app.views.controls import Controls
from mall_app.views.customers import CustomersView
from mall_app.views.profile import ProfileView
from mall_app.views.receipt import ReceiptView
from mall_app.views.scatter import ScatterView
from mall_app.views.scores import ScoreCards
from mall_app.views.segments import SegmentCards
from mall_app.views.silhouette import SilhouetteView
from mall_app.views.state import ViewState
from mall_app.views.sweep import SweepView


class Workbench(pn.viewable.Viewer):
    """Controls and views of one model.

    Parameters
    ----------
    model : ClusteringModel
        What is shown and changed.
    """

    model = param.ClassSelector(class_=ClusteringModel, constant=True)

    def __init__(self, model: ClusteringModel, **params: Any) -> None:
        super().__init__(model=model, **params)
        hv.extension("bokeh", inline=False) if not hv.Store.current_backend else None
        self.state = ViewState(model)
        self.controls = Controls(self.state)
        self.scores = ScoreCards(self.state)
        self.scatter = ScatterView(self.state)
        self.silhouette = SilhouetteView(self.state)
        self.segments = SegmentCards(self.state)
        self.profile = ProfileView(self.state)
        self.sweep = SweepView(self.state)
        self.customers = CustomersView(self.state)
        self.receipt = ReceiptView(self.state)

    def main(self) -> pn.Column:
        """Give the main area: scores, plots, segments, tabs."""
        plots = pn.FlexBox(
            pmui.Paper(self.scatter, styles={"flex": "2 1 420px"}, elevation=0),
            pmui.Paper(self.silhouette, styles={"flex": "1 1 260px"}, elevation=0),
            gap="16px", sizing_mode="stretch_width", margin=0,
        )
        tabs = pmui.Tabs(
            ("Profile", self.profile), ("Choosing k", self.sweep),
            ("Customers", self.customers), ("Receipt", self.receipt),
            sizing_mode="stretch_width", dynamic=True,
        )
        return pn.Column(
            self.scores, plots, self.segments, pmui.Paper(tabs, elevation=0),
            sizing_mode="stretch_width", margin=16, styles={"gap": "16px"},
        )

    def notebook(self) -> pn.viewable.Viewable:
        """Give controls beside views, for a notebook cell."""
        side = pn.Column(self.controls, width=300)
        return pn.Row(side, self.main(), sizing_mode="stretch_width")

    def __panel__(self) -> pn.viewable.Viewable:
        return self.notebook()
