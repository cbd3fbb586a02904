"""Of many centres the nearest is found, whichever way is sooner done."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mall_app.assigners import NearestCentre
from mall_app.geometry.points import Points
from mall_app.kernels import nearest as module
from mall_app.kernels.nearest import nearest_centres


@pytest.mark.parametrize("n_centres", [5, 900])
@pytest.mark.parametrize("few", [0, 10_000])
def test_the_nearest_centre_is_that_of_all_distances(
    n_centres: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(0)
    values, centres = generator.normal(size=(7_000, 3)), generator.normal(size=(n_centres, 3))
    monkeypatch.setattr(module, "_FEW_ROWS", few)
    found = nearest_centres(values, centres)
    assert found.dtype == np.int32
    assert np.array_equal(found, cdist(values, centres).argmin(axis=1))


def test_many_customers_among_thousands_of_centres_never_meet_all_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(module, "lloyd_step", lambda *own: asked.append(len(own[1])))
    generator = np.random.default_rng(0)
    points = Points(generator.normal(size=(60_000, 2)))
    centres = generator.normal(size=(2_000, 2))
    labels = np.arange(2_000) % 3
    placed = NearestCentre(centres, labels).place(points)
    assert asked == []
    expected = labels[cdist(points.values[:500], centres).argmin(axis=1)]
    assert np.array_equal(placed[:500], expected)
