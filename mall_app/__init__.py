"""A customer-segmentation workbench: one model object for notebook, web app and REST."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mall_app.data import load_customers, open_table, read_query, read_table, write_parquet
    from mall_app.model.model import ClusteringModel
    from mall_app.progress import listening, progress_line

__version__ = "0.1.0"
__all__ = [
    "ClusteringModel",
    "__version__",
    "listening",
    "load_customers",
    "open_table",
    "progress_line",
    "read_query",
    "read_table",
    "write_parquet",
]

_HOMES = {
    "ClusteringModel": "mall_app.model.model",
    "listening": "mall_app.progress",
    "load_customers": "mall_app.data",
    "open_table": "mall_app.data",
    "progress_line": "mall_app.progress",
    "read_query": "mall_app.data",
    "read_table": "mall_app.data",
    "write_parquet": "mall_app.data",
}


def __getattr__(name: str) -> object:
    """Import a public name when it is first asked for, so that importing the package is quick."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
