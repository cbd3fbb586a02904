"""The small addresses: catalogue, health, the page and its files, and headers common to all."""

from __future__ import annotations

import re
from importlib import resources

import pytest

from mall_app.algorithms import algorithms

PAGE = resources.files("api") / "docs"


def test_catalogue_is_the_declarations(client):
    listed = client.get("/algorithms").json()["algorithms"]
    assert listed == [own.describe() for own in algorithms().values()]
    for entry in listed:
        assert client.get(f"/algorithms/{entry['algorithm']}").json() == entry


def test_unknown_algorithm_is_offered_the_nearest(client, assert_problem):
    assert_problem(client.get("/algorithms/kmean"), 404, "did you mean 'kmeans'?")


def test_server_is_live(client):
    assert client.get("/health/live").json() == {"status": "live"}


def test_page_runs_only_what_this_server_sends(client):
    page = client.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)
    text = page.content.decode()
    assert '<meta charset="utf-8">' in text
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|style=", text)


def test_page_and_its_files_come_from_here_by_relative_links(client):
    text = client.get("/docs").content.decode()
    links = re.findall(r'(?:src|href)="([^"]+)"', text)
    own = [link for link in links if not link.startswith("data:")]
    assert len(own) >= 4
    for link in own:
        assert not link.startswith(("/", "http"))
        assert client.get(f"/{link}").status == 200


def test_vendored_files_name_no_map_and_keep_their_licence():
    for name in ("swagger-ui-bundle.js", "swagger-ui.css"):
        assert "sourceMappingURL" not in (PAGE / name).read_text("utf-8")
    assert "Apache License" in (PAGE / "LICENSE.swagger-ui").read_text("utf-8")
    assert "SmartBear" in (PAGE / "NOTICE.swagger-ui").read_text("utf-8")


@pytest.mark.parametrize("path", ["/algorithms", "/openapi.yaml", "/docs", "/health/live"])
def test_head_is_get_without_the_body(client, path):
    head, get = client.send("HEAD", path), client.get(path)
    assert head.status == get.status == 200
    assert head.headers["content-length"] == get.headers["content-length"]
    assert head.headers["content-type"] == get.headers["content-type"]


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/cluster", "POST, OPTIONS"),
        ("/cluster/kmeans", "POST, OPTIONS"),
        ("/algorithms", "GET, HEAD, OPTIONS"),
        ("/docs", "GET, HEAD, OPTIONS"),
    ],
)
def test_options_lists_the_methods(client, path, allowed):
    answer = client.send("OPTIONS", path)
    assert (answer.status, answer.headers["allow"], answer.content) == (204, allowed, b"")


def test_what_has_not_changed_is_not_sent_again(client):
    first = client.get("/openapi.json")
    again = client.get("/openapi.json", if_none_match=first.headers["etag"])
    assert (again.status, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_is_never_answered_from_what_was_before(client, path):
    first = client.get(path)
    assert "etag" not in first.headers
    for tag in ("*", '"anything"'):
        assert client.get(path, if_none_match=tag).status == first.status != 304


def test_page_that_has_not_changed_keeps_its_policy(client):
    tag = client.get("/docs").headers["etag"]
    again = client.get("/docs", if_none_match=tag)
    assert again.status == 304
    assert "default-src 'none'" in again.headers["content-security-policy"]


def test_no_other_origin_is_let_in(client):
    answer = client.post("/cluster", {}, origin="https://elsewhere.example")
    assert not [name for name in answer.headers if name.startswith("access-control")]
    preflight = client.send(
        "OPTIONS",
        "/cluster",
        None,
        {"origin": "https://elsewhere.example", "access-control-request-method": "POST"},
    )
    assert not [name for name in preflight.headers if name.startswith("access-control")]


@pytest.mark.parametrize("own", ["a", "req-1_2.3", "x" * 128])
def test_sound_request_id_is_echoed(client, own):
    assert client.get("/health/live", x_request_id=own).headers["x-request-id"] == own


@pytest.mark.parametrize("own", ["", "a b", "x" * 129, "<script>", "a;b"])
def test_unsound_request_id_is_replaced(client, own):
    given = client.get("/health/live", x_request_id=own).headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", given)
