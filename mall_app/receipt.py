"""What is needed to get the same labels again."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

import numpy as np

from mall_app import __version__
from mall_app.data.table import Table
from mall_app.features import FeatureMatrix
from mall_app.geometry.encoding import CategoryEncoding, Encoding
from mall_app.geometry.points import IntArray
from mall_app.settings import Settings

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "threadpoolctl") + (
    "fastcluster",
    "fast-hdbscan",
    "genieclust",
    "kmedoids",
    "numba",
)


def receipt(
    table: Table,
    features: FeatureMatrix,
    settings: Settings,
    labels: IntArray,
    threads: Mapping[str, int],
    seen: int | None = None,
) -> dict[str, Any]:
    """Say which data, choices and versions a result comes from, JSON-ready.

    Parameters
    ----------
    table : Table
        The customers.
    features : FeatureMatrix
        What was made of them.
    settings : Settings
        Resolved, `numbering` and `edits` included.
    labels : ndarray of shape (n_used,)
        What it came to; only their hash goes into the receipt.
    threads : mapping of str to int
        From `mall_app.threads.threads_in_use`, where the algorithm ran.
    seen : int, optional
        Rows of the sample, or number of groups, that the algorithm saw as the strategy of the
        settings says; not said when it saw every row.
    """
    return {
        "data": {
            "sha256": table.sha256,
            "rows": len(table),
            "rows_used": len(features.rows),
            "columns": list(table.frame),
            **({} if seen is None else {"seen": seen}),
        },
        "preprocessing": preprocessing(features.encoding),
        "settings": settings.to_dict(),
        "versions": dict(versions()),
        "threads": dict(threads),
        "labels_sha256": labels_sha256(labels),
    }


def preprocessing(encoding: Encoding) -> list[dict[str, Any]]:
    """Say what each feature was made into, in full.

    A number becomes ``(value - offset) / divisor * factor``; a category has a coordinate a value,
    which is `factor` where it is that value and 0 elsewhere. `filling` stands in for a missing one.
    """
    numbers: list[dict[str, Any]] = [
        {
            "feature": own.name,
            "kind": "number",
            "filling": own.filling,
            "offset": own.offset,
            "divisor": own.divisor,
            "factor": own.factor,
        }
        for own in encoding.numbers
    ]
    return numbers + [_category(own) for own in encoding.categories]


def _category(own: CategoryEncoding) -> dict[str, Any]:
    return {
        "feature": own.name,
        "kind": "category",
        "filling": own.values[own.filling],
        "values": list(own.values),
        "factor": own.factor,
    }


def labels_sha256(labels: IntArray) -> str:
    """Hash labels, the same on every machine."""
    return hashlib.sha256(np.ascontiguousarray(labels, dtype="<i8").data).hexdigest()


@cache
def versions() -> dict[str, str]:
    """Give the versions of what decides the labels."""
    others = {name: version(name) for name in _PACKAGES}
    return {"mall_app": __version__, **others, "python": platform.python_version()}
