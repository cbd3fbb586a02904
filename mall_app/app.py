"""The served page: ``panel serve mall_app/app.py --plugins api``."""

import panel as pn
import panel_material_ui as pmui

from mall_app.model import ClusteringModel
from mall_app.views.style import HEADER_COLOUR, theme_config
from mall_app.views.workbench import Workbench

pn.extension("tabulator", notifications=False)

workbench = Workbench(model=ClusteringModel(
    features=["Annual Income (k$)", "Spending Score (1-100)"]
))
page = pmui.Page(
    title="Customer segments",
    sidebar=[workbench.controls],
    main=[workbench.main()],
    sidebar_width=320,
    theme_config=theme_config(),
)
if pn.state.served:
    page.servable()
