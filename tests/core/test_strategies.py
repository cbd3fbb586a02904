"""A table too large for an algorithm is grouped by a sample or a summary, and says so."""

from typing import Any

import numpy as np
import pytest
from scipy.cluster.hierarchy import linkage as scipy_linkage
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms import algorithms
from mall_app.fit import fit, resolve
from mall_app.geometry.hierarchy import hierarchy
from mall_app.geometry.points import Points
from mall_app.keeping.replay import replay
from mall_app.kernels.weighted_linkage import weighted_linkage
from mall_app.model import model as model_module
from mall_app.progress import listening
from mall_app.settings import Settings
from mall_app.strategies import summarized
from mall_app.sweep import sweep
from tests.core.tables import blobs, settings_for, table_of

KEYS = list(algorithms())
STRATEGIES = ["sample", "summary"]


def many_blobs(n_rows: int = 600) -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    groups = generator.integers(3, size=n_rows)
    values = generator.normal(scale=0.3, size=(n_rows, 2)) + groups[:, None] * 6.0
    return table_of(a=values[:, 0], b=values[:, 1]), groups


def few_seen(monkeypatch: pytest.MonkeyPatch, number: int = 150) -> None:
    for own in algorithms().values():
        monkeypatch.setattr(own, "sample_rows", number)
    monkeypatch.setattr("mall_app.strategies.GROUPS", number)


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("key", KEYS)
def test_every_algorithm_groups_all_customers_by_some(
    key: str, strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_seen(monkeypatch)
    table, groups = many_blobs()
    result = fit(table, settings_for(key).changed(strategy=strategy))
    assert len(result.labels) == 600
    placed = result.labels >= 0
    assert placed.mean() > 0.9
    assert adjusted_rand_score(groups[placed], result.labels[placed]) > 0.98
    assert result.settings.strategy == strategy
    assert result.receipt["settings"]["strategy"] == strategy
    assert result.receipt["data"]["seen"] == 150
    wanted = "a sample of 150 of the 600" if strategy == "sample" else "150 small groups of the 600"
    assert any(wanted in own for own in result.warnings)
    again = replay(table, result.receipt, result.labels)
    assert again.same, again.reasons


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("key", ["hdbscan", "agglomerative", "gaussian_mixture", "kmedoids"])
def test_new_customers_go_where_their_likes_went(
    key: str, strategy: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    few_seen(monkeypatch)
    table, _ = many_blobs()
    settings = settings_for(key).changed(strategy=strategy)
    model = model_module.ClusteringModel(table.frame, **own_settings(settings))
    labels = model.result.labels
    placed = model.predict(table.frame)
    assert np.array_equal(placed.labels.to_numpy(dtype=int), labels)
    model.save(tmp_path / "kept")
    loaded = model_module.ClusteringModel.load(tmp_path / "kept")
    assert loaded.result.settings.strategy == strategy
    assert np.array_equal(loaded.predict(table.frame).labels.to_numpy(dtype=int), labels)


def own_settings(settings: Settings) -> dict[str, Any]:
    values = settings.to_dict()
    kept = ("algorithm", "n_clusters", "scaling", "params", "strategy", "distance")
    return {name: values[name] for name in kept if values[name] is not None}


def test_auto_is_full_where_the_algorithm_serves_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    table, _ = blobs()
    for key, own in algorithms().items():
        assert resolve(table, settings_for(key)).strategy == "full"
        monkeypatch.setattr(own, "row_limit", lambda self, metric="euclidean": 100)
        expected = "summary" if key == "agglomerative" else "sample"
        assert resolve(table, settings_for(key)).strategy == expected


def test_auto_draws_a_sample_of_what_takes_long_though_it_could_be_served() -> None:
    values = np.random.default_rng(0).normal(size=(30_001, 2)) * 100.0
    table = table_of(a=values[:, 0], b=values[:, 1])
    settings = Settings("dbscan", params={"eps": 0.001})
    assert resolve(table, settings).strategy == "sample"
    assert resolve(table, settings.changed(strategy="full")).strategy == "full"
    assert fit(table, settings.changed(strategy="full")).n_noise > 29_000


def test_the_sample_is_no_larger_than_the_algorithm_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algorithms()["kmedoids"], "largest_n", 40)
    result = fit(blobs()[0], settings_for("kmedoids"))
    assert result.settings.strategy == "sample"
    assert result.receipt["data"]["seen"] == 40


def test_a_fit_of_every_customer_says_nothing_of_a_strategy() -> None:
    result = fit(blobs()[0], settings_for("kmeans"))
    assert result.settings.strategy == "full" and "seen" not in result.receipt["data"]
    assert result.warnings == ()


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_small_table_is_its_own_sample_and_summary(strategy: str) -> None:
    table, _ = blobs()
    full = fit(table, settings_for("agglomerative"))
    result = fit(table, settings_for("agglomerative").changed(strategy=strategy))
    assert result.labels.tolist() == full.labels.tolist()
    assert result.receipt["data"]["seen"] == len(table)


def test_noise_stays_noise_when_all_customers_follow_a_sample(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few_seen(monkeypatch, 300)
    table, _ = many_blobs()
    frame = table.frame.copy()
    frame.loc[::60, "a"] = np.linspace(40, 400, 10)
    far = table_of(a=frame["a"], b=frame["b"])
    settings = Settings("dbscan", scaling="none", params={"eps": 1.0}, strategy="sample")
    result = fit(far, settings)
    assert result.n_clusters == 3
    assert (result.labels[::60] == -1).all()


def test_where_nearly_all_customers_are_equal_the_sample_has_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    few_seen(monkeypatch, 20)
    table = table_of(a=[0.0] * 397 + [5.0, 9.0, 30.0])
    result = fit(table, Settings("kmedoids", n_clusters=4, strategy="sample"))
    assert result.n_clusters == 4 and result.labels[-3:].tolist() == [1, 2, 3]


def test_a_sweep_works_on_the_sample_for_every_k(monkeypatch: pytest.MonkeyPatch) -> None:
    few_seen(monkeypatch)
    table, _ = many_blobs()
    swept = sweep(table, Settings("kmeans", strategy="sample"), range(1, 5))
    assert swept.scores["silhouette_score"].idxmax() == 3
    assert [own.receipt["data"].get("seen") for own in swept.results.values()] == [
        None,
        150,
        150,
        150,
    ]


@pytest.mark.parametrize("linkage", ["ward", "average", "complete", "single"])
def test_a_hierarchy_of_equal_weights_is_that_of_scipy(linkage: str) -> None:
    values = np.random.default_rng(1).normal(size=(80, 3))
    merges = weighted_linkage(Points(values), np.ones(80), linkage)
    np.testing.assert_allclose(merges, scipy_linkage(values, linkage), rtol=1e-9)


def test_weights_are_as_many_equal_rows() -> None:
    generator = np.random.default_rng(2)
    values, weights = generator.normal(size=(40, 2)), generator.integers(1, 6, size=40)
    merges = weighted_linkage(Points(values), weights.astype(float), "ward")
    repeated = scipy_linkage(np.repeat(values, weights, axis=0), "ward")
    np.testing.assert_allclose(merges[:, 2], repeated[-39:, 2], rtol=1e-9)


def test_a_summary_keeps_the_customers_and_their_mean() -> None:
    values = np.random.default_rng(3).exponential(size=(30_000, 2))
    found = summarized(values, 200, 0)
    assert len(found.centres) <= 200 and found.weights.sum() == 30_000
    np.testing.assert_allclose(found.weights @ found.centres / 30_000, values.mean(axis=0))
    assert np.bincount(found.groups).tolist() == found.weights.tolist()
    near = ((values - found.centres[found.groups]) ** 2).sum()
    assert near < 0.02 * ((values - values.mean(axis=0)) ** 2).sum()


@pytest.mark.parametrize("strategy", ["full", *STRATEGIES])
def test_a_fit_says_how_far_it_is(strategy: str) -> None:
    heard: list[tuple[int, int, str]] = []
    with listening(lambda *told: heard.append(told)):
        fit(blobs()[0], settings_for("kmeans").changed(strategy=strategy))
    words = [what for _, _, what in heard]
    assert words[-2:] == ["Profiles of the segments", "Scores of the segments"]
    assert all(done <= total or total == 0 for done, total, _ in heard)
    assert (len(words) > 2) == (strategy != "full")


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_the_hierarchy_of_what_was_seen_is_cut_where_the_segments_are(
    strategy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few_seen(monkeypatch)
    table, _ = many_blobs()
    settings = resolve(table, settings_for("agglomerative").changed(strategy=strategy))
    found = hierarchy(table, settings, most_leaves=3)
    assert len(found.leaves) == 600 and found.sizes.sum() == 600
    assert adjusted_rand_score(found.leaves, fit(table, settings).labels) == 1.0


def test_evidence_is_of_the_segments_of_the_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algorithms()["kmedoids"], "largest_n", 150)
    table, _ = many_blobs()
    model = model_module.ClusteringModel(table.frame, algorithm="kmedoids", n_clusters=3)
    assert model.result.settings.strategy == "sample"
    assert model.evidence(range(2, 5), n_bootstraps=4).recommended_k == 3
