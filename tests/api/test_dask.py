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
