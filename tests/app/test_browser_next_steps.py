"""A step of the slider in a real browser: drawn there at the key, and the same as it comes out."""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import Any

from playwright.sync_api import Browser, Page, expect

from mall_app.plots.base import short
from mall_app.plots.heatmap import LONGEST_NAME
from tests.app.bench import FEATURES
from tests.app.browser import PATIENCE_MS, App, visit
from tests.app.server import ask

# Keeps what the page sends or is sent until it is let go, as a slow connection does.
SLOW_CONNECTION = """
() => {
  const send = WebSocket.prototype.send, out = [], coming = []
  let socket, hear
  WebSocket.prototype.send = function (data) { socket ??= this; send.call(this, data) }
  window.connection = {
    holdOut: () => { WebSocket.prototype.send = function (data) { out.push([this, data]) } },
    sendOut: many => { for (const [socket, data] of out.splice(0, many)) send.call(socket, data) },
    waiting: () => out.length,
    holdIn: () => { hear ??= socket.onmessage; socket.onmessage = event => { coming.push(event) } },
    takeIn: () => {
      if (hear) socket.onmessage = hear
      for (const event of coming.splice(0)) hear(event)
    },
    letGo: () => {
      WebSocket.prototype.send = send
      connection.sendOut(out.length)
      connection.takeIn()
    },
  }
}
"""
# What the rows of the heat map are called.
NAMES = """
() => {
  for (const own of Bokeh.documents[0].all_models)
    if (own.tags?.includes("profile names")) return [...own.major_label_overrides.values()]
}
"""
# Both messages are on their way before either is dealt with.
TAB_AND_STEP = """
([tab, k]) => {
  const all = [...Bokeh.documents[0].all_models]
  const slider = all.find(own => own.tags?.includes("n_clusters")).data
  const tabs = all.find(own => own.data?.tabs_location !== undefined).data
  tabs.active = tab
  slider.value = k
  slider.value_throttled = k
}
"""
# Keys, and the milliseconds between them.
BURSTS = (
    ("ArrowRight " * 3, 0),
    ("ArrowLeft " * 5, 40),
    ("ArrowRight ArrowLeft ArrowRight", 0),
    ("ArrowLeft ArrowRight ArrowRight", 150),
)


class Steps:
    """Hears which of the next steps the browser is sent."""

    def __init__(self) -> None:
        self.sent: set[int] = set()

    def listen(self, page: Page) -> None:
        page.on("websocket", lambda socket: socket.on("framereceived", self._hear))

    def _hear(self, frame: Any) -> None:
        if '"rest"' in str(frame):
            self.sent |= set(map(int, re.findall(r'"n_clusters"\W+(\d+)', str(frame))))

    def wait(self, app: App, n_clusters: int) -> None:
        """Wait until it is sent a step to so many segments."""
        deadline = time.monotonic() + PATIENCE_MS / 1000
        while n_clusters not in self.sent:
            assert time.monotonic() < deadline
            app.page.wait_for_timeout(50)
        app.page.wait_for_timeout(200)  # until what was sent is taken in


def sizes(app: App, field: str) -> list[int]:
    """Count the customers of each segment that a plot shows, most first."""
    names = app.figure("(f, s) => Array.from(s.data.segment_name)", field)
    return sorted(Counter(names).values(), reverse=True)


def names_on_cards(app: App) -> list[str]:
    """Give numbers and names of the segments, shortened as they are beside the heat map."""
    cards = app.page.locator(".card[data-segment]").all()
    told = [(own.get_attribute("data-segment"), own.get_attribute("data-name")) for own in cards]
    return [short(f"{segment} · {name}", 2 * LONGEST_NAME) for segment, name in told]


def test_a_step_is_drawn_before_the_server_hears_of_it(browser: Browser, server: int) -> None:
    steps = Steps()
    with visit(browser, server, prepare=steps.listen) as app:
        steps.wait(app, 4)
        app.page.evaluate(SLOW_CONNECTION)
        app.page.evaluate("() => connection.holdOut()")
        app.slide("ArrowLeft")
        expect(app.score()).to_have_text("0.494")
        app.wait_for_figure("(f, s) => Math.max(...s.data.segment) === 3")
        app.wait_for_figure("(f, s) => new Set(s.data.segment_name).size === 4", "silhouette")
        cards = app.page.locator(".card[data-segment]")
        expect(cards).to_have_count(4)
        drawn = cards.all_inner_texts(), app.page.evaluate(NAMES)
        assert len(drawn[1]) == 4
        app.page.evaluate("() => connection.letGo()")
        app.page.wait_for_timeout(400)
        assert (cards.all_inner_texts(), app.page.evaluate(NAMES)) == drawn
        expect(app.score()).to_have_text("0.494")
        assert sizes(app, "up") == sizes(app, "silhouette")
        app.choose("Scaling", "None (original units)")
        app.slide("ArrowLeft")  # of the new choice, though the browser held steps of the old one
        expect(cards).to_have_count(3)
        expect(app.score()).to_have_text("0.468")
        assert app.complaints == []


def test_a_step_and_another_tab_at_once_leave_nothing_behind(browser: Browser, server: int) -> None:
    steps = Steps()
    with visit(browser, server, prepare=steps.listen) as app:
        steps.wait(app, 6)
        for tab, n_clusters in ((4, 6), (0, 5), (4, 4), (0, 5)):
            app.page.evaluate(TAB_AND_STEP, [tab, n_clusters])
            cards = app.page.locator(".card[data-segment]")
            expect(cards).to_have_count(n_clusters)
            app.page.wait_for_timeout(1_500)  # until the next steps are there
            if tab == 0:
                assert app.page.evaluate(NAMES) == names_on_cards(app)
        assert app.complaints == []


def test_a_step_drawn_while_another_is_on_its_way_ends_as_the_slider_stands(
    browser: Browser, server: int
) -> None:
    steps = Steps()
    with visit(browser, server, prepare=steps.listen) as app:
        steps.wait(app, 4)
        do = app.page.evaluate
        do(SLOW_CONNECTION)
        steps.sent.clear()
        app.slide("ArrowLeft")  # nothing is held of a socket before it has sent something
        steps.wait(app, 3)
        do("() => connection.holdIn()")
        steps.sent.clear()
        app.slide("ArrowRight")
        steps.wait(app, 4)  # from 5, as yet unheard
        do("() => connection.holdOut()")
        app.slide("ArrowRight")
        of_the_first = do("() => connection.waiting()")
        app.slide("ArrowLeft")
        do("() => connection.takeIn()")
        app.page.wait_for_timeout(300)
        do("() => connection.holdIn()")
        app.slide("ArrowLeft")
        app.wait_for_figure("(f, s) => new Set(s.data.segment_name).size === 4")
        do("count => connection.sendOut(count)", of_the_first)  # 6 is drawn there, 4 drawn here
        app.page.wait_for_timeout(80)
        do("() => connection.letGo()")
        expect(app.page.locator(".card[data-segment]")).to_have_count(4)
        app.page.wait_for_timeout(1_000)
        assert len(sizes(app, "up")) == len(sizes(app, "silhouette")) == 4
        assert app.page.evaluate(NAMES) == names_on_cards(app)
        assert app.complaints == []


def test_hasty_steps_end_where_the_slider_stands(browser: Browser, server: int) -> None:
    with visit(browser, server) as app:
        for keys, pause_ms in BURSTS:
            for key in keys.split():
                app.slide(key)
                app.page.wait_for_timeout(pause_ms)
            k = int(app.page.locator("input[type=range]").first.input_value())
            wanted = {"n_clusters": k, "features": FEATURES, "scaling": "standard"}
            status, answer = ask(server, "POST", "/cluster", wanted)
            assert status == 200
            expect(app.page.locator(".card[data-segment]")).to_have_count(k)
            expect(app.score()).to_have_text(f"{answer['silhouette_score']:.3f}")
            expect(app.score("segments")).to_have_text(re.compile(f"^{k}$"))
            found = sorted(Counter(answer["labels"]).values(), reverse=True)
            # The server may be some keys behind what the browser has drawn by itself.
            deadline = time.monotonic() + PATIENCE_MS / 1000
            while sizes(app, "up") != found or sizes(app, "silhouette") != found:
                assert time.monotonic() < deadline
                app.page.wait_for_timeout(100)
            app.page.wait_for_timeout(1_000)  # no late message draws anything else
            assert sizes(app, "up") == sizes(app, "silhouette") == found
            assert app.page.evaluate(NAMES) == names_on_cards(app)
        assert app.complaints == []
