"""The PNG of a result, and what is drawn in it."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.image import imread

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.plots.picture import draw, picture_axes, render_png
from mall_app.settings import Settings
from tests.core.tables import table_of


def drawn(table: Table, **settings: Any) -> Axes:
    """Check the PNG of a fit and give its axes."""
    result = fit(table, Settings(**settings))
    png = render_png(table, result)
    assert png.startswith(b"\x89PNG\r\n")
    pixels = imread(BytesIO(png))
    assert pixels.shape[:2] == (500, 800)
    assert np.ptp(pixels[..., :3]) > 0.5
    return draw(table, result).axes[0]


def legend(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_mall_customers(mall: Table) -> None:
    axes = drawn(mall, n_clusters=4)
    assert axes.get_xlabel() == "Age"
    assert axes.get_ylabel() == "Annual Income (k$)"
    assert axes.get_title(loc="left").startswith("k-means: 4 segments, silhouette 0.")
    assert [entry.split(":")[0] for entry in legend(axes)] == ["0", "1", "2", "3"]
    assert len(axes.collections) == 8  # customers and centre of each


@pytest.mark.parametrize("name", ["$", "a$b$c", "$\\frac{$", "50% of $ and $", "_^{}\\"])
def test_names_with_signs_of_formulas_are_plain_text(name: str) -> None:
    axes = drawn(table_of(**{name: [1.0, 2, 8, 9], "$x$": [1.0, 1, 5, 5]}), n_clusters=2)
    assert (axes.get_xlabel(), axes.get_ylabel()) == (name, "$x$")


def test_long_names_are_cut() -> None:
    table = table_of(**{"x" * 5000: [1.0, 2, 8, 9], "y" * 60: [1.0, 1, 5, 5]})
    axes = drawn(table, n_clusters=2)
    assert axes.get_xlabel() == "x" * 59 + "…"
    assert axes.get_ylabel() == "y" * 60


def test_noise_is_in_the_legend_with_its_size() -> None:
    table = table_of(a=[*np.linspace(0, 1, 20), *np.linspace(9, 10, 20), 99.0])
    axes = drawn(table, algorithm="dbscan", scaling="none")
    assert legend(axes) == ["0: 20", "1: 20", "noise: 1"]


def test_all_noise_has_no_centre() -> None:
    axes = drawn(table_of(a=[0.0, 10, 20], b=[0.0, 10, 20]), algorithm="dbscan", scaling="none")
    assert legend(axes) == ["noise: 3"]
    assert len(axes.collections) == 1
    assert axes.get_title(loc="left") == "DBSCAN: 0 segments, no silhouette"


@pytest.mark.parametrize(
    ("n_clusters", "last"), [(20, "19: 2"), (21, "and 1 more"), (30, "and 10 more")]
)
def test_a_long_legend_says_how_many_it_leaves_out(n_clusters: int, last: str) -> None:
    groups = np.repeat(np.arange(n_clusters) * 100.0, 2)
    axes = drawn(table_of(a=groups, b=groups), n_clusters=n_clusters)
    assert legend(axes)[-1] == last
    assert len(legend(axes)) == min(n_clusters, 21)


def test_one_numeric_column_is_drawn_against_itself() -> None:
    axes = drawn(table_of(a=[1.0, 2, 8, 9], kind=["x", "y", "x", "y"]), n_clusters=2)
    assert axes.get_xlabel() == axes.get_ylabel() == "a"


def test_gaps_in_the_other_column_are_left_out() -> None:
    table = table_of(a=[1.0, 2, 8, 9], b=[np.nan, np.nan, 5, np.nan])
    axes = drawn(table, n_clusters=2, features=("a",))
    assert legend(axes) == ["0: 2", "1: 2"]
    assert len(axes.collections) == 3  # one segment has no centre on b


def test_features_come_before_other_columns(mall: Table) -> None:
    result = fit(mall, Settings(n_clusters=2, features=("Spending Score (1-100)", "Gender")))
    assert picture_axes(mall, result) == ("Spending Score (1-100)", "Age")
