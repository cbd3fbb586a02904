"""The app in a real browser: one visitor who tries everything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from playwright.sync_api import Browser, expect

from mall_app.model.model import ClusteringModel
from tests.app.bench import FEATURES
from tests.app.browser import App, visit
from tests.app.server import ask


@pytest.fixture
def app(browser: Browser, server: int) -> Iterator[App]:
    """A visit that ends with nothing to complain of."""
    with visit(browser, server) as app:
        yield app
        app.assert_same_visit()
        app.assert_nothing_outside_was_asked_for()


def test_the_page_loads_quietly_and_is_changed_by_slider_axis_and_theme(app: App) -> None:
    expect(app.score()).to_have_text("0.555")
    expect(app.page.locator("#first-look")).to_have_count(0)
    assert app.complaints == []
    app.figure("f => { f.x_range.setv({start: 40, end: 70}) }")
    app.slide("ArrowLeft")
    expect(app.score()).to_have_text("0.494")
    app.wait_for_figure("(f, s) => Math.max(...s.data.segment) === 3")
    assert app.figure("f => [f.x_range.start, f.x_range.end]") == [40, 70]
    app.wait_for_figure("(f, s) => new Set(s.data.segment_name).size === 4", "silhouette")
    expect(app.page.locator("[data-segment]")).to_have_count(4)
    app.choose("Vertical axis", "Age")
    app.wait_for_figure("f => f.left[0].axis_label === 'Age'")
    assert app.figure("(f, s) => Math.max(...s.data.up)") == 70
    app.page.get_by_label("Toggle theme").click()
    app.wait_for_figure("(f, s) => s.data.color.includes('#F0AE2B')")
    expect(app.page.locator("[data-score=silhouette_score]")).to_have_css(
        "background-color", "rgb(27, 33, 41)"
    )
    assert app.complaints == []


def test_an_algorithm_brings_its_widgets_and_is_what_rest_and_python_give(
    app: App, server: int
) -> None:
    expect(app.page.locator("label", has_text="n_init")).to_be_visible()
    app.choose("Algorithm", "Gaussian mixture")
    body: dict[str, Any] = {"algorithm": "gaussian_mixture", "n_clusters": 5, "features": FEATURES}
    status, answer = ask(server, "POST", "/cluster", body)
    assert status == 200
    expect(app.score()).to_have_text(f"{answer['silhouette_score']:.3f}")
    expect(app.score("davies_bouldin_score")).to_have_text(f"{answer['davies_bouldin_score']:.3f}")
    model = ClusteringModel(algorithm="gaussian_mixture", features=FEATURES)
    assert answer["labels"] == model.result.labels.tolist()
    app.wait_for_figure(
        "(f, s, own) => String([...s.data.segment]) === own",
        "up",
        ",".join(map(str, answer["labels"])),
    )
    app.choose("Algorithm", "DBSCAN")
    expect(app.page.locator("label", has_text="eps")).to_be_visible()
    expect(app.page.locator("label", has_text="n_init")).to_have_count(0)
    expect(app.page.locator("input[type=range]")).to_be_hidden()
    assert app.complaints == []


def test_customers_are_chosen_in_table_and_scatter_and_downloaded(app: App, tmp_path: Path) -> None:
    app.tab("Customers")
    app.tick(2)
    app.wait_for_figure("(f, s) => String(s.selected.indices) === '2'")
    expect(app.page.get_by_text("1 of 200 customers selected")).to_be_visible()
    app.tick(6)
    app.wait_for_figure("(f, s) => String(s.selected.indices) === '2,6'")
    app.wait_for_figure("(f, s) => s.selected.indices.length === 2", "silhouette")
    app.page.get_by_role("button", name="Show all").click()
    app.wait_for_figure("(f, s) => s.selected.indices.length === 0")
    note = app.page.get_by_text(re.compile(r"^\d+ of 200 customers selected$"))
    expect(note).to_have_count(0)
    app.drag((0.02, 0.02), (0.3, 0.4))
    expect(note).to_be_visible()
    chosen = app.figure("(f, s) => s.selected.indices.length")
    assert 5 < chosen < 60
    app.wait_for_figure("(f, s, n) => s.selected.indices.length === n", "silhouette", chosen)
    incomes = app.page.locator(".tabulator-row [tabulator-field='Annual Income (k$)']")
    assert all(int(own) < 60 for own in incomes.all_inner_texts())
    app.page.get_by_role("button", name="Show all").click()
    expect(app.page.locator(".tabulator-row").first).to_contain_text("Male")
    expect(note).to_have_count(0)
    with app.page.expect_download() as started:
        app.page.get_by_text("Download labelled table").click()
    path = tmp_path / "download.csv"
    started.value.save_as(path)
    frame = pd.read_csv(BytesIO(path.read_bytes()))
    assert frame["segment"].tolist() == ClusteringModel(features=FEATURES).result.labels.tolist()
    assert len(frame.columns) == 6


def test_a_phone_gets_the_results_first(browser: Browser, server: int) -> None:
    phone = {"width": 390, "height": 844}
    with visit(browser, server, viewport=phone) as app:
        expect(app.page.get_by_role("button", name="Open drawer")).to_be_visible()
        expect(app.page.locator("input[type=range]")).not_to_be_in_viewport()
        width = app.page.evaluate("() => document.documentElement.scrollWidth")
        assert width <= 390
        board = app.page.locator(".segment-board").bounding_box()
        tabs = app.page.get_by_role("tab").first.bounding_box()
        assert board is not None and tabs is not None
        assert board["width"] <= 390
        assert tabs["y"] >= board["y"] + board["height"]  # cards lie over nothing
        assert app.complaints == []


GERMAN = "Stadt;Alter;Umsatz (EUR)\n" + "\n".join(
    f"{'Köln' if own % 2 else 'Bonn'};{20 + own};1.{own:03d},5" for own in range(60)
)
EVIL = "<img src=x onerror='window.run=1'>"


def test_a_file_is_opened_and_a_bad_one_leaves_it_and_html_in_one_stays_text(app: App) -> None:
    app.open_file("umsatz.csv", GERMAN.encode("latin-1"))
    expect(app.page.get_by_text("umsatz.csv · 60 customers")).to_be_visible()
    app.wait_for_figure("f => f.left[0].axis_label === 'Umsatz (EUR)'")
    expect(app.page.locator(".MuiChip-root", has_text="Umsatz (EUR)")).to_be_visible()
    app.page.get_by_text("What was done to the data").click()
    expect(app.page.get_by_text("semicolon, decimal ','")).to_be_visible()
    score = app.score().inner_text()
    app.open_file("photo.csv", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0")
    expect(app.page.get_by_role("alert")).to_contain_text("photo.csv was not opened.")
    expect(app.page.get_by_text("umsatz.csv · 60 customers")).to_be_visible()
    expect(app.score()).to_have_text(score)
    lines = [f'"{EVIL} kind","{EVIL} n",row']
    lines += [f'"{EVIL}{own % 2}",{own % 7},{own}' for own in range(40)]
    app.open_file(f"{EVIL}.csv", "\n".join(lines).encode())
    expect(app.page.locator("[data-segment]").first).to_contain_text("<img")
    for name in ("Customers", "Choosing k", "Receipt", "Profile"):
        app.tab(name)
        expect(app.page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    expect(app.tooltip(0)).to_contain_text("<img")
    assert app.page.evaluate("() => window.run") is None
