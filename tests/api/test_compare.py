"""POST /compare: several algorithms side by side, and what is refused."""

from __future__ import annotations

import pytest

from api.compare_schema import read_compare_call
from api.spec import specification
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.evidence import compare
from mall_app.evidence.compare import DEFAULT_BOOTSTRAPS
from mall_app.settings import Settings

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
MALL = {
    "algorithms": ["kmeans", "hdbscan", "kprototypes"],
    "features": FEATURES,
    "scaling": "none",
    "n_bootstraps": 2,
}
SCHEMAS = specification()["components"]["schemas"]


def test_algorithms_side_by_side_are_those_of_the_core(client, mall: Table):
    answer = client.post("/compare", MALL).json()
    settings = Settings(features=tuple(FEATURES), scaling="none")
    expected = compare(mall, MALL["algorithms"], settings, n_bootstraps=2)
    assert [own["algorithm"] for own in answer["candidates"]] == MALL["algorithms"]
    for own, candidate in zip(answer["candidates"], expected.candidates.values(), strict=True):
        assert own["failure"] == candidate.failure
        if candidate.result is None:
            continue
        assert own["n_clusters"] == candidate.result.n_clusters
        assert own["n_noise"] == candidate.result.n_noise
        for name, score in candidate.result.metrics.items():
            assert own["scores"][name] == score.value
        assert own["stability"]["adjusted_rand"] == candidate.stability.adjusted_rand
        assert own["seconds"] > 0
    assert answer["agreement"] == expected.to_dict()["agreement"]
    assert answer["data_report"] is None


def test_what_an_algorithm_cannot_do_is_a_sentence(client):
    body = MALL | {"distance": "gower", "algorithms": ["kprototypes", "kmeans"]}
    able, last = client.post("/compare", body).json()["candidates"]
    assert able["failure"] is None
    assert last["failure"].startswith("distance 'gower' is not served by kmeans")
    names = ("n_clusters", "n_noise", "scores", "stability", "seconds")
    assert [last[name] for name in names] == [None] * 5


def test_left_out_it_is_every_algorithm_that_serves(client):
    rows = [{"a": a, "b": b} for a, b in ((1, 2), (2, 1), (3, 9), (8, 9), (9, 8), (7, 7))]
    body = {"records": rows, "n_clusters": 2, "n_bootstraps": 0}
    for distance in ("euclidean", "gower"):
        answer = client.post("/compare", body | {"distance": distance}).json()
        able = [key for key, own in algorithms().items() if distance in own.distances]
        assert [own["algorithm"] for own in answer["candidates"]] == able
        assert answer["data_report"]["rows_read"] == 6
        assert answer["settings"]["features"] == ["a", "b"]


@pytest.mark.parametrize("name", ["mall", "gower"])
def test_examples_are_answered(client, name):
    content = specification()["paths"]["/compare"]["post"]["requestBody"]["content"]
    example = content["application/json"]["examples"][name]["value"]
    answer = client.post("/compare", example)
    assert answer.status == 200
    assert [own["failure"] for own in answer.json()["candidates"]] == [None] * len(
        example["algorithms"]
    )


def test_what_is_about_one_result_is_not_used_and_named(client):
    unused = {"plot": True, "edits": [{"action": "merge", "segments": [0, 1]}], "numbering": [1, 0]}
    answer = client.post("/compare", MALL | unused)
    assert len(answer.json()["warnings"]) == 3
    for name in unused:
        assert any(own.startswith(f"{name} is not used") for own in answer.json()["warnings"])
    plain = client.post("/compare", MALL)
    assert plain.json()["candidates"] == answer.json()["candidates"]
    assert "desc=hit" in plain.headers["server-timing"]


@pytest.mark.parametrize(
    ("changes", "sentence", "place"),
    [
        ({"algorithms": []}, "algorithms must", "#/algorithms"),
        ({"algorithms": ["kmeans", "kmeans"]}, "algorithms must", "#/algorithms"),
        ({"algorithms": ["kmeens"]}, "'kmeens'", "#/algorithms/0"),
        ({"algorithms": "kmeans"}, "algorithms must", "#/algorithms"),
        ({"algorithm": "kmeans"}, "did you mean 'algorithms'?", "#/algorithm"),
        ({"params": {}}, "'params' is not known", "#/params"),
        ({"n_bootstraps": 101}, "n_bootstraps must be an integer from 0 to 100", "#/n_bootstraps"),
        ({"n_clusters": 1}, "n_clusters must be an integer from 2 to 1000", "#/n_clusters"),
        ({"features": ["Agee"]}, "did you mean 'Age'?", "#/features/0"),
        ({"weights": {"Agee": 2}}, "did you mean 'Age'?", "#/weights/Agee"),
        ({"dataset": "mall", "records": [{"a": 1}, {"a": 2}]}, "dataset and records", "#"),
    ],
)
def test_what_breaks_a_rule_is_named(client, assert_problem, changes, sentence, place):
    assert_problem(client.post("/compare", MALL | changes), 422, sentence, at=place)


def test_other_refusals(client, assert_problem):
    assert_problem(client.post("/compare", b"{"), 400)
    assert_problem(client.post("/compare", {"dataset": "malls"}), 404, "did you mean 'mall'?")
    assert_problem(client.get("/compare"), 405)
    assert_problem(client.post("/compare", MALL, accept="text/csv"), 406)
    assert_problem(client.post("/compare", MALL, content_type="text/csv"), 415)
    assert_problem(client.post("/compare", b" " * 5_000_000), 413)


def test_the_specification_is_that_of_the_core():
    body, clustering = SCHEMAS["CompareBody"]["properties"], SCHEMAS["ClusterBody"]["properties"]
    shared = set(clustering) - {"algorithm", "params"}
    assert set(body) == shared | {"algorithms", "n_bootstraps"}
    for name in shared:
        assert body[name] == {"$ref": f"#/components/schemas/ClusterBody/properties/{name}"}
    assert body["algorithms"]["maxItems"] == len(algorithms())
    default = body["n_bootstraps"]["default"]
    assert default == DEFAULT_BOOTSTRAPS == read_compare_call(b"{}").n_bootstraps
