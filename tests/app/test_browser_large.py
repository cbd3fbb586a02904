"""A visitor of a page on more customers than it has marks for."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
from playwright.sync_api import Browser, expect

from tests.app.browser import visit

N_ROWS = 24_000
ON_IMAGE = """
([test, own]) => {
  const models = [...Bokeh.documents[0].all_models.values()]
  const drawn = models.find(own => own.glyph?.type === "ImageRGBA")
  return drawn != null && new Function("s", "own", `return ${test}`)(drawn.data_source.data, own)
}
"""


def test_a_visitor_zooms_points_and_selects(browser: Browser, server: int) -> None:
    generator = np.random.default_rng(0)
    middle = np.array([[10.0, 20.0], [60.0, 30.0]])[np.arange(N_ROWS) % 2]
    values = (middle + generator.normal(0, 4, (N_ROWS, 2))).round(2)
    content = pd.DataFrame(values, columns=["Spend", "Visits"]).to_csv(index=False).encode()
    with visit(browser, server) as app:
        app.open_file("large.csv", content)
        wait = app.page.wait_for_function
        wait(ON_IMAGE, arg=["s.image.length === 1", None])
        app.wait_for_figure(f"f => f.title.text === '{N_ROWS:,} customers'")
        app.figure("f => { f.x_range.setv({start: 0, end: 20}) }")
        wait(ON_IMAGE, arg=["s.x[0] === 0 && s.dw[0] === 20", None])
        app.figure(
            "f => { f.x_range.setv({start: 0, end: 80}); f.y_range.setv({start: 0, end: 50}) }"
        )
        wait(ON_IMAGE, arg=["s.dw[0] === 80 && s.dh[0] === 50", None])
        app.drag((0.02, 0.02), (0.4, 0.98))
        app.tab("Customers")
        said = re.compile(r"^11,\d{3} of 24,000 customers selected$")
        expect(app.page.get_by_text(said)).to_be_visible()
        expect(app.page.locator(".tabulator-row")).to_have_count(15)
        box = app.page.locator(".bk-Figure").first.locator(".bk-events")
        box.hover()
        box.hover(position={"x": 130, "y": 230})
        app.wait_for_figure("(f, s) => s.data.row.length === 1")
        assert app.complaints == []
