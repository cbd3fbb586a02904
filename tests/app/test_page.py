"""Settings, widgets, scores and plots follow each other, with no server."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import panel as pn
import pytest
from bokeh.models import HoverTool

from mall_app.algorithms import algorithms
from mall_app.fit import fit
from mall_app.plots.palette import Palette
from tests.app.bench import Bench, csv


def test_the_page_opens_on_the_mall_result(bench: Bench) -> None:
    assert 'data-score="silhouette_score"' in bench.html(bench.workbench.scores)
    assert "0.555" in bench.html(bench.workbench.scores)
    assert bench.html(bench.workbench.segments).count("data-segment=") == 5
    assert bench.engine.fits == 0


@pytest.mark.drawn
def test_a_parameter_changes_every_view(bench: Bench) -> None:
    bench.workbench.reproduce.active = True
    bench.model.n_clusters = 3
    assert "0.467" in bench.html(bench.workbench.scores)
    assert bench.html(bench.workbench.segments).count("data-segment=") == 3
    assert set(bench.source("up").data["segment"]) == {0, 1, 2}
    assert len(set(bench.source("silhouette").data["segment_name"])) == 3
    assert '"n_clusters": 3' in bench.html(bench.workbench.receipt).replace("&quot;", '"')
    assert max(bench.table().value["segment"]) == 2


@pytest.mark.parametrize(
    ("label", "value", "name"),
    [
        ("Number of segments (k)", 7, "n_clusters"),
        ("Scaling", "robust", "scaling"),
        ("Missing values", "median", "missing"),
        ("Seed (random state)", 3, "random_state"),
        ("Features", ["Age", "Gender"], "features"),
        ("Algorithm", "gaussian_mixture", "algorithm"),
    ],
)
def test_a_widget_changes_the_model_with_one_fit(
    bench: Bench, label: str, value: Any, name: str
) -> None:
    bench.widget(label).value = value
    assert getattr(bench.model, name) == value
    assert getattr(bench.model.result.settings, name) in (value, tuple(np.atleast_1d(value)))
    assert bench.engine.fits == 1


def test_the_model_changes_its_widgets(bench: Bench) -> None:
    bench.model.update(n_clusters=6, features=["Age"], scaling="minmax")
    assert bench.widget("Number of segments (k)").value == 6
    assert bench.widget("Features").value == ["Age"]
    assert bench.widget("Scaling").value == "minmax"
    assert bench.engine.fits == 1


@pytest.mark.parametrize("key", list(algorithms()))
def test_widgets_follow_the_algorithm(bench: Bench, key: str) -> None:
    own = set(algorithms()[key]().own_parameters())
    others = {name for each in algorithms().values() for name in each().own_parameters()} - own
    bench.widget("Algorithm").value = key
    assert own <= bench.labels()
    assert not others & bench.labels()


def test_an_own_parameter_is_followed_and_k_rests_where_it_is_found(bench: Bench) -> None:
    bench.widget("Algorithm").value = "dbscan"
    bench.widget("eps").value = 0.3
    assert bench.model.result.settings.params["eps"] == 0.3
    assert not bench.widget("Number of segments (k)").visible


@pytest.mark.drawn
def test_axes_change_the_plot_and_fit_nothing(bench: Bench) -> None:
    bench.widget("Vertical axis").value = "Age"
    assert bench.source("up").data["up"].tolist() == bench.model.table.frame["Age"].tolist()
    assert bench.engine.fits == 0


def test_the_change_of_a_score_is_told_with_its_direction(bench: Bench) -> None:
    bench.model.n_clusters = 4
    scores = bench.html(bench.workbench.scores)
    assert "was 5" in scores
    assert re.search("Silhouette.*?▼ [0-9.]+ worse", scores)
    assert re.search("Davies-Bouldin.*?▲ [0-9.]+ worse", scores)
    bench.model.n_clusters = 5
    scores = bench.html(bench.workbench.scores)
    assert re.search("Silhouette.*?▲ [0-9.]+ better", scores)
    assert re.search("Davies-Bouldin.*?▼ [0-9.]+ better", scores)
    bench.model.random_state = 1
    assert bench.html(bench.workbench.scores).count("no change") == 3


@pytest.mark.drawn
def test_the_dark_theme_has_colours_of_its_own(bench: Bench) -> None:
    light = set(bench.source("up").data["color"])
    bench.state.dark = True
    dark = {Palette(dark=True).colour(segment) for segment in range(5)}
    assert set(bench.source("up").data["color"]) == dark
    assert not light & dark
    assert Palette(dark=True).ground in bench.html(bench.workbench.segments)


@pytest.mark.drawn
def test_noise_is_grey_crosses_and_in_no_score(bench: Bench) -> None:
    bench.model.update(algorithm="dbscan", params={"eps": 0.3})
    result = bench.model.result
    assert result.n_noise > 0
    data = pd.DataFrame(dict(bench.source("up").data))
    noise = data[data["segment"] == -1]
    assert len(noise) == result.n_noise
    assert set(noise["marker"]) == {"x"}
    assert set(noise["color"]) == {Palette().noise}
    assert len(bench.source("silhouette").data["row"]) == 200 - result.n_noise
    assert 'data-segment="-1"' in bench.html(bench.workbench.segments)


@pytest.mark.drawn
def test_all_noise_is_said_and_drawn(bench: Bench) -> None:
    bench.model.update(algorithm="dbscan", params={"eps": 0.0001, "min_samples": 50})
    assert bench.model.result.n_clusters == 0
    assert set(bench.source("up").data["segment"]) == {-1}
    assert len(bench.source("silhouette").data["row"]) == 0
    assert "every customer is noise" in bench.text()
    assert bench.html(bench.workbench.scores).count(">–<") == 3
    bench.model.update(algorithm="kmeans")
    assert set(bench.source("up").data["segment"]) == {0, 1, 2, 3, 4}


@pytest.mark.drawn
def test_thirty_segments_have_a_mark_each(bench: Bench) -> None:
    bench.model.n_clusters = 30
    data = bench.source("up").data
    marks = set(zip(data["color"], data["marker"], strict=True))
    assert len(marks) == 30
    assert bench.html(bench.workbench.segments).count("data-segment=") == 30


def test_a_table_of_twenty_thousand_has_a_mark_a_customer() -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(20_000, 2)).round(3), columns=["Spend", "Visits"])
    bench = Bench(frame, n_clusters=3, algorithm="kmeans")
    assert len(bench.source("up").data["row"]) == 20_000
    assert len(bench.source("silhouette").data["row"]) <= 2_000
    assert "20,000 customers" in bench.text()
    assert len(bench.table().value) == 20_000


def test_the_sweep_shows_each_k_and_marks_the_one_in_use(bench: Bench) -> None:
    bench.workbench.sweep.active = True
    charts = bench.workbench.sweep.__panel__().select(pn.pane.HoloViews)
    assert len(charts) == 4
    silhouette = charts[0].object
    assert list(silhouette.get(0).dimension_values("k")) == list(range(2, 11))
    bench.workbench.sweep.__panel__().get_root()
    assert bench.marked_k() == [5]
    bench.model.n_clusters = 4
    assert bench.marked_k() == [4]


def test_there_is_no_sweep_where_the_algorithm_finds_k(bench: Bench) -> None:
    bench.workbench.sweep.active = True
    bench.model.algorithm = "hdbscan"
    said = bench.workbench.sweep._words
    assert said.visible
    assert "there is no k to sweep over" in said.object


def test_scores_are_those_of_the_fit(bench: Bench) -> None:
    bench.model.update(algorithm="agglomerative", n_clusters=6)
    direct = fit(bench.model.table, bench.model.settings)
    assert f"{direct.silhouette_score:.3f}" in bench.html(bench.workbench.scores)
    assert bench.model.result.labels.tolist() == direct.labels.tolist()


EVIL = "<img src=x onerror=alert(1)>"


def test_html_in_names_and_values_is_shown_as_text() -> None:
    kinds = [f"{EVIL}{'ab'[place % 2]}" for place in range(40)]
    numbers = [float(place % 7) for place in range(40)]
    bench = Bench(n_clusters=3)
    bench.upload(csv({f"{EVIL} kind": kinds, f"{EVIL} n": numbers, "Age": list(range(40))}), EVIL)
    bench.model.features = list(bench.model.table.features)
    assert "&lt;img src=x" in bench.text()
    assert "<img" not in bench.text()
    [tooltip] = [own.tooltips for own in bench.drawn(HoverTool) if "segment_name" in own.tooltips]
    assert "<img" not in tooltip
    assert not any("<img" in title for title in bench.table().titles.values())
    header = bench.workbench.status
    assert bench.state.dataset == EVIL
    assert header is not None


@pytest.mark.parametrize("name", ["row", "segment", "color", "colour", "marker", "x", "up", "@up"])
def test_a_column_may_have_the_name_of_a_field_of_the_plots(name: str) -> None:
    generator = np.random.default_rng(0)
    frame = pd.DataFrame({name: generator.integers(0, 90, 40), "Age": generator.normal(size=40)})
    bench = Bench(frame, n_clusters=3)
    bench.model.n_clusters = 4
    data = bench.source("up").data
    assert list(data["row"]) == list(range(40))
    assert set(data["segment"]) == {0, 1, 2, 3}
    assert list(data["across"]) == frame[name].tolist()
    bench.state.selection = [3, 5]
    assert bench.source("up").selected.indices == [3, 5]
    assert bench.table().value[name].tolist() == frame[name].iloc[[3, 5]].tolist()


def test_one_numeric_column_is_enough() -> None:
    bench = Bench(
        pd.DataFrame({"Spend": [1.0, 2.0, 3.0, 40.0, 41.0, 42.0, 90.0, 91.0]}), n_clusters=3
    )
    data = bench.source("up").data
    assert list(data["across"]) == list(data["up"])
    bench.model.n_clusters = 2
    assert set(bench.source("up").data["segment"]) == {0, 2}  # the numbers they had among three


def test_only_the_large_charts_take_the_mouse(bench: Bench) -> None:
    bench.workbench.profile.__panel__().get_root()
    heat_map = bench.workbench.profile._plot
    assert [type(own) for own in heat_map.toolbar.tools] == [HoverTool]
