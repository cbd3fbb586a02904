"""Cards, edits and the round trip in a real browser."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from mall_app.model.model import ClusteringModel
from tests.app.browser import App, visit
from tests.app.server import ask

LINE = ".line"
LABELS = "(f, s) => [...s.data.segment]"


@pytest.fixture
def app(browser: Browser, server: int) -> Iterator[App]:
    """A visit that ends with nothing to complain of."""
    with visit(browser, server) as app:
        app.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
        yield app
        app.assert_nothing_outside_was_asked_for()
        assert app.complaints == []


def edit(app: App, segment: int, entry: str) -> None:
    """Choose from the menu of a card."""
    app.page.get_by_role("button", name=f"Change segment {segment}").click()
    app.page.get_by_role("menuitem", name=entry).click()


def copied(app: App, button: str) -> str:
    """Press a button that copies, and give what is on the clipboard."""
    app.page.get_by_role("button", name=button).click()
    expect(app.page.get_by_role("button", name="Copied")).to_be_visible()
    expect(app.page.get_by_role("button", name=button)).to_be_visible()  # it says so for a moment
    return str(app.page.evaluate("() => navigator.clipboard.readText()"))


def name_of(page: Page, segment: int) -> Any:
    return page.locator(f'.card[data-segment="{segment}"] h3')


def test_cards_are_used_by_mouse_and_keyboard_and_their_edits_undone(app: App) -> None:
    page = app.page
    button = page.get_by_role("button", name=re.compile(r"^\d+ doubtful$")).first
    count = int(button.inner_text().split()[0])
    button.click()
    app.wait_for_figure("(f, s, own) => s.selected.indices.length === own", "up", count)
    page.get_by_role("button", name="Change segment 2").click()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menuitem")).to_have_count(0)
    edit(app, 2, "Name and note")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.type("Never")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(name_of(page, 2)).not_to_have_text("Never")
    page.get_by_role("button", name="Change segment 0").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Name and note")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator(LINE)).to_contain_text("0 split into 0 and 5")
    edit(app, 1, "Name and note")
    page.keyboard.type("Savers & <b>co</b>")
    page.keyboard.press("Enter")
    expect(name_of(page, 1)).to_have_text("Savers & <b>co</b>")
    app.wait_for_figure("(f, s) => s.data.segment_name.includes('Savers & <b>co</b>')")
    edit(app, 1, "3 · ")
    expect(page.locator('.card[data-segment="3"]')).to_have_count(0)
    expect(page.locator(LINE)).to_contain_text("3 edits by hand")
    for left in ("2 edits by hand", "1 edit by hand"):
        page.get_by_role("button", name="Undo last edit").click()
        expect(page.locator(LINE)).to_contain_text(left)
    page.get_by_role("button", name="Undo last edit").click()
    expect(page.get_by_role("button", name="Undo last edit")).to_have_count(0)


def test_what_is_copied_gives_the_same_labels(app: App, server: int, browser: Browser) -> None:
    edit(app, 0, "Split in two")
    expect(app.page.locator(LINE)).to_contain_text("0 split into 0 and 5")
    edit(app, 2, "Name and note")
    app.page.keyboard.type("Savers")
    app.page.keyboard.press("Enter")
    expect(name_of(app.page, 2)).to_have_text("Savers")
    app.choose("Vertical axis", "Age")
    app.tab("Receipt and code")
    labels = app.figure(LABELS)
    names: dict[str, Any] = {}
    exec(copied(app, "Copy as Python"), names)
    model = names["model"]
    assert isinstance(model, ClusteringModel)
    assert model.result.labels.tolist() == labels
    words = shlex.split(copied(app, "Copy as curl"))
    assert words[2] == f"{app.origin}/cluster"
    status, answer = ask(server, "POST", "/cluster", json.loads(words[-1]))
    assert (status, answer["labels"]) == (200, labels)
    link = copied(app, "Copy link")
    with visit(browser, server, link) as other:
        expect(name_of(other.page, 2)).to_have_text("Savers")
        other.wait_for_figure(
            "(f, s, own) => String([...s.data.segment]) === own", "up", ",".join(map(str, labels))
        )
        other.wait_for_figure("f => f.left[0].axis_label === 'Age'")
        expect(other.page.locator(LINE)).not_to_contain_text("What changed")
        assert other.complaints == []


def test_a_link_that_leads_nowhere_says_so(browser: Browser, server: int) -> None:
    query = "%3Cimg%20src=x%20onerror=%22window.run=1%22%3E=1"
    with visit(browser, server, f"http://127.0.0.1:{server}/app?{query}") as app:
        alert = app.page.get_by_role("alert").filter(has_text="The link could not be opened.")
        expect(alert).to_contain_text("which is no setting")
        expect(app.score()).to_have_text("0.555")
        assert app.page.evaluate("() => window.run") is None
        app.slide("ArrowLeft")
        expect(app.score()).to_have_text("0.494")
