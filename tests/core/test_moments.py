"""The moments of a column are numpy's, whatever its type, gaps and place."""

from __future__ import annotations

import numpy as np
import pytest

from mall_app.kernels.moments import column_moments


@pytest.mark.parametrize("kind", ["float64", "float32", "int16"])
@pytest.mark.parametrize("n_rows", [1, 7, 4_001])
def test_they_are_those_of_numpy(n_rows: int, kind: str) -> None:
    values = (np.random.default_rng(n_rows).normal(size=n_rows) * 9 + 4).astype(kind)
    wide = values.astype(np.float64)
    count, mean, scatter, low, high = column_moments(values)
    assert (count, low, high) == (n_rows, wide.min(), wide.max())
    assert mean == pytest.approx(wide.mean(), rel=1e-12)
    assert scatter == pytest.approx(((wide - wide.mean()) ** 2).sum(), rel=1e-12, abs=1e-12)


def test_what_is_missing_plays_no_part() -> None:
    values = np.random.default_rng(0).normal(size=999)
    gaps = values.copy()
    gaps[::3] = np.nan
    assert column_moments(gaps) == pytest.approx(column_moments(values[~np.isnan(gaps)]))


@pytest.mark.parametrize("values", [[], [np.nan, np.nan]])
def test_a_column_of_nothing_has_no_ends(values: list[float]) -> None:
    assert column_moments(np.array(values)) == (0, 0.0, 0.0, np.inf, -np.inf)


def test_far_from_zero_no_digit_is_lost() -> None:
    values = np.random.default_rng(0).normal(size=1_000)
    near, far = column_moments(values), column_moments(values + 2.0**30)
    assert far[2] == pytest.approx(near[2], rel=1e-6)
    assert far[1] - 2.0**30 == pytest.approx(near[1], abs=1e-6)
