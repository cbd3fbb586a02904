"""POST /evidence: how many segments there are, with reasons, and what is refused."""

from __future__ import annotations

import http.client
import json

import numpy as np
import pytest

from api.evidence_schema import read_evidence_call
from api.handlers import evidence as handler
from api.spec import specification
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.engine import Engine
from mall_app.evidence import evidence
from mall_app.evidence.question import BOOTSTRAP_BOUNDS, DEFAULT_BOOTSTRAPS
from mall_app.settings import N_CLUSTERS_BOUNDS, Settings
from tests.engine.waiting import until

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
MALL = {"features": FEATURES, "scaling": "none", "k_min": 4, "k_max": 6, "n_bootstraps": 5}
SCHEMAS = specification()["components"]["schemas"]


def test_the_mall_customers_are_five_segments(client, mall: Table):
    answer = client.post("/evidence", MALL).json()
    assert answer["recommended_k"] == 5
    assert answer["settings"]["n_clusters"] == 5
    expected = evidence(
        mall, Settings(features=tuple(FEATURES), scaling="none"), range(4, 7), n_bootstraps=5
    )
    own = {name: answer[name] for name in expected.to_dict()}
    assert own == json.loads(json.dumps(expected.to_dict()))
    assert answer["data_report"] is None


def test_noise_has_no_recommended_number(client):
    generator = np.random.default_rng(5)
    people = [{"a": a, "b": b} for a, b in generator.normal(size=(80, 2)).tolist()]
    answer = client.post("/evidence", {"records": people, "k_max": 4, "n_bootstraps": 0}).json()
    assert answer["recommended_k"] is None
    assert answer["settings"]["n_clusters"] is None
    assert "no clear structure" in answer["headline"]
    assert answer["structure"]["found"] is False
    assert answer["stability"] == {}
    assert answer["data_report"]["rows_read"] == 80


@pytest.mark.parametrize(
    "name",
    specification()["paths"]["/evidence"]["post"]["requestBody"]["content"]["application/json"][
        "examples"
    ],
)
def test_examples_are_answered(client, name):
    content = specification()["paths"]["/evidence"]["post"]["requestBody"]["content"]
    example = content["application/json"]["examples"][name]["value"]
    assert client.post("/evidence", example).status == 200


def test_what_is_about_one_number_is_not_used_and_named(client):
    unused = {"n_clusters": 3, "plot": True, "edits": [{"action": "merge", "segments": [0, 1]}]}
    answer = client.post("/evidence", MALL | unused).json()
    for name in unused:
        assert any(warning.startswith(f"{name} is not used") for warning in answer["warnings"])
    plain = client.post("/evidence", MALL)
    assert plain.json() == answer | {"warnings": plain.json()["warnings"]}
    assert "desc=hit" in plain.headers["server-timing"]


@pytest.mark.parametrize(
    ("changes", "sentence", "place"),
    [
        ({"k_min": 5, "k_max": 4}, "k_max must be at least k_min, which is 5, not 4.", "#/k_max"),
        ({"k_min": 1}, "k_min must be an integer from 2 to 1000, not 1.", "#/k_min"),
        ({"k_max": "9"}, "k_max must be an integer from 2 to 1000, not '9'.", "#/k_max"),
        ({"k_min": 2.5}, "k_min must be an integer from 2 to 1000, not 2.5.", "#/k_min"),
        ({"k_min": 2, "k_max": 52}, "k_max must be at most 51, so that", "#/k_max"),
        (
            {"k_min": 190, "k_max": 201},
            "k_max must be at most 196, the number of customers that differ",
            "#/k_max",
        ),
        (
            {"k_max": 13, "n_bootstraps": 201},
            "n_bootstraps must be at most 200 with 10 numbers of segments to look at, so that the "
            "customers are clustered at most 2000 times, not 201.",
            "#/n_bootstraps",
        ),
        ({"n_bootstraps": -1}, "n_bootstraps must be an integer from 0 to 1000", "#/n_bootstraps"),
        ({"minimum_size": 0}, "minimum_size must be a number above 0", "#/minimum_size"),
        ({"minimum_size": 2.5}, "minimum_size must be a whole number", "#/minimum_size"),
        ({"k_mx": 4}, "'k_mx' is not known: did you mean 'k_max'?", "#/k_mx"),
        ({"params": {"eps": 1}}, "'eps' is not known in params", "#/params/eps"),
        ({"dataset": "mall", "records": [{"a": 1}, {"a": 2}]}, "dataset and records", "#"),
        ({"features": ["Agee"]}, "did you mean 'Age'?", "#/features/0"),
    ],
)
def test_what_breaks_a_rule_is_named(client, assert_problem, changes, sentence, place):
    assert_problem(client.post("/evidence", MALL | changes), 422, sentence, at=place)


def test_the_default_is_refused_too_where_it_is_too_much_work(client, assert_problem):
    answer = client.post("/evidence", {"k_min": 2, "k_max": 41})
    assert_problem(answer, 422, "times, not 100, the default.", at="#/n_bootstraps")


@pytest.mark.parametrize("key", [n for n, a in algorithms().items() if not a.needs_n_clusters])
def test_a_method_that_finds_the_number_is_refused(client, assert_problem, key):
    answer = client.post("/evidence", {"algorithm": key})
    assert_problem(answer, 422, f"{key} finds the number of segments itself", at="#/algorithm")


def test_other_refusals(client, assert_problem):
    assert_problem(client.post("/evidence", b"{"), 400)
    assert_problem(client.post("/evidence", {"dataset": "malls"}), 404, "did you mean 'mall'?")
    assert_problem(client.get("/evidence"), 405)
    assert_problem(client.post("/evidence", MALL, accept="text/csv"), 406)
    assert_problem(client.post("/evidence", MALL, content_type="text/csv"), 415)
    assert_problem(client.post("/evidence", b" " * 5_000_000), 413)


def test_the_specification_is_that_of_the_core():
    body, clustering = SCHEMAS["EvidenceBody"]["properties"], SCHEMAS["ClusterBody"]["properties"]
    assert set(body) == {*clustering, "k_min", "k_max", "n_bootstraps", "minimum_size"}
    for name in clustering:
        assert body[name] == {"$ref": f"#/components/schemas/ClusterBody/properties/{name}"}
    for name in ("k_min", "k_max"):
        assert (body[name]["minimum"], body[name]["maximum"]) == N_CLUSTERS_BOUNDS
    own = body["n_bootstraps"]
    assert (own["minimum"], own["maximum"]) == BOOTSTRAP_BOUNDS
    assert own["default"] == DEFAULT_BOOTSTRAPS == read_evidence_call(b"{}").n_bootstraps
    offered = SCHEMAS["EvidenceRequest"]["allOf"][-1]["anyOf"]
    keys = [
        SCHEMAS[entry["$ref"].rpartition("/")[2]]["properties"]["algorithm"]["const"]
        for entry in offered
    ]
    assert keys == [name for name, algorithm in algorithms().items() if algorithm.needs_n_clusters]


@pytest.fixture
def one_worker(monkeypatch):
    engine = Engine(workers=1, queue=0, deadline=30)
    until(engine.ready)
    monkeypatch.setattr(handler, "shared_engine", lambda: engine)
    yield engine
    engine.close()


LONG = {"algorithm": "gaussian_mixture", "k_min": 2, "k_max": 21, "n_bootstraps": 100}


def test_the_deadline_is_that_of_ten_fits(client, assert_problem, one_worker):
    one_worker.deadline = 0.05
    assert_problem(client.post("/evidence", LONG), 504, "deadline of 0.5 seconds")


def test_a_client_that_goes_away_stops_the_work(client, one_worker):
    connection = http.client.HTTPConnection("127.0.0.1", client.port)
    body = json.dumps(LONG)
    connection.request("POST", "/evidence", body, {"content-type": "application/json"})
    until(lambda: one_worker._study_places.taken == 1)
    connection.close()
    until(lambda: one_worker._study_places.taken == 0)
