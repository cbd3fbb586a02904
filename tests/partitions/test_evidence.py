"""Evidence about a table that stays in its files."""

from __future__ import annotations

import pytest

from mall_app.data.opening import open_table
from mall_app.data.table import Table
from mall_app.evidence import compare, evidence
from mall_app.settings import Settings
from tests.core.tables import blobs

KS = range(2, 5)
FEW = {"n_bootstraps": 2, "n_references": 5}


@pytest.fixture(scope="module")
def held() -> Table:
    return blobs(2_000, spread=1.5)[0]


@pytest.fixture(scope="module")
def whole(held: Table, tmp_path_factory: pytest.TempPathFactory) -> Table:
    """The same customers in four partitions; all of them fit into the sample."""
    folder = tmp_path_factory.mktemp("whole")
    for number, start in enumerate(range(0, 2_000, 500)):
        held.frame.iloc[start : start + 500].to_parquet(folder / f"{number}.parquet")
    return open_table(folder, engine="dask")


@pytest.mark.usefixtures("cluster")
def test_it_comes_to_the_same_as_for_a_table_in_memory(held: Table, whole: Table) -> None:
    parts = evidence(whole, Settings(), KS, **FEW)
    here = evidence(held, Settings(), KS, **FEW)
    assert parts.recommended_k == here.recommended_k == 3
    for name in ("inertia", "davies_bouldin_score", "calinski_harabasz_score"):
        for k in {1, 2, 3} & set(here.indices[name].values):  # 4 of 3 groups has many answers
            expected = pytest.approx(here.indices[name].values[k], rel=1e-6)
            assert parts.indices[name].values[k] == expected, (name, k)
    assert parts.smallest[3] == here.smallest[3]
    silhouette = parts.indices["silhouette_score"]
    for k in (2, 3):
        error = silhouette.standard_errors.get(k, 0.0)
        off = abs(silhouette.values[k] - here.indices["silhouette_score"].values[k])
        assert off <= 4 * error + 1e-9
    assert parts.settings.engine == "dask" and here.settings.engine == "local"


@pytest.mark.usefixtures("cluster")
def test_it_says_which_figures_are_of_all_customers(whole: Table) -> None:
    told = evidence(whole, Settings(), [3], n_bootstraps=0, n_references=5).warnings[0]
    assert told.startswith("Sizes, Davies-Bouldin, Calinski-Harabasz and inertia are of all 2,000")
    assert "at most 1,000 of the 2,000 that are held" in told


@pytest.mark.usefixtures("cluster")
def test_ways_to_cluster_are_compared_over_all_customers(whole: Table) -> None:
    found = compare(whole, ["kmeans", "agglomerative"], Settings(n_clusters=3), n_bootstraps=0)
    for own in found.candidates.values():
        assert own.result is not None and own.result.population is not None
        assert sum(each.size for each in own.result.profiles) == 2_000


def test_a_table_in_memory_needs_no_cluster(held: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALL_DASK_SCHEDULER", "tcp://127.0.0.1:1")
    found = evidence(held, Settings(engine="dask"), [3], n_bootstraps=0, n_references=5)
    assert found.settings.engine == "local"
