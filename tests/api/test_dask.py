"""The Dask engine over REST: what is refused, and what happens when the cluster is not there."""

from __future__ import annotations

import pytest

from mall_app.errors import EngineUnavailable
from mall_app.partitions import client as cluster
from tests.core.tables import blobs


@pytest.mark.parametrize(
    "path", ["/cluster", "/cluster/kmeans", "/evidence", "/compare", "/models"]
)
def test_no_cluster_is_started_for_a_small_table(client, assert_problem, monkeypatch, path):
    def never():
        raise AssertionError("a cluster was started")

    monkeypatch.setattr(cluster, "scheduler_address", never)
    answer = client.post(path, {"engine": "dask"})
    told = "engine must be 'auto' or 'local' for fewer than 10,000 customers, and there are 200."
    assert_problem(answer, 422, told, at="#/engine")


def test_a_cluster_that_is_not_there_is_told_with_a_time_to_try_again(
    client, assert_problem, monkeypatch
):
    def gone():
        raise EngineUnavailable("There is no Dask scheduler at tcp://nowhere:8786: start one.")

    monkeypatch.setattr(cluster, "scheduler_address", gone)
    rows = blobs(10_000)[0].frame.round(3).to_dict("records")
    answer = client.post("/cluster", {"records": rows, "engine": "dask", "n_clusters": 3})
    assert_problem(answer, 503, "There is no Dask scheduler at tcp://nowhere:8786")
    assert int(answer.headers["retry-after"]) > 0


def test_a_table_is_kept_with_the_segment_of_each_customer(client):
    asked = {"n_clusters": 4, "features": ["Age"], "confidence": True}
    answer = client.post("/datasets/mall/labelled", asked)
    assert answer.status == 201
    written = answer.json()
    assert (written["n_rows"], written["segment"], written["confidence"]) == (
        200,
        "segment",
        "confidence",
    )
    location = answer.headers["location"]
    known = client.get(location).json()
    assert [own["name"] for own in known["columns"]][-2:] == ["segment", "confidence"]
    fitted = client.post("/cluster", {"n_clusters": 4, "features": ["Age"]}).json()
    again = {"dataset": written["id"], "features": ["segment"], "n_clusters": 4}
    found = client.post("/cluster", again).json()["segments"]
    assert [own["size"] for own in found] == [own["size"] for own in fitted["segments"]]
    assert written["receipt"]["labels_sha256"] == fitted["receipt"]["labels_sha256"]
    assert client.send("DELETE", location).status == 204


def test_what_cannot_be_labelled_is_refused(client, assert_problem):
    assert_problem(client.post("/datasets/nowhere/labelled", {}), 404, "There is no dataset")
    answer = client.post("/datasets/mall/labelled", {"records": []})
    assert_problem(answer, 422, "records", at="#/records")
