"""Distance, weights, numbers and edits that break a rule: the sentence and the place."""

from __future__ import annotations

import numpy as np
import pytest
from fast_hdbscan import HDBSCAN

from api.spec import body_schema
from mall_app.algorithms import algorithms


@pytest.fixture(autouse=True, scope="module")
def compiled():
    """Fill the library's cache on disk: a first compilation can outlast the deadline of a fit."""
    HDBSCAN(min_cluster_size=5).fit(np.random.default_rng(0).normal(size=(60, 2)))


@pytest.mark.parametrize("path", ["/cluster", "/models"])
@pytest.mark.parametrize(
    ("body", "sentence", "place"),
    [
        (
            {"distance": "far"},
            "distance must be one of 'euclidean', 'gower', not 'far'.",
            "/distance",
        ),
        (
            {"weights": []},
            "weights must be an object with 0 to 1000 keys, not an empty list.",
            "/weights",
        ),
        (
            {"weights": {"Age": 0}},
            "weights.Age must be a number above 0 and at most 1000, not 0.",
            "/weights/Age",
        ),
        ({"weights": {"Height": 2}}, "weights names 'Height', which is not", "/weights/Height"),
        (
            {"numbering": 3},
            "numbering must be a list of 0 to 1000 entries or null, not 3.",
            "/numbering",
        ),
        (
            {"numbering": [-1]},
            "numbering[0] must be an integer from 0 to 9999, not -1.",
            "/numbering/0",
        ),
        ({"numbering": [1, 1]}, "numbering must not name anything twice.", "/numbering"),
        ({"edits": {}}, "edits must be a list of 0 to 100 entries, not an empty object.", "/edits"),
        ({"edits": [3]}, "edits[0] must be a mapping with an action, not 3.", "/edits/0"),
        (
            {"edits": [{"action": "merge", "segments": [0, 1]}, {"action": "join"}]},
            "edits[1].action 'join' is not known",
            "/edits/1/action",
        ),
        (
            {"edits": [{"action": "split", "segment": 0, "into": 11}]},
            "edits[0].into must be an integer from 2 to 10, not 11.",
            "/edits/0/into",
        ),
        (
            {"edits": [{"action": "rename", "segment": 0}]},
            "needs 'name', 'note' or both",
            "/edits/0/name",
        ),
        (
            {"edits": [{"action": "rename", "segment": 0, "name": "x" * 81}]},
            "edits[0].name must have at most 80 characters, not 81.",
            "/edits/0/name",
        ),
        (
            {"algorithm": "affinity_propagation", "params": {"damping": 1}},
            "params.damping must be a number from 0.5 and below 1, not 1.",
            "/params/damping",
        ),
        (
            {"algorithm": "optics", "params": {"xi": 0}},
            "params.xi must be a number above 0 and below 1, not 0.",
            "/params/xi",
        ),
    ],
)
def test_a_setting_that_breaks_a_rule_is_named(client, assert_problem, path, body, sentence, place):
    assert_problem(client.post(path, body), 422, sentence, at=f"#{place}")


@pytest.mark.parametrize("key", algorithms())
@pytest.mark.parametrize("value", [None, "text", -1e12, 1e12, 0, 1, [], {}, True])
def test_any_value_of_any_parameter_is_taken_or_refused_in_words(client, key, value):
    for name in body_schema(key)["allOf"][1]["properties"]["params"]["properties"]:
        body = {"algorithm": key, "n_clusters": 2, "params": {name: value}}
        assert client.post("/cluster", body).status in (200, 422)


def test_a_wide_epsilon_of_hdbscan_joins_segments_or_says_why_not(client, assert_problem):
    body = {"algorithm": "hdbscan", "params": {"cluster_selection_epsilon": 1}}
    assert client.post("/cluster", body).json()["n_clusters"] == 1
    answer = client.post(
        "/cluster",
        body
        | {
            "distance": "gower",
            "params": {"cluster_selection_epsilon": 0.5, "min_cluster_size": 2},
            "features": ["Age", "Gender"],
        },
    )
    told = "cluster_selection_epsilon must be less than 0.5"
    assert_problem(answer, 422, told, at="#/params/cluster_selection_epsilon")
