"""What a model shows, and that a refused change does not touch it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mall_app import ClusteringModel


def state(model: ClusteringModel) -> dict[str, Any]:
    """Everything a view may show."""
    return {
        "settings": model.settings,
        "method": model.method.params(),
        "table": model.table,
        "result": model.result,
        "error": model.error,
    }


def assert_refused(model: ClusteringModel, change: Callable[[], None], sentence: str) -> None:
    """The change raises this sentence and leaves everything as it was, ready for the next."""
    before = state(model)
    with pytest.raises(ValueError) as caught:
        change()
    assert str(caught.value) == sentence
    assert state(model) == before
    model.n_clusters = 3 if model.n_clusters != 3 else 4
    assert model.result is not before["result"]
