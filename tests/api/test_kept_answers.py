"""An answer that is kept is the answer that would be written."""

from __future__ import annotations

import json

import pytest

from api.handlers import cluster
from api.kept_answers import KeptAnswers
from api.schema import read_cluster_call
from mall_app.cache import ResultCache
from mall_app.engine import shared_engine
from mall_app.fit import fit

PEOPLE = [{"Age": 20 + own, "City": "ABC"[own % 3]} for own in range(12)]
BODIES = {
    "built-in table": {"random_state": 77},
    "with picture and doubts": {"random_state": 77, "plot": True, "doubts": True},
    "rows": {"records": PEOPLE, "n_clusters": 2},
}
TYPES = ("application/json", "text/csv", "application/vnd.apache.arrow.stream", "image/png")


@pytest.fixture
def forgetful(monkeypatch):
    """Keep nothing, so that every answer is found anew."""

    def forget():
        monkeypatch.setattr(shared_engine(), "cache", ResultCache(0))

    return forget


@pytest.fixture
def emptied(monkeypatch):
    monkeypatch.setattr(shared_engine(), "cache", ResultCache(2**24))


@pytest.mark.parametrize("media_type", TYPES)
@pytest.mark.parametrize("name", BODIES)
def test_repeated_answer_is_the_one_that_was_found(client, forgetful, emptied, name, media_type):
    body = BODIES[name]
    new, again = (client.post("/cluster", body, accept=media_type) for _ in range(2))
    other_bytes = client.post("/cluster", json.dumps(body, indent=1).encode(), accept=media_type)
    forgetful()
    fresh = client.post("/cluster", body, accept=media_type)
    assert new.content == again.content == other_bytes.content == fresh.content
    for own in (again, other_bytes):
        assert own.headers["server-timing"].endswith("cache;desc=hit")
        assert own.headers["content-type"] == new.headers["content-type"]
    assert fresh.headers["server-timing"].endswith("cache;desc=miss")


def test_repeated_request_is_neither_read_nor_written(client, emptied, monkeypatch):
    body = {"random_state": 78}
    new = client.post("/cluster", body)

    def refuse(*_):
        raise AssertionError("It was read again.")

    monkeypatch.setattr(cluster, "read_cluster_call", refuse)
    again = client.post("/cluster", body, **{"X-Request-ID": "mine"})
    assert (again.status, again.content) == (200, new.content)
    assert again.headers["x-request-id"] == "mine" != new.headers["x-request-id"]


def test_what_a_request_asks_for_beside_the_fit_is_not_mixed_up(client, emptied):
    body = {"random_state": 79}
    answers = [client.post("/cluster", body | more).json() for more in ({}, {"doubts": True})]
    assert [own["doubts"] is None for own in answers] == [True, False]
    own = client.post("/cluster/dbscan", {"n_clusters": 4}).json()["warnings"]
    other = client.post("/cluster/dbscan", {}).json()["warnings"]
    assert [any("not used" in text for text in told) for told in (own, other)] == [True, False]
    names = [client.post(f"/cluster/{key}", {}).json()["model_name"] for key in ("genie", "birch")]
    assert names == ["genie", "birch"]


def test_errors_are_not_kept(client, emptied):
    for body in ({"n_clusters": 201}, {"n_clusters": 0}, b"{"):
        assert client.post("/cluster", body).status in (400, 422)
        assert client.post("/cluster", body).status in (400, 422)
    assert len(shared_engine().cache) == 0


def test_many_ways_to_ask_for_one_answer_stay_within_the_bound():
    cache = ResultCache(100_000)
    call = read_cluster_call(b"{}", None)
    result = fit(call.table, call.settings)
    for number in range(1_000):
        KeptAnswers(cache, "application/json", None, b"{}" + b" " * number).keep(
            call, result, b"answer"
        )
    assert len(cache) < 100
    assert KeptAnswers(cache, "application/json", None, b"{}").repeated() is None
    last = KeptAnswers(cache, "application/json", None, b"{}" + b" " * 999)
    assert last.repeated() == b"answer"
