"""What a visitor sees before the scripts of the page have come."""

from __future__ import annotations

import re

from playwright.sync_api import Browser, expect

from tests.app.browser import PATIENCE_MS, visit

SCRIPTS = re.compile(r"\.js(\?|$)")


def test_the_frame_of_the_page_waits_for_its_scripts_and_makes_room_for_an_error(
    browser: Browser, server: int
) -> None:
    page = browser.new_context().new_page()
    page.route(SCRIPTS, lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{server}/app")
    look = page.locator("#first-look")
    expect(look.get_by_text("Preparing the page …")).to_be_visible()
    expect(look.get_by_text("Customer segments")).to_be_visible()
    expect(page.get_by_text("Resources could not be loaded.")).to_be_visible(timeout=PATIENCE_MS)
    expect(look).to_have_count(0)
    page.context.close()


def test_the_frame_fits_a_phone(browser: Browser, server: int) -> None:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    page.route(SCRIPTS, lambda route: route.abort())
    page.goto(f"http://127.0.0.1:{server}/app")
    expect(page.locator("#first-look .block").first).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    bar = page.locator("#first-look .bar").bounding_box()
    note = page.locator("#first-look .wait").bounding_box()
    assert bar is not None and note is not None
    assert note["x"] + note["width"] <= 390 and note["height"] <= bar["height"]
    page.context.close()


def test_an_address_that_asks_for_the_dark_theme_gets_all_of_it_dark(
    browser: Browser, server: int
) -> None:
    address = f"http://127.0.0.1:{server}/app?theme=dark"
    page = browser.new_context().new_page()
    page.route(SCRIPTS, lambda route: route.abort())
    page.goto(address)
    expect(page.locator("#first-look")).to_have_css("background-color", "rgb(18, 23, 29)")
    page.context.close()
    with visit(browser, server, address) as app:
        card = app.page.locator("[data-score=silhouette_score]")
        expect(card).to_have_css("background-color", "rgb(27, 33, 41)")
