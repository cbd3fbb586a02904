"""A page in a real browser: what a person does on it, and what it then shows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Error, Locator, Page, Playwright, expect

from tests.app.chromium import chromium_path

OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
SETTLE_MS = 600
# The figure whose data source has a field, wherever it is in the page.
FIGURE = """
field => {
  const figures = Bokeh.documents[0].all_models.values()
  for (const model of figures) {
    if (model.type !== "Figure" || !Bokeh.index.find_one(model)) continue
    for (const own of model.renderers) {
      if (own.data_source?.data && "row" in own.data_source.data && field in own.data_source.data)
        return [model, own.data_source]
    }
  }
  return null
}
"""


def launched(playwright: Playwright) -> Browser:
    """Start the Chromium on PATH, or Playwright's own."""
    expect.set_options(timeout=PATIENCE_MS)
    try:
        return playwright.chromium.launch(executable_path=chromium_path(), args=OPTIONS)
    except Error as error:
        raise RuntimeError(
            "There is no Chromium to test with: put `chromium` on PATH or run "
            "`python -m playwright install chromium`."
        ) from error


class App:
    """One visit to the app, and all it complained about."""

    def __init__(
        self,
        browser: Browser,
        port: int,
        address: str | None = None,
        prepare: Callable[[Page], None] = lambda _: None,
        **context: Any,
    ) -> None:
        self.origin = f"http://127.0.0.1:{port}"
        context = {"viewport": {"width": 1440, "height": 1000}, **context}
        self.page: Page = browser.new_context(accept_downloads=True, **context).new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        prepare(self.page)
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(request.url))
        self.page.goto(address or f"{self.origin}/app")
        expect(self.score()).to_have_text(re.compile(r"0\.\d{3}"))
        self.page.wait_for_function(f"() => ({FIGURE})('up') && ({FIGURE})('silhouette')")
        # Widgets of panel-material-ui miss what is sent to them in their first moments.
        self.page.wait_for_timeout(SETTLE_MS)
        self.page.evaluate("() => { window.sameVisit = true }")

    def _note(self, message: Any) -> None:
        if message.type in ("error", "warning") and "GL Driver Message" not in message.text:
            self.complaints.append(message.text)

    def assert_nothing_outside_was_asked_for(self) -> None:
        """Hold every request of the visit to this server."""
        inside = (self.origin, self.origin.replace("http", "ws"), "data:", "blob:")
        assert {url for url in self.hosts if not url.startswith(inside)} == set()

    def assert_same_visit(self) -> None:
        """Hold the page to never having been loaded again."""
        assert self.page.evaluate("() => window.sameVisit") is True

    def score(self, name: str = "silhouette_score") -> Locator:
        """Find the value on a score card."""
        return self.page.locator(f"[data-score={name}] .value")

    def slide(self, key: str = "ArrowLeft") -> None:
        """Press a key on the slider of k."""
        slider = self.page.locator("input[type=range][aria-label*='(k)']")
        slider.focus()
        slider.press(key)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select."""
        box = self.page.locator(".MuiFormControl-root").filter(
            has=self.page.locator("label", has_text=label)
        )
        box.get_by_role("combobox").first.click()
        self.page.get_by_role("menuitem", name=option, exact=True).click()

    def tab(self, name: str) -> None:
        """Look at a tab."""
        self.page.get_by_role("tab", name=name).click()

    def tick(self, place: int) -> None:
        """Tick a customer of the table: a press that falls into its drawing meets no row."""
        box = self.page.locator(".tabulator-row input[type=checkbox]").nth(place)
        for _ in range(10):
            box.click()
            self.page.wait_for_timeout(300)
            if box.is_checked():
                return
        raise AssertionError(f"Ten presses did not tick row {place}.")

    def tooltip(self, row: int) -> Locator:
        """Point at a customer of the scatter, again while what is still coming moves the plot."""
        found = self.page.locator(".bk-Tooltip")
        for _ in range(10):
            at = self.figure(
                "(f, s, row) => { const v = Bokeh.index.find_one(f); return "
                "[v.frame.x_scale.compute(s.data.across[row]), "
                "v.frame.y_scale.compute(s.data.up[row])] }",
                argument=row,
            )
            box = self.page.locator(".bk-Figure").first.locator(".bk-events").bounding_box()
            assert box is not None
            self.page.mouse.move(box["x"] + at[0], box["y"] + at[1], steps=3)
            self.page.wait_for_timeout(300)
            if found.count():
                return found
        raise AssertionError(f"There is no tooltip at customer {row}.")

    def open_file(self, name: str, content: bytes) -> None:
        """Choose a file from disk."""
        file = {"name": name, "mimeType": "text/csv", "buffer": content}
        self.page.locator("input[type=file]").set_input_files([file])  # type: ignore[list-item]

    def figure(self, script: str, field: str = "up", argument: Any = None) -> Any:
        """Evaluate a function of a figure, its data source and an argument in the page."""
        return self.page.evaluate(_on_figure(script), [field, argument])

    def wait_for_figure(self, script: str, field: str = "up", argument: Any = None) -> None:
        """Wait until a function of a figure and its data source is true."""
        self.page.wait_for_function(_on_figure(script), arg=[field, argument])

    def drag(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        """Draw a box in the scatter, from and to a share of the width and height of its frame."""
        events = self.page.locator(".bk-Figure").first.locator(".bk-events")
        events.scroll_into_view_if_needed()
        box = events.bounding_box()
        assert box is not None
        frame = self.figure(
            "f => { const b = Bokeh.index.find_one(f).frame.bbox; "
            "return [b.left, b.top, b.width, b.height] }"
        )
        points = [
            (box["x"] + frame[0] + frame[2] * x, box["y"] + frame[1] + frame[3] * y)
            for x, y in (start, end)
        ]
        self.page.mouse.move(*points[0])
        self.page.mouse.down()
        self.page.mouse.move(*points[1], steps=5)
        self.page.mouse.up()


def _on_figure(script: str) -> str:
    """Make a function of a field and an argument out of one of figure, source and argument."""
    return f"([field, own]) => {{ const [f, s] = ({FIGURE})(field); return ({script})(f, s, own) }}"


@contextmanager
def visit(browser: Browser, port: int, address: str | None = None, **context: Any) -> Iterator[App]:
    """Open the app, or a link into it, in a browser context of its own."""
    app = App(browser, port, address, **context)
    try:
        yield app
    finally:
        app.page.context.close()
