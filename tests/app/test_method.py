"""What the method did: a hierarchy to cut, a reach to drag, customers between segments."""

from __future__ import annotations

from typing import Any

import numpy as np
import panel as pn
import pytest
from bokeh.models.annotations import BoxAnnotation

from mall_app.algorithms import algorithms
from mall_app.data import load_customers
from mall_app.plots.palette import Palette
from mall_app.plots.scatter import OPACITY
from mall_app.views.dendrogram import DendrogramView
from mall_app.views.k_distance import KDistanceView, rounded
from mall_app.views.method_line import DraggableLine
from tests.app.bench import Bench


def looking(algorithm: str, drawn: bool = False, **params: Any) -> Bench:
    """A page that looks at the method in use, its models made as in a browser, or those of all."""
    bench = Bench(algorithm=algorithm, drawn=drawn, params=params)
    bench.workbench.method.active = True
    bench.workbench.method.__panel__().get_root()
    return bench


def words(bench: Bench) -> str:
    """All HTML of the tab."""
    panes = bench.workbench.method.__panel__().select(pn.pane.HTML)
    return "\n".join(str(own.object) for own in panes if own.visible)


def picture(bench: Bench, kind: type[Any]) -> Any:
    return bench.workbench.method._pictures[kind]


def drag(line: DraggableLine, height: float) -> None:
    """Move the band as the browser does: both edges, one after the other."""
    half = (line.band.top - line.band.bottom) / 2
    line.band.top = height + half
    line.band.bottom = height - half


@pytest.mark.parametrize("key", list(algorithms()))
def test_every_method_is_described_with_its_source(key: str) -> None:
    bench = looking(key)
    text = words(bench)
    assert f"{algorithms()[key].title} put " in text
    assert algorithms()[key].citation[:20] in text.replace("&#x27;", "'")


def test_nothing_is_calculated_before_somebody_looks(bench: Bench) -> None:
    bench.model.algorithm = "agglomerative"
    method = bench.workbench.method
    assert (method._of, method._pictures) == (None, {})
    method.active = True
    assert list(method._pictures) == [DendrogramView]


def test_the_line_of_a_dendrogram_sets_the_number_of_segments() -> None:
    bench = looking("agglomerative")
    view = picture(bench, DendrogramView)
    fits = bench.engine.fits
    drag(view._cut, view._own.height_of(3))
    assert bench.model.n_clusters == bench.model.result.n_clusters == 3
    assert bench.engine.fits == fits + 1
    assert view._cut.words.text == "3 segments"
    assert view._cut.height == pytest.approx(view._own.height_of(3))
    assert "tr class='here'><td>3</td>" in words(bench)


def test_the_line_stays_in_the_hand_while_k_is_the_same() -> None:
    bench = looking("agglomerative")
    view = picture(bench, DendrogramView)
    low, high = view._own.interval_of(4)
    drag(view._cut, low + 0.9 * (high - low))
    assert bench.model.n_clusters == 4
    assert view._cut.height == pytest.approx(low + 0.9 * (high - low))
    fits = bench.engine.fits
    drag(view._cut, low + 0.2 * (high - low))
    assert bench.engine.fits == fits


def test_the_line_goes_where_k_is_set_elsewhere() -> None:
    bench = looking("agglomerative")
    view = picture(bench, DendrogramView)
    bench.model.n_clusters = 7
    low, high = view._own.interval_of(7)
    assert low < view._cut.height < high
    assert view._cut.line.location == view._cut.height


@pytest.mark.parametrize(("height", "expected"), [(1e9, 2), (-5.0, 60)])
def test_a_line_beyond_the_hierarchy_takes_the_nearest_number(height: float, expected: int) -> None:
    bench = looking("agglomerative")
    drag(picture(bench, DendrogramView)._cut, height)
    assert bench.model.n_clusters == expected


def test_a_number_changes_colours_but_no_hierarchy() -> None:
    bench = looking("agglomerative")
    view = picture(bench, DendrogramView)
    before = view._own
    bench.model.n_clusters = 2
    assert view._own is before
    assert set(view._strip.source.data["color"]) == {
        Palette().colour(own.segment) for own in bench.model.result.profiles
    }
    bench.model.method.linkage = "single"
    assert view._own is not before


def test_the_line_of_a_reach_sets_eps() -> None:
    bench = looking("dbscan")
    view = picture(bench, KDistanceView)
    drag(view._reach, 0.31234)
    assert bench.model.method.eps == 0.312
    assert bench.model.result.settings.params["eps"] == 0.312
    assert view._reach.words.text == "eps 0.312"
    drag(view._reach, -1.0)
    assert 0 < bench.model.method.eps < 0.01


def test_the_suggestion_can_be_taken() -> None:
    bench = looking("dbscan")
    view = picture(bench, KDistanceView)
    assert view._use.visible
    assert view._use.label == f"Use eps {rounded(view._own.knee):g}"
    view._use.clicks += 1
    assert bench.model.method.eps == rounded(view._own.knee)
    assert not view._use.visible


def test_min_samples_changes_the_curve_and_eps_does_not() -> None:
    bench = looking("dbscan")
    view = picture(bench, KDistanceView)
    before = view._own
    bench.model.method.eps = 0.4
    assert view._own is before
    bench.model.method.min_samples = 12
    assert view._own.min_samples == 12
    assert "11th" in view._figure.yaxis.axis_label


def test_optics_has_no_reach_to_drag() -> None:
    bench = looking("optics")
    view = picture(bench, KDistanceView)
    view.__panel__().get_root()
    assert view._reach.band is None
    assert not view._use.visible
    assert "OPTICS has no reach" in words(bench)


def test_one_picture_is_shown_at_a_time() -> None:
    bench = looking("agglomerative")
    bench.model.algorithm = "dbscan"
    assert [own.visible for own in bench.workbench.method._place] == [False, True]
    bench.model.algorithm = "kmeans"
    assert [own.visible for own in bench.workbench.method._place] == [False, False]
    bench.model.algorithm = "agglomerative"
    assert [own.visible for own in bench.workbench.method._place] == [True, False]


def test_customers_between_segments_are_listed_and_faint() -> None:
    bench = looking("gaussian_mixture", drawn=True)
    opacity = np.asarray(bench.source("up").data["opacity"])
    assert 0.2 <= opacity.min() < 0.5 < opacity.max() <= 0.9
    shown = bench.workbench.method._membership
    text = str(shown.__panel__().object)
    assert "customers are between two segments" in text
    faintest = bench.model.table.frame["CustomerID"].iloc[int(opacity.argmin())]
    first = text.split("<tbody><tr><td>")[1].split("<")[0]
    assert first == str(faintest)
    bench.model.algorithm = "kmeans"
    assert set(bench.source("up").data["opacity"]) == {OPACITY}
    assert not shown.__panel__().visible


def test_an_identifier_that_is_html_stays_text() -> None:
    evil = "<img src=x>"
    data = load_customers().assign(CustomerID=[f"{evil}{own}" for own in range(200)])
    features = ["Age", "Spending Score (1-100)"]
    bench = Bench(data, drawn=False, algorithm="gaussian_mixture", features=features)
    bench.workbench.method.active = True
    assert evil not in words(bench)


def test_the_dark_theme_reaches_the_line() -> None:
    bench = looking("agglomerative")
    view = picture(bench, DendrogramView)
    bench.state.dark = True
    assert view._cut.line.line_color == Palette(dark=True).accent
    [band] = view._figure.select({"type": BoxAnnotation})
    assert band.fill_color == Palette(dark=True).accent
