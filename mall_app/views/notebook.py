"""A model as the last line of a notebook cell."""

from __future__ import annotations

from typing import Any

import panel as pn

from mall_app.model.model import ClusteringModel
from mall_app.views.own_sheets import keep_inside
from mall_app.views.shared_script import send_script_once, with_one_script
from mall_app.views.workbench import Workbench


def show(model: ClusteringModel, include: Any = None, exclude: Any = None) -> Any:
    """Give the notebook representation of live widgets and plots for `model`.

    Panel's notebook extension is loaded when the notebook has not done so; all it needs is put into
    the notebook, for by default it would be fetched from another host.
    """
    if not pn.extension._loaded:
        pn.extension("tabulator", inline=True)
    view = Workbench(model=model).notebook()
    data, metadata = view._repr_mimebundle_(include, exclude)
    keep_inside(view)
    if "text/html" in data:
        send_script_once(view, data["text/html"])
        data["text/html"] = with_one_script(data["text/html"])
    return data, metadata
