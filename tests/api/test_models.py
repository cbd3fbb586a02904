"""/models: kept, listed, used on new customers, and thrown away."""

from __future__ import annotations

import base64
import errno
import socket
import time
from pathlib import Path

import pytest

from api.handlers import models
from api.spec import specification
from mall_app import ClusteringModel
from mall_app.algorithms import algorithms
from mall_app.engine import shared_engine
from mall_app.keeping import container
from mall_app.keeping.store import model_store

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
NEW = [{FEATURES[0]: 20, FEATURES[1]: 80}, {FEATURES[0]: 95, FEATURES[1]: 15}]
NOBODY = "0" * 24


@pytest.fixture
def kept(client):
    """A model of the Mall table, thrown away afterwards."""
    answer = client.post("/models", MALL | {"name": "Spring"}).json()
    yield answer
    client.send("DELETE", f"/models/{answer['id']}")


def clustering(answer):
    return {name: answer[name] for name in CLUSTERING if name != "metrics"}


CLUSTERING = specification()["components"]["schemas"]["Clustering"]["properties"]


def test_a_model_is_answered_like_a_clustering_with_its_address(client):
    answer = client.post("/models", MALL | {"name": "Spring"})
    assert answer.status == 201
    made = answer.json()
    assert answer.headers["location"] == f"/models/{made['id']}"
    assert (made["name"], made["n_rows"]) == ("Spring", 200)
    assert clustering(made) == clustering(client.post("/cluster", MALL).json())
    assert client.get(answer.headers["location"]).json() == made


def test_the_answer_has_all_a_clustering_has():
    model = specification()["components"]["schemas"]["KeptModel"]
    own = {"id", "name", "saved", "n_rows", "n_bytes"}
    assert set(model["properties"]) == set(CLUSTERING) | own == set(model["required"])


def test_an_empty_object_takes_every_default(client):
    answer = client.post("/models", {})
    assert (answer.status, answer.json()["name"], answer.json()["n_clusters"]) == (201, None, 5)
    client.send("DELETE", answer.headers["location"])


def test_the_picture_is_drawn_and_not_kept(client):
    made = client.post("/models", MALL | {"plot": True}).json()
    assert base64.b64decode(made["plot_image"]).startswith(b"\x89PNG")
    assert client.get(f"/models/{made['id']}").json() == made | {"plot_image": None}


@pytest.mark.parametrize("key", algorithms())
def test_every_algorithm_is_kept_and_gives_its_own_customers_their_labels(client, key):
    made = client.post("/models", {"algorithm": key}).json()
    found = client.post(f"/models/{made['id']}/predict", {"dataset": "mall"}).json()
    assert found["labels"] == made["labels"]
    assert (found["id"], found["training_difference"]) == (made["id"], 0)
    assert found["segments"] == [
        {"segment": own["segment"], "name": own["name"]} for own in made["segments"]
    ]
    assert client.send("DELETE", f"/models/{made['id']}").status == 204


def test_python_and_rest_predict_the_same(client, kept, customers):
    model = ClusteringModel(customers, **MALL)
    body = {"records": customers.head(20).assign(Age=None).to_dict("records")}
    found = client.post(f"/models/{kept['id']}/predict", body).json()
    del found["id"]
    assert found == model.predict(customers.head(20)).to_dict()


def test_rows_of_ones_own_are_kept_with_what_reading_did(client):
    made = client.post("/models", ROWS)
    again = client.get(made.headers["location"]).json()
    assert again == made.json()
    assert again["labels"][2] is None
    assert again["data_report"]["columns"][1]["missing"] == 1
    body = {"records": [{"Age": "23", "Visits": "15", "Shoe": 42}, {"Age": 60, "Visits": None}]}
    found = client.post(made.headers["location"] + "/predict", body).json()
    assert found["labels"] == [again["labels"][0], None]
    assert found["confidence"][1] is None
    assert len(found["warnings"]) == 4


def test_edits_and_numbers_are_kept(client):
    edits = [
        {"action": "split", "segment": 9, "into": 2},
        {"action": "rename", "segment": 7, "name": "Regulars", "note": "Call first."},
    ]
    body = MALL | {"n_clusters": 3, "numbering": [9, 8, 7], "edits": edits}
    made = client.post("/models", body)
    assert made.status == 201
    answer = made.json()
    assert clustering(answer) == clustering(client.post("/cluster", body).json())
    assert client.get(made.headers["location"]).json() == answer
    found = client.post(made.headers["location"] + "/predict", {"dataset": "mall"}).json()
    assert found["labels"] == answer["labels"]
    assert {"segment": 7, "name": "Regulars"} in found["segments"]


def test_the_list_has_the_newest_first_and_tells_of_damage(client, kept):
    newer = client.post("/models", ROWS | {"name": "Newer"}).json()
    broken = client.post("/models", {}).json()
    model_store().path(broken["id"]).write_bytes(b"nothing")
    listed = client.get("/models").json()["models"]
    ids = [own["id"] for own in listed]
    assert ids[0] == newer["id"]
    assert ids.index(newer["id"]) < ids.index(kept["id"])
    last = listed[-1]
    assert (last["id"], last["name"], last["saved"]) == (broken["id"], None, None)
    assert "is not the file of a model" in last["fault"]
    assert {own["fault"] for own in listed[:-1]} == {None}
    assert client.send("DELETE", f"/models/{broken['id']}").status == 204


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/models/{id}", None),
        ("DELETE", "/models/{id}", None),
        ("POST", "/models/{id}/predict", b'{"dataset": "mall"}'),
        ("POST", "/models/{id}/predict", b"nonsense"),
    ],
)
@pytest.mark.parametrize("own", [NOBODY, "abc", "..%2f..%2fetc%2fpasswd", "%00"])
def test_what_is_not_there_is_not_found(client, assert_problem, method, path, body, own):
    headers = {"content-type": "application/json"}
    answer = client.send(method, path.replace("{id}", own), body, headers)
    assert_problem(answer, 404, "There is no model ")


def test_a_model_that_was_deleted_is_gone_at_once(client, kept, assert_problem):
    path = f"/models/{kept['id']}"
    assert client.post(f"{path}/predict", {"records": NEW}).status == 200
    answer = client.send("DELETE", path)
    assert (answer.status, answer.content) == (204, b"")
    assert_problem(client.get(path), 404, kept["id"])
    assert_problem(client.post(f"{path}/predict", {"records": NEW}), 404, kept["id"])
    assert_problem(client.send("DELETE", path), 404, kept["id"])


@pytest.mark.parametrize(
    ("body", "sentence", "pointer"),
    [
        ({}, "The body must have records or dataset.", "#"),
        ([], "The body must be an object, not an empty list.", "#"),
        (
            {"records": []},
            "records must be a list of at least 1 entry, not an empty list.",
            "#/records",
        ),
        (
            {"records": [{"Age": 3}, {"Age": 4}]},
            "Columns 'Annual Income (k$)', 'Spending Score (1-100)' are needed, as the model was "
            "made with them, and are not among those of the new customers, which are 'Age'.",
            "#/records",
        ),
        ({"records": [{}]}, "records[0] must be an object with 1 to 1000 keys", "#/records/0"),
        ({"records": NEW, "dataset": "mall"}, "must not be given together", "#"),
        ({"record": NEW}, "did you mean 'records'?", "#/record"),
        (
            {"records": [{FEATURES[0]: 3}]},
            "Column 'Spending Score (1-100)' is needed, as the model was made with it, and is not "
            "among those of the new customers, which are 'Annual Income (k$)'.",
            "#/records",
        ),
        (
            {"records": [{FEATURES[0]: 3, "Spending score": 4}]},
            "among those of the new customers: did you mean 'Spending score'?",
            "#/records",
        ),
        (
            {"records": [*NEW, {FEATURES[0]: "much", FEATURES[1]: 3}]},
            "but row 2 (the first is 0) holds 'much'.",
            "#/records/2/Annual Income (k$)",
        ),
        (
            {"records": [{FEATURES[0]: True, FEATURES[1]: 3}]},
            "must hold numbers, as the model was made with, but row 0 (the first is 0) holds true.",
            "#/records/0/Annual Income (k$)",
        ),
    ],
)
def test_customers_that_cannot_be_placed_are_refused(
    client, kept, assert_problem, body, sentence, pointer
):
    answer = client.post(f"/models/{kept['id']}/predict", body)
    assert_problem(answer, 422, sentence, at=pointer)


def test_other_faults_of_a_request_to_predict(client, kept, assert_problem):
    path = f"/models/{kept['id']}/predict"
    told = "dataset must be one of 'mall', not 'male'."  # 404 is for the model
    assert_problem(client.post(path, {"dataset": "male"}), 422, told, at="#/dataset")
    assert_problem(client.post(path, b"{"), 400, "The body is not JSON")
    assert_problem(client.send("POST", path, b"{}", {"content-type": "text/csv"}), 415)
    assert_problem(client.post(path, {}, accept="text/csv"), 406)
    assert_problem(client.get(path), 405)
    assert_problem(client.post(path, b" " * 4_000_001), 413)


def test_a_table_made_without_what_the_mall_has_refuses_it(client, assert_problem):
    made = client.post("/models", ROWS)
    answer = client.post(made.headers["location"] + "/predict", {"dataset": "mall"})
    assert_problem(answer, 422, "Column 'Visits' is needed", at="#/dataset")


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"name": ""}, "name must be text of 1 to 80 characters"),
        ({"name": "x" * 81}, "name must be text of 1 to 80 characters"),
        ({"name": None}, "name must be text of 1 to 80 characters"),
        ({"nam": "x"}, "did you mean 'name'?"),
        ({"n_clusters": 1}, "n_clusters must be an integer from 2 to 1000, not 1."),
        ({"records": PEOPLE, "n_clusters": 50}, "n_clusters must be at most "),
        (
            MALL | {"edits": [{"action": "merge", "segments": [0, 77]}]},
            "There is no segment 77 to merge; there are ",
        ),
    ],
)
def test_what_cannot_be_fitted_is_not_kept(client, assert_problem, body, sentence):
    before = len(client.get("/models").json()["models"])
    assert_problem(client.post("/models", body), 422, sentence)
    assert len(client.get("/models").json()["models"]) == before


def test_without_room_nothing_is_kept(client, assert_problem, monkeypatch):
    count = len(client.get("/models").json()["models"])
    monkeypatch.setenv("MALL_MODELS_MAX", str(max(1, count)))
    if not count:
        client.post("/models", {})
    assert_problem(client.post("/models", {}), 507, "delete one first.")


def test_a_full_disk_is_told_and_nothing_is_left(client, assert_problem, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    folder = Path(model_store().folder)
    before = set(folder.iterdir())
    monkeypatch.setattr(container.os, "fsync", full)
    assert_problem(client.post("/models", {}), 507, "The disk that models are kept on is full")
    assert set(folder.iterdir()) - before <= {folder / ".lock"}


def test_a_damaged_model_is_told_and_can_be_deleted(client, kept, assert_problem):
    path = f"/models/{kept['id']}"
    file = model_store().path(kept["id"])
    file.write_bytes(file.read_bytes()[:-700])
    assert_problem(client.get(path), 500, f"Model {kept['id']} cannot be read")
    assert_problem(client.post(f"{path}/predict", {"records": NEW}), 500, "cannot be read")
    assert client.send("DELETE", path).status == 204


def test_work_is_done_by_workers(client, kept, monkeypatch):
    seen = []
    engine = shared_engine()
    call = engine.call
    monkeypatch.setattr(
        engine,
        "call",
        lambda function, *args, **how: seen.append(function) or call(function, *args, **how),
    )
    client.get(f"/models/{kept['id']}")
    client.post(f"/models/{kept['id']}/predict", {"records": NEW})
    assert seen == [models.describe_kept, models.predict_kept]


def test_a_model_whose_client_goes_away_is_not_kept(client, monkeypatch):
    """The connection closes while the file is written; the file goes away too."""
    store = model_store()
    before = {own.id for own in store.entries()}
    save = models.save_model

    def slowly(*args, **how):
        time.sleep(0.8)
        save(*args, **how)

    monkeypatch.setattr(models, "save_model", slowly)
    with socket.create_connection(("127.0.0.1", client.port)) as connection:
        connection.sendall(
            b"POST /models HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            b"Content-Length: 2\r\n\r\n{}"
        )
        time.sleep(0.4)
    time.sleep(1.2)
    assert {own.id for own in store.entries()} == before
