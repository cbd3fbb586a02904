"""The elements plots are made of: what they hold, in which colours, and how much of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import holoviews as hv
import numpy as np
import pytest

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.plots.base import column_values, padded, short
from mall_app.plots.compare import shown_positions
from mall_app.plots.heatmap import heatmap_ticks, profile_cells, profile_means
from mall_app.plots.palette import MARKERS, Palette, marker
from mall_app.plots.scatter import hover_fields, segment_centres, segment_scatter, tooltips
from mall_app.plots.silhouettes import silhouette_bars, silhouette_mean, silhouette_order
from mall_app.plots.sweep import (
    TITLES,
    KCurve,
    curve_errors,
    curve_here,
    curve_line,
    curve_points,
    curve_vote,
    score_curve,
)
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sweep import sweep
from tests.core.tables import table_of

hv.extension("bokeh")

LIGHT = Palette()
X, Y = "Age", "Annual Income (k$)"


@pytest.fixture(scope="module")
def four(mall: Table) -> ClusteringResult:
    return fit(mall, Settings(n_clusters=4))


@pytest.fixture(scope="module")
def noisy() -> tuple[Table, ClusteringResult]:
    """Two dense groups and one customer far from both."""
    table = table_of(a=[*np.linspace(0, 1, 20), *np.linspace(9, 10, 10), 99.0])
    return table, fit(table, Settings("dbscan", scaling="none"))


def names(element: Any, kind: str) -> list[str]:
    return [own.name for own in element.dimensions(kind)]


def test_a_scatter_has_a_point_a_customer(mall: Table, four: ClusteringResult) -> None:
    points = segment_scatter(mall, four, X, Y, LIGHT)
    assert isinstance(points, hv.Points)
    assert names(points, "key") == ["across", "up"]
    assert names(points, "value")[:5] == ["row", "segment", "segment_name", "color", "marker"]
    assert points["across"].tolist() == mall.frame[X].tolist()
    assert points["segment"].tolist() == four.labels.tolist()


def test_points_have_the_colour_marker_and_name_of_their_segment(
    mall: Table, four: ClusteringResult
) -> None:
    points = segment_scatter(mall, four, X, Y, LIGHT)
    fields = (points[field] for field in ("segment", "color", "marker", "segment_name"))
    assert set(zip(*fields, strict=True)) == {
        (own.segment, LIGHT.colour(own.segment), marker(own.segment), own.name)
        for own in four.profiles
    }


def test_noise_is_a_grey_cross(noisy: tuple[Table, ClusteringResult]) -> None:
    table, result = noisy
    points = segment_scatter(table, result, "a", "a", LIGHT)
    last = [points[field][-1] for field in ("segment", "segment_name", "color", "marker")]
    assert last == [-1, "Noise", LIGHT.noise, "x"]
    assert len(segment_centres(table, result, "a", "a", LIGHT)) == 2


def test_centres_are_means_in_the_units_of_the_table(mall: Table, four: ClusteringResult) -> None:
    centres = segment_centres(mall, four, X, Y, Palette(dark=True))
    first = mall.frame[four.labels == 0]
    assert centres["across"][0] == pytest.approx(first[X].mean())
    assert centres["up"][0] == pytest.approx(first[Y].mean())
    assert centres["segment"].tolist() == [0, 1, 2, 3]
    assert set(centres["ring"]) == {Palette(dark=True).text}


def test_a_segment_without_a_value_has_no_centre() -> None:
    table = table_of(a=[1.0, 2, 8, 9], b=[np.nan, np.nan, 5, 6])
    result = fit(table, Settings(n_clusters=2, features=("a",)))
    assert segment_centres(table, result, "a", "b", LIGHT)["up"].tolist() == [5.5]


def test_some_customers_can_be_drawn_alone(mall: Table, four: ClusteringResult) -> None:
    points = segment_scatter(mall, four, X, Y, LIGHT, np.array([3, 150]))
    assert points["row"].tolist() == [3, 150]
    assert points["across"].tolist() == mall.frame[X].iloc[[3, 150]].tolist()
    assert points["segment"].tolist() == four.labels[[3, 150]].tolist()


def test_two_thousand_bars_stand_for_more_customers() -> None:
    table = table_of(a=np.arange(2_001) % 2 * 10.0 + np.arange(2_001) / 1e5)
    result = fit(table, Settings(n_clusters=2, params={"n_init": 1}))
    assert len(silhouette_order(result)) == 2_000


def test_bars_of_a_sample_have_the_shares_of_the_segments(mall: Table) -> None:
    result = fit(mall, Settings(n_clusters=4))
    silhouette = result.silhouette.copy()
    silhouette[np.arange(200) % 3 == 0] = np.nan
    silhouette[np.flatnonzero(result.labels == 0)[5:]] = np.nan  # known of few in the largest
    sampled = replace(result, silhouette=silhouette)
    order = silhouette_order(sampled)
    n_bars = len(order)
    for own in result.profiles:
        bars = order[result.labels[order] == own.segment]
        assert len(bars) == pytest.approx(own.share * n_bars, abs=1)
        assert (np.diff(silhouette[bars]) <= 0).all()
    assert (np.diff(result.labels[order]) >= 0).all()


def test_other_clusterings_are_drawn_by_a_fixed_sample() -> None:
    assert shown_positions(2_000).tolist() == list(range(2_000))
    shown = shown_positions(10_001)
    assert len(shown) == 2_000
    assert np.array_equal(shown, np.unique(shown))
    assert np.array_equal(shown, shown_positions(10_001))


def test_a_tooltip_names_identifiers_first_and_twelve_columns() -> None:
    table = table_of(**{f"c{place}": [1.0, 2.0] for place in range(15)}, user_id=[7, 8])
    fields = hover_fields(table)
    assert fields["field_0"] == "user_id"
    assert len(fields) == 12
    assert tooltips(table).count("<tr>") == 12


def test_a_tooltip_reads_neither_html_nor_fields_in_a_name() -> None:
    text = tooltips(table_of(**{"<b>@x $y": [1.0, 2.0]}))
    assert "&lt;b&gt;&#64;x &#36;y" in text
    assert "@field_0{0,0.[00]}" in text


def test_silhouettes_are_by_segment_with_the_best_first(four: ClusteringResult) -> None:
    order = silhouette_order(four)
    assert sorted(order.tolist()) == list(range(200))
    assert (np.diff(four.labels[order]) >= 0).all()
    for own in range(4):
        widths = four.silhouette[order][four.labels[order] == own]
        assert (np.diff(widths) <= 0).all()


def test_silhouette_bars_are_stacked_from_the_top(four: ClusteringResult) -> None:
    bars, order = silhouette_bars(four, LIGHT), silhouette_order(four)
    assert isinstance(bars, hv.Rectangles)
    assert bars["top"].tolist() == [-place for place in range(200)]
    assert (bars["top"] - bars["bottom"] == 1).all()
    assert (bars["left"] <= 0).all() and (bars["right"] >= 0).all()
    np.testing.assert_array_equal(bars["left"] + bars["right"], four.silhouette[order])
    expected = [LIGHT.colour(label) for label in four.labels[order].tolist()]
    assert bars["color"].tolist() == expected


def test_noise_has_no_silhouette_bar(noisy: tuple[Table, ClusteringResult]) -> None:
    _, result = noisy
    assert len(silhouette_bars(result, LIGHT)) == 30
    assert silhouette_mean(result).data == result.silhouette_score


def test_a_result_without_scores_has_no_bars_and_a_mean_of_zero() -> None:
    result = fit(table_of(a=[0.0, 10, 20]), Settings("dbscan", scaling="none"))
    assert len(silhouette_bars(result, LIGHT)) == 0
    assert silhouette_mean(result).data == 0.0
    assert heatmap_ticks(result) == ([], [])
    assert len(profile_cells(result)) == 0


def test_a_heatmap_has_a_cell_a_segment_and_column(four: ClusteringResult) -> None:
    cells = profile_cells(four)
    assert isinstance(cells, hv.Rectangles)
    assert len(cells) == 4 * len(four.profiles[0].numeric) == 12
    assert names(cells, "value") == ["color", "difference", "mean", "unit", "name"]
    expected = [
        own.standardized_difference for segment in four.profiles for own in segment.numeric.values()
    ]
    assert cells["difference"].tolist() == expected
    assert (np.abs(cells["color"]) <= 2).all()
    means = profile_means(four)
    assert isinstance(means, hv.Labels)
    assert means["mean"][0] == f"{four.profiles[0].numeric['Age'].mean:,.4g}"


def test_colours_of_a_heatmap_stop_at_two_deviations() -> None:
    table = table_of(a=[0.0] * 50 + [100.0])
    cells = profile_cells(fit(table, Settings(n_clusters=2)))
    assert cells["difference"].max() > 2
    assert cells["color"].max() == 2


def test_a_constant_column_has_no_cell() -> None:
    table = table_of(a=[1.0, 2, 8, 9], same=[3, 3, 3, 3])
    cells = profile_cells(fit(table, Settings(n_clusters=2)))
    assert len(cells) == 2


def test_ticks_of_a_heatmap_are_short(four: ClusteringResult) -> None:
    columns, segments = heatmap_ticks(four)
    assert [text for _, text in columns] == [X, Y, "Spending Score (1-100)"]
    assert [place for place, _ in segments] == [0, -1, -2, -3]
    assert segments[0][1].startswith("0 · ")
    long = fit(table_of(**{"n" * 500: [1.0, 2, 8, 9]}), Settings(n_clusters=2))
    assert all(len(text) <= 44 for axis in heatmap_ticks(long) for _, text in axis)


@pytest.mark.parametrize("dark", [False, True])
def test_the_first_segments_differ_in_colour_and_marker(dark: bool) -> None:
    palette = Palette(dark=dark)
    colours = [palette.colour(own) for own in range(40)]
    assert len(set(colours)) == 40
    assert palette.noise not in colours
    assert palette.colour(10**6).startswith("#")
    assert [marker(own) for own in range(8)] == list(MARKERS)
    assert marker(-1) not in MARKERS


def test_dark_and_light_differ_in_every_colour() -> None:
    light, dark = Palette(), Palette(dark=True)
    for name in ("noise", "text", "muted", "grid", "ground", "accent", "diverging"):
        assert getattr(light, name) != getattr(dark, name)


def test_a_sweep_draws_one_point_a_score_that_exists(mall: Table) -> None:
    done = sweep(mall, Settings(), range(1, 5))
    curve = score_curve(done, "silhouette_score")
    points = curve_points(curve)
    assert isinstance(points, hv.Scatter)
    assert (names(points, "key"), names(points, "value")) == (["k"], ["score"])
    assert points["k"].tolist() == [2, 3, 4]
    assert curve_points(score_curve(done, "inertia"))["k"].tolist() == [1, 2, 3, 4]
    assert points["score"].tolist() == done.scores["silhouette_score"].dropna().tolist()
    line = curve_line(curve)
    assert isinstance(line, hv.Curve)
    assert line["score"].tolist() == points["score"].tolist()
    assert set(TITLES) == set(done.scores.columns)
    assert len(curve_errors(curve)) == 0  # exact scores have no error


def test_the_number_in_use_is_marked_when_it_has_a_score(mall: Table) -> None:
    curve = score_curve(sweep(mall, Settings(), range(1, 4)), "silhouette_score")
    assert curve_here(curve, 3)["k"].tolist() == [3]
    for n_clusters in (1, 9, None):
        assert len(curve_here(curve, n_clusters)) == 0
    assert len(curve_points(score_curve(None, "inertia"))) == 0


def test_a_curve_has_a_vote_and_errors_where_they_are_known() -> None:
    curve = KCurve("Gap", "first", {2: 0.5, 3: 0.9, 4: 0.8}, {3: 0.1, 9: 1.0}, vote=3)
    assert curve_vote(curve)["k"].tolist() == [3]
    assert curve_vote(curve)["score"].tolist() == [0.9]
    errors = curve_errors(curve)
    assert errors["k0"].tolist() == errors["k1"].tolist() == [3]
    assert (errors["low"][0], errors["high"][0]) == (pytest.approx(0.8), pytest.approx(1.0))
    assert len(curve_vote(KCurve("Gap", "first", {2: 0.5}, vote=1))) == 0


def test_columns_are_numbers_or_text(mall: Table) -> None:
    assert column_values(mall, "Age").dtype == np.float64
    assert set(column_values(mall, "Gender")) == {"Male", "Female"}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0.0, 100.0], (-6.0, 106.0)),
        ([50.0, 50.0], (47.0, 53.0)),
        ([0.0], (-1.0, 1.0)),
        ([np.nan, np.inf], (0.0, 1.0)),
        ([], (0.0, 1.0)),
    ],
)
def test_a_range_has_a_margin(values: list[float], expected: tuple[float, float]) -> None:
    assert padded(np.array(values)) == expected


def test_a_name_is_cut_to_its_place() -> None:
    assert short("abcdef", 6) == "abcdef"
    assert short("abcdefg", 6) == "abcde…"
