"""Quartiles counted in bins are those of the values, but for a thousandth of their span."""

from __future__ import annotations

import numpy as np
import pytest

from mall_app.kernels.tallies import tally
from mall_app.partitions import profile

GENERATOR = np.random.default_rng(5)
COLUMNS = {
    "a value": np.array([3.7]),
    "two values": np.array([-0.329, 0.509]),
    "few values": np.array([9.548, 9.532, 5.288, 6.297]),
    "one value, often": np.full(500, 4.2),
    "two values, often": np.repeat([1.5, 9.5], 300),
    "a gap at the quartile": np.repeat([0.0, 50.0], [150, 450]),
    "whole numbers with a gap": np.repeat([0.0, 50.0], 300),
    "few whole numbers": np.array([1.0, 2.0, 2.0, 7.0, 40.0]),
    "many whole numbers": GENERATOR.integers(18, 70, 5_000).astype(np.float64),
    "nearly all the same": np.append(np.zeros(990), np.arange(1, 11) * 1e6),
    "a long tail": GENERATOR.lognormal(0, 2, 5_000),
    "normal": GENERATOR.normal(1e6, 1.0, 5_000),
}


@pytest.mark.parametrize("shown", [1.0, 0.3])
@pytest.mark.parametrize("name", COLUMNS)
def test_quartiles_are_those_of_the_values(name: str, shown: float) -> None:
    values = np.append(COLUMNS[name], [-30.0, 5.0, 90.0])  # the last are of another group
    groups = np.append(np.zeros(len(COLUMNS[name]), dtype=np.int64), [1, 1, 1])
    sampled = np.random.default_rng(1).random(len(values)) < shown
    frame = profile._frame(values[sampled], groups[sampled], 2)
    found = tally(values, groups, frame)
    wider = profile._wider(frame, found)
    if wider is not None:
        frame, found = wider, tally(values, groups, wider)
    whole_numbers = bool((values == np.round(values)).all())
    own = profile._column(frame, found, whole_numbers)[0]
    about = 1e-3 * np.ptp(COLUMNS[name])
    told = (own.lower_quartile, own.median, own.upper_quartile)
    for value, share in zip(told, (0.25, 0.5, 0.75), strict=True):
        assert value == pytest.approx(np.quantile(COLUMNS[name], share), abs=about + 1e-9)
