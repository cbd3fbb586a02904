"""A model as the last line of a notebook cell."""

from __future__ import annotations

from typing import Any

import panel as pn

from mall_app.model import ClusteringModel
from mall_app.views.workbench import Workbench


def show(model: ClusteringModel, include: Any = None, exclude: Any = None) -> Any:
    """Give the notebook representation of live widgets and plots for `model`.

    Panel's notebook extension is loaded when the notebook has not done so.
    """
    if not pn.extension._loaded:
        pn.extension("tabulator")
    return Workbench(model=model).notebook()._repr_mimebundle_(include, exclude)
