"""POST /cluster and POST /cluster/{algorithm}: what is answered to sound requests."""

from __future__ import annotations

import asyncio
import base64
import csv
import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from api import answers
from api.handlers import cluster
from mall_app.algorithms import algorithms
from mall_app.engine import shared_engine
from mall_app.keeping.replay import Replay, replay

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
MALL = {"n_clusters": 5, "features": FEATURES, "scaling": "none"}
PEOPLE = [
    {"Age": 21, "Visits": 14, "City": "Leeds"},
    {"Age": 24, "Visits": 17, "City": "Leeds"},
    {"Age": 22, "Visits": None, "City": "York"},
    {"Age": 61, "Visits": 2, "City": "York"},
    {"Age": 58, "Visits": 3},
    {"Age": 64, "Visits": 1, "City": "Leeds"},
]
ROWS = {"records": PEOPLE, "n_clusters": 2, "features": ["Age", "Visits"]}
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_mall_table_gives_the_agreed_scores(client):
    answer = client.post("/cluster", MALL).json()
    assert answer["model_name"] == "kmeans"
    assert (answer["n_clusters"], answer["n_noise"]) == (5, 0)
    assert answer["silhouette_score"] == pytest.approx(0.553932, abs=5e-7)
    assert answer["davies_bouldin_score"] == pytest.approx(0.572563, abs=5e-7)
    assert answer["calinski_harabasz_score"] == pytest.approx(247.358993, abs=5e-7)
    assert answer["metrics"]["inertia"]["value"] == pytest.approx(44448.46, abs=0.005)
    assert len(answer["labels"]) == 200
    assert [own["size"] for own in answer["segments"]] == [81, 39, 35, 23, 22]
    assert answer["plot_image"] is None
    assert answer["doubts"] is None
    assert answer["data_report"] is None


def test_empty_object_takes_every_default(client):
    settings = client.post("/cluster", {}).json()["receipt"]["settings"]
    assert settings["algorithm"] == "kmeans"
    assert (settings["n_clusters"], settings["scaling"], settings["random_state"]) == (
        5,
        "standard",
        0,
    )
    assert settings["params"]["n_init"] == 10


@pytest.mark.parametrize("key", algorithms())
def test_each_algorithm_has_an_endpoint_of_its_own(client, key):
    in_path = client.post(f"/cluster/{key}", {"random_state": 3}).json()
    in_body = client.post("/cluster", {"algorithm": key, "random_state": 3}).json()
    assert in_path == in_body
    assert in_path["model_name"] == key


@pytest.mark.parametrize("body", [MALL, ROWS], ids=["mall", "rows"])
def test_a_receipt_is_replayed_in_python(client, customers, body):
    answer = client.post("/cluster", body).json()
    frame = pd.DataFrame(body["records"]) if "records" in body else customers
    again = replay(frame, answer["receipt"], np.array(answer["labels"]))
    assert again == Replay(True, (), 0)


def test_algorithm_may_be_named_in_path_and_body_alike(client):
    assert client.post("/cluster/dbscan", {"algorithm": "dbscan"}).status == 200


def test_own_parameters_reach_the_algorithm(client):
    answer = client.post("/cluster/dbscan", {"params": {"eps": 0.4, "min_samples": 4}}).json()
    assert answer["receipt"]["settings"]["params"] == {"eps": 0.4, "min_samples": 4}


@pytest.mark.parametrize("key", ["dbscan", "hdbscan"])
def test_unused_n_clusters_is_named(client, key):
    answer = client.post(f"/cluster/{key}", {"n_clusters": 4}).json()
    assert any("n_clusters is not used" in warning for warning in answer["warnings"])
    silent = client.post(f"/cluster/{key}", {}).json()
    assert not any("n_clusters" in warning for warning in silent["warnings"])


def test_score_that_does_not_exist_is_null_with_its_reason(client):
    answer = client.post("/cluster/dbscan", {"params": {"eps": 1e-9}}).json()
    assert (answer["n_clusters"], answer["n_noise"]) == (0, 200)
    assert answer["silhouette_score"] is None
    assert answer["metrics"]["silhouette_score"]["reason"]


def test_whole_number_written_with_a_point_is_a_whole_number(client):
    plain = client.post("/cluster", MALL | {"params": {"n_init": 4}}).json()
    pointed = client.post("/cluster", MALL | {"n_clusters": 5.0, "params": {"n_init": 4.0}}).json()
    assert pointed == plain


def test_records_are_clustered_and_reported(client):
    answer = client.post("/cluster", ROWS).json()
    assert answer["labels"][2] is None  # its Visits is missing
    assert answer["labels"][0] == answer["labels"][1] != answer["labels"][3]
    report = answer["data_report"]
    assert (report["rows_read"], report["rows_kept"]) == (6, 6)
    assert {own["name"]: (own["role"], own["missing"]) for own in report["columns"]} == {
        "Age": ("numeric", 0),
        "Visits": ("numeric", 1),
        "City": ("categorical", 1),
    }


def test_missing_values_can_be_filled(client):
    assert None not in client.post("/cluster", ROWS | {"missing": "median"}).json()["labels"]


MIXED = "Mixes numbers and text, so it is read as text."


def reported(client, codes):
    people = [{"Age": 20 + 7 * place, "Code": code} for place, code in enumerate(codes)]
    answer = client.post("/cluster", {"records": people, "n_clusters": 2}).json()
    return answer["data_report"]["columns"][1]


@pytest.mark.parametrize(
    ("codes", "kinds"),
    [
        ([1, "1", "b", None, "b"], "numbers and text"),
        ([1, True, 2.5, None, 1], "numbers and true/false"),
        (["a", True, "a", None, "b"], "text and true/false"),
        (["a", True, 3, None, "a", 3], "numbers, text and true/false"),
    ],
)
def test_column_of_several_kinds_is_read_as_text_and_says_which(client, codes, kinds):
    column = reported(client, codes)
    assert column["note"] == f"Mixes {kinds}, so it is read as text."
    assert column["missing"] == 1


def test_only_null_is_missing_and_text_is_text(client):
    column = reported(client, ["", "?", "NA", "null", "nan", None, "", "?", "NA", "null", "nan"])
    assert (column["role"], column["missing"], column["note"]) == ("categorical", 1, "")
    column = reported(client, [1, 2, "NA", 2, 1])
    assert (column["note"], column["missing"]) == (MIXED, 0)


@pytest.mark.parametrize(("n_rows", "on_the_loop"), [(40, True), (20_000, False)])
def test_large_table_is_handled_beside_the_event_loop(client, monkeypatch, n_rows, on_the_loop):
    places = {}

    def seen(name, function):
        def noting(*args):
            try:
                asyncio.get_running_loop()
                places[name] = True
            except RuntimeError:
                places[name] = False
            return function(*args)

        return noting

    engine = shared_engine()
    monkeypatch.setattr(engine, "fit", seen("fit", engine.fit))
    monkeypatch.setattr(cluster, "read_cluster_call", seen("read", cluster.read_cluster_call))
    monkeypatch.setattr(answers, "as_json", seen("write", answers.as_json))
    people = [{"Age": 20 + number % 50, "Visits": number % 7} for number in range(n_rows)]
    answer = client.post("/cluster", {"records": people, "n_clusters": 2}).json()
    assert len(answer["labels"]) == n_rows
    assert places == dict.fromkeys(("read", "fit", "write"), on_the_loop)


def test_rows_are_hashed_where_they_are_read():
    body = json.dumps({"records": PEOPLE}).encode()
    assert "sha256" in vars(cluster.read_cluster_call(body, None).table)


def test_fault_far_down_a_long_table_is_placed(client, assert_problem):
    people: list[dict[str, object]] = [{"Age": number, "Visits": 1} for number in range(9000)]
    people[8765]["Age"] = [1]
    answer = client.post("/cluster", {"records": people})
    assert_problem(answer, 422, "records[8765]['Age']", at="#/records/8765/Age")


def test_picture_comes_in_json_and_by_itself(client):
    inside = base64.b64decode(client.post("/cluster", MALL | {"plot": True}).json()["plot_image"])
    alone = client.post("/cluster", MALL, accept="image/png")
    assert alone.media_type == "image/png"
    assert alone.content.startswith(PNG_SIGNATURE)
    assert inside == alone.content


def test_csv_has_the_rows_and_their_segments(client):
    answer = client.post("/cluster", ROWS, accept="text/csv")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.content.decode())))
    labels = client.post("/cluster", ROWS).json()["labels"]
    assert [line["segment"] for line in lines] == [
        "" if label is None else str(label) for label in labels
    ]
    assert [line["Age"] for line in lines] == ["21", "24", "22", "61", "58", "64"]


def test_csv_is_safe_to_open_in_a_spreadsheet(client):
    cells = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "plain"]
    people = [{"Balance": -number, "=Note": cell} for number, cell in enumerate(cells)]
    body = {"records": people, "n_clusters": 2, "features": ["Balance"]}
    text = client.post("/cluster", body, accept="text/csv").content.decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert [line["'=Note"] for line in lines] == [f"'{cell}" for cell in cells[:-1]] + ["plain"]
    assert [line["Balance"] for line in lines] == ["0", "-1", "-2", "-3", "-4", "-5", "-6"]


def test_arrow_has_the_rows_and_their_segments(client):
    answer = client.post("/cluster", ROWS, accept="application/vnd.apache.arrow.stream")
    table = pa.ipc.open_stream(answer.content).read_all()
    assert table.column("segment").to_pylist() == client.post("/cluster", ROWS).json()["labels"]
    assert table.column("City").to_pylist()[4] is None


@pytest.mark.parametrize(
    ("accept", "given"),
    [
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/html, */*;q=0.8", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.4", "text/csv"),
        ("application/json;q=0, text/csv", "text/csv"),
    ],
)
def test_the_client_chooses_the_media_type(client, accept, given):
    assert client.post("/cluster", MALL, accept=accept).media_type == given


def test_repeated_request_is_answered_from_memory(client):
    first = client.post("/cluster", MALL | {"random_state": 77})
    again = client.post("/cluster", MALL | {"random_state": 77})
    assert "desc=miss" in first.headers["server-timing"]
    assert "desc=hit" in again.headers["server-timing"]
    assert again.content == first.content


def test_answers_are_not_kept_by_caches(client):
    assert client.post("/cluster", MALL).headers["cache-control"] == "no-store"


def test_answer_is_strict_json(client):
    def refuse(name):
        raise AssertionError(name)

    json.loads(client.post("/cluster/dbscan", {}).content, parse_constant=refuse)


def test_how_sure_each_row_is_comes_when_asked_for(client):
    ages = [20, 21, 22, 38, 60, 61, None, 62]
    body = {"records": [{"Age": age} for age in ages], "n_clusters": 2, "doubts": True}
    answer = client.post("/cluster", body).json()
    doubts = answer["doubts"]
    assert [label is None for label in answer["labels"]] == [age is None for age in ages]
    for column in doubts.values():
        assert [value is None for value in column] == [age is None for age in ages]
    others = {0: 1, 1: 0, None: None}
    assert doubts["second"] == [others[label] for label in answer["labels"]]
    assert min(own for own in doubts["margin"] if own is not None) == doubts["margin"][3]
