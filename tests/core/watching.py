"""What a model shows, and that a refused change does not touch it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mall_app import ClusteringModel


def state(model: ClusteringModel) -> dict[str, Any]:
    """Everything a view may show of the last good result."""
    return {
        "settings": model.settings,
        "method": model.method.params(),
        "table": model.table,
        "result": model.result,
    }


def assert_refused(model: ClusteringModel, change: Callable[[], None], sentence: str) -> None:
    """The change raises this sentence and leaves everything as it was, ready for the next.

    A view may show the sentence too, until a change is accepted.
    """
    before = state(model)
    with pytest.raises(ValueError) as caught:
        change()
    assert str(caught.value) == sentence
    assert state(model) == before
    assert model.error in (None, caught.value)
    model.n_clusters = 3 if model.n_clusters != 3 else 4
    assert model.result is not before["result"]
    assert model.error is None
