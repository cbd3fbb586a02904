"""Evidence, comparison and the method in a real browser, with the mouse."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.app.browser import App, visit

# Where the band of the line to drag is in the window, and what is written beside it.
BAND = """
() => {
  const models = [...Bokeh.documents[0].all_models.values()]
  for (const band of models.filter(m => m.type === "BoxAnnotation" && m.editable)) {
    const figure = models.find(m => m.type === "Figure" && m.center.includes(band))
    const view = figure && Bokeh.index.find_one(figure)
    if (!view || !view.el.getBoundingClientRect().width) continue
    const place = view.el.getBoundingClientRect(), frame = view.frame
    return {
      x: place.left + frame.bbox.left + 0.6 * frame.bbox.width,
      y: place.top + frame.y_scale.compute((band.top + band.bottom) / 2),
      words: figure.center.find(m => m.type === "Label").text,
    }
  }
  return null
}
"""


@pytest.fixture
def app(browser: Browser, server: int) -> Iterator[App]:
    """A visit that ends with nothing to complain of."""
    with visit(browser, server) as app:
        yield app
        assert app.complaints == []
        app.assert_nothing_outside_was_asked_for()


def band(app: App) -> dict[str, Any]:
    """Find the line to drag, in the middle of the window."""
    app.page.wait_for_function(BAND)
    app.page.get_by_text(re.compile("^Drag the line")).evaluate(
        "own => own.scrollIntoView({block: 'start'})"
    )
    app.page.wait_for_timeout(500)
    found: dict[str, Any] = app.page.evaluate(BAND)
    return found


def at_rest(app: App) -> str:
    """Give what is written beside the line when that and the score have come to the same.

    The cards above it may move it on its way, so where it ends is not the same each time.
    """
    told: list[tuple[str, str]] = []
    while len(told) < 20:
        told.append((band(app)["words"], app.score("segments").inner_text()))
        if told[-2:] == [told[-1]] * 2 and told[-1][0] == f"{told[-1][1]} segments":
            return told[-1][0]
    raise AssertionError(f"The line and the score do not agree: {told}.")


def drag_by(app: App, pixels: float) -> None:
    start = band(app)
    app.page.mouse.move(start["x"], start["y"])
    app.page.mouse.down()
    app.page.mouse.move(start["x"], start["y"] + pixels, steps=10)
    app.page.mouse.up()


def test_the_lines_of_a_dendrogram_and_of_the_reach_of_dbscan_are_dragged(app: App) -> None:
    app.choose("Algorithm", "Agglomerative")
    app.tab("Method")
    assert band(app)["words"] == "5 segments"
    drag_by(app, -60)
    expect(app.score("segments")).not_to_have_text("5")
    words = at_rest(app)
    assert words in ("3 segments", "4 segments")
    drag_by(app, 100)
    expect(app.score("segments")).not_to_have_text(words[0])
    app.choose("Algorithm", "DBSCAN")
    expect(app.page.get_by_text(re.compile("^With eps 0.5, "))).to_be_visible()
    assert band(app)["words"] == "eps 0.5"
    drag_by(app, 30)
    expect(app.page.get_by_text(re.compile(r"^With eps 0\.3\d*, "))).to_be_visible()
    app.page.get_by_role("button", name=re.compile("^Use eps")).click()
    expect(app.page.get_by_text("With eps 0.433, ")).to_be_visible()


def test_evidence_is_gathered_and_algorithms_compared_and_what_they_say_is_taken_over(
    app: App,
) -> None:
    app.tab("Choosing k")
    app.page.get_by_role("button", name="Gather evidence").click()
    expect(app.page.locator(".headline")).to_contain_text("5", timeout=90_000)
    expect(app.page.get_by_role("img", name="vote").first).to_be_visible()
    app.slide("ArrowLeft")
    use = app.page.get_by_role("button", name="Use k = 5")
    expect(use).to_be_visible()
    use.click()
    expect(app.score()).to_have_text("0.555")
    app.tab("Compare")
    app.page.get_by_role("button", name="Compare", exact=True).click()
    expect(app.page.get_by_text("has the highest silhouette")).to_be_visible(timeout=90_000)
    app.page.get_by_role("button", name="Use this").first.click()
    expect(app.page.get_by_text("Oval segments of different size")).to_be_visible()
    expect(app.page.get_by_role("button", name="In use")).to_have_count(1)
