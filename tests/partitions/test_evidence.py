"""Evidence about a table that stays in its files."""

from __future__ import annotations

import pytest

from mall_app.data.opening import open_table
from mall_app.data.table import Table
from mall_app.evidence import compare, evidence
from mall_app.evidence.question import ask
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import blobs


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
def test_every_number_is_scored_by_all_customers_and_what_is_not_is_told(
    held: Table, whole: Table
) -> None:
    found = evidence(whole, Settings(), range(2, 5), n_bootstraps=2, n_references=5)
    assert found.recommended_k == 3 and found.settings.engine == "dask"
    for k in (2, 3):
        here = fit(held, Settings(n_clusters=k))
        assert found.smallest[k] == min(own.size for own in here.profiles)
        for name in ("inertia", "davies_bouldin_score", "calinski_harabasz_score"):
            expected = pytest.approx(here.metrics[name].value, rel=1e-6)
            assert found.indices[name].values[k] == expected, (name, k)
        estimate = found.indices["silhouette_score"]
        off = abs((estimate.values[k] or 0.0) - (here.silhouette_score or 0.0))
        assert off <= 4 * estimate.standard_errors.get(k, 0.0) + 1e-9
    told = found.warnings[0]
    assert told.startswith("Sizes, Davies-Bouldin, Calinski-Harabasz and inertia are of all 2,000")
    assert "at most 1,000 of the 2,000 that are held" in told


@pytest.mark.usefixtures("cluster")
def test_ways_to_cluster_are_compared_over_all_customers(whole: Table) -> None:
    found = compare(whole, ["kmeans", "agglomerative"], Settings(n_clusters=3), n_bootstraps=0)
    for own in found.candidates.values():
        assert own.result is not None and own.result.population is not None
        assert sum(each.size for each in own.result.profiles) == 2_000


def test_a_table_in_memory_needs_no_cluster(held: Table) -> None:
    question, _ = ask(held, Settings(engine="dask"), [3])
    assert question.settings.engine == "local"
