"""The app in a real browser while the server is busy, and with more than one visitor."""

from __future__ import annotations

import re
import threading
from typing import Any

import numpy as np
from playwright.sync_api import Browser, Page, WebSocketRoute, expect

from tests.app.browser import visit
from tests.app.server import ask


def heavy() -> dict[str, Any]:
    """A request that takes seconds."""
    points = np.random.default_rng(0).normal(size=(4_000, 2)).round(3)
    records = [{"a": a, "b": b} for a, b in points.tolist()]
    return {
        "algorithm": "gaussian_mixture",
        "n_clusters": 20,
        "records": records,
        "params": {"n_init": 30, "max_iter": 10_000},
    }


def test_two_visitors_and_a_caller_do_not_wait_for_each_other_nor_touch_what_is_theirs(
    browser: Browser, server: int
) -> None:
    with visit(browser, server) as one, visit(browser, server) as other:
        one.slide("ArrowLeft")
        expect(one.score()).to_have_text("0.494")
        one.choose("Vertical axis", "Age")
        one.wait_for_figure("f => f.left[0].axis_label === 'Age'")
        expect(other.score()).to_have_text("0.555")
        assert other.figure("f => f.left[0].axis_label") == "Spending Score (1-100)"
        assert other.figure("(f, s) => Math.max(...s.data.segment)") == 4
        answers: list[int] = []
        thread = threading.Thread(
            target=lambda: answers.append(ask(server, "POST", "/cluster", heavy())[0])
        )
        thread.start()
        other.slide("ArrowLeft")
        expect(other.score()).to_have_text("0.494")
        under_way = thread.is_alive()
        thread.join()
        assert under_way, "The other fit was over before the slider was."
        assert answers[0] in (200, 504), answers


def test_a_slow_fit_says_so_and_can_be_cancelled(browser: Browser, server: int) -> None:
    points = np.random.default_rng(0).normal(size=(20_000, 4)).round(3).tolist()
    lines = ["a,b,c,d", *(",".join(map(str, own)) for own in points)]
    with visit(browser, server) as app:
        app.open_file("large.csv", "\n".join(lines).encode())
        expect(app.page.get_by_text("large.csv · 20,000 customers")).to_be_visible()
        before = app.score().inner_text()
        app.choose("Algorithm", "Gaussian mixture")
        expect(app.page.locator("label", has_text="covariance_type")).to_be_visible()
        n_init = app.page.get_by_label("n_init")
        n_init.fill("50")
        n_init.press("Enter")
        told = app.page.get_by_text("Gaussian mixture on 20,000 customers", exact=True)
        busy = told.filter(visible=True)  # once, and not in the drawer of a phone as well
        expect(busy).to_be_visible()
        app.page.get_by_role("button", name="Cancel").click()
        expect(busy).to_be_hidden()
        expect(app.page.get_by_text("Cancelled: Gaussian mixture on 20,000")).to_be_visible()
        app.choose("Algorithm", "k-means")
        expect(app.score()).to_have_text(before)


def test_a_link_whose_fit_ends_while_the_page_is_drawn_shows_all_of_it(
    browser: Browser, server: int
) -> None:
    query = "algorithm=gaussian_mixture&n_clusters=16&params.n_init=100&params.max_iter=1000"
    with visit(browser, server, f"http://127.0.0.1:{server}/app?{query}") as app:
        expect(app.page.locator("[data-segment]")).to_have_count(16)
        app.wait_for_figure("(f, s) => Math.max(...s.data.segment) === 15")
        told = app.page.get_by_text("Gaussian mixture on 200 customers")
        expect(told.filter(visible=True)).to_have_count(0)


def test_a_change_before_the_browser_says_it_is_ready_reaches_every_part(
    browser: Browser, server: int
) -> None:
    with visit(browser, server, prepare=never_ready) as app:
        app.slide("ArrowLeft")
        expect(app.score()).to_have_text("0.494")
        expect(app.page.locator("[data-segment]")).to_have_count(4)


def test_a_fit_that_ends_before_the_browser_says_it_is_ready_is_shown(
    browser: Browser, server: int
) -> None:
    query = "algorithm=gaussian_mixture&n_clusters=15&params.n_init=100&params.max_iter=1000"
    address = f"http://127.0.0.1:{server}/app?{query}"
    with visit(browser, server, address, prepare=never_ready) as app:
        expect(app.page.locator("[data-segment]")).to_have_count(15)
        app.wait_for_figure("(f, s) => Math.max(...s.data.segment) === 14")


def never_ready(page: Page) -> None:
    """Keep from the server that the page is drawn, as on a machine that takes long to draw it."""

    def connect(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            says_so = isinstance(message, str) and '"document_ready"' in message
            server.send('{"events":[]}' if says_so else message)

        socket.on_message(pass_on)

    page.route_web_socket(re.compile("/app/ws"), connect)
