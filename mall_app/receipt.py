"""What is needed to get the same labels again."""

from __future__ import annotations

import platform
from functools import cache
from importlib.metadata import version
from typing import Any

from mall_app import __version__
from mall_app.data.table import Table
from mall_app.features import FeatureMatrix
from mall_app.settings import Settings


def receipt(table: Table, features: FeatureMatrix, settings: Settings) -> dict[str, Any]:
    """Say which data, choices and versions a result comes from, JSON-ready."""
    return {
        "data": {
            "sha256": table.sha256,
            "rows": len(table),
            "rows_used": len(features.rows),
            "columns": list(table.frame),
        },
        "settings": settings.to_dict(),
        "versions": dict(versions()),
    }


@cache
def versions() -> dict[str, str]:
    """Give the versions of what decides the labels."""
    others = {name: version(name) for name in ("numpy", "scipy", "scikit-learn", "pandas")}
    return {"mall_app": __version__, **others, "python": platform.python_version()}
