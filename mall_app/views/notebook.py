"""A model as the last line of a notebook cell."""

from __future__ import annotations

from json.decoder import scanstring  # type: ignore[attr-defined]
from typing import Any

import panel as pn

from mall_app.model.model import ClusteringModel
from mall_app.views.own_sheets import keep_inside
from mall_app.views.workbench import Workbench

_SCRIPT_FIELD = '"esm":'
_SCRIPT_START = "(function(root) {"


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
        data["text/html"] = with_one_script(data["text/html"])
    return data, metadata


def with_one_script(html: str) -> str:
    """Keep once the script of 1.4 MB that each of some thirty components brings along.

    Examples
    --------
    >>> with_one_script('(function(root) { var docs = [{"esm":"f()"}, {"esm":"f()"}] })')
    '(function(root) { const shared_script = "f()"; var docs = [{"esm":shared_script}, \
{"esm":shared_script}] })'
    """
    place = html.find(f'{_SCRIPT_FIELD}"')
    if place < 0:
        return html
    start = place + len(_SCRIPT_FIELD)
    script = html[start : scanstring(html, start + 1)[1]]
    shared = html.replace(f"{_SCRIPT_FIELD}{script}", f"{_SCRIPT_FIELD}shared_script")
    return shared.replace(_SCRIPT_START, f"{_SCRIPT_START} const shared_script = {script};", 1)
