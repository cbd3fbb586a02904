"""A table in partitions is grouped, scored and described as the same table held in memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import adjusted_rand_score

from mall_app.assigners import NearestCentre
from mall_app.data.partitioned import PART_ROWS, Part
from mall_app.data.table import Table
from mall_app.errors import DataError, SettingsError
from mall_app.features import build_features
from mall_app.fit import fit, resolve
from mall_app.metrics import silhouette_score
from mall_app.partitions import portion
from mall_app.partitions.client import connected
from mall_app.partitions.loading import MANY_PARTITIONS, load, together
from mall_app.plots.membership import membership_of
from mall_app.progress import listening
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from tests.partitions.conftest import opened, write_parts

pytestmark = pytest.mark.usefixtures("cluster")
FEATURES = ("Age", "Income", "Score")
EXACT = ("inertia", "davies_bouldin_score", "calinski_harabasz_score")
Pair = tuple[ClusteringResult, ClusteringResult]


def both(whole: Table, local: Table, **choices: Any) -> Pair:
    """The same fit on partitions and in memory."""
    settings = Settings(**{"features": FEATURES, **choices})
    return fit(whole, settings), fit(local, settings)


def centres_of(result: ClusteringResult) -> np.ndarray:
    assert isinstance(result.assigner, NearestCentre)
    return result.assigner.centres[np.argsort(result.assigner.labels)]


def held_rows(whole: Table, local: Table) -> np.ndarray:
    """Where the rows of the sample stand in the table; Income tells every row apart."""
    places = pd.Index(local.frame["Income"])
    return places.get_indexer(whole.frame["Income"])


@pytest.fixture(scope="module")
def to_the_end(whole: Table, local: Table) -> Pair:
    """k-means whose centres come to rest, as passes may end anywhere within a tolerance."""
    return both(whole, local, params={"tol": 0.0})


def test_k_means_finds_the_same_centres_and_scores(to_the_end: Pair) -> None:
    parted, held = to_the_end
    np.testing.assert_allclose(centres_of(parted), centres_of(held), rtol=1e-5)
    for name in EXACT:
        own = parted.metrics[name]
        assert own.value == pytest.approx(held.metrics[name].value, rel=1e-6)
        assert own.method == "exact"
    assert dict(parted.contributions) == pytest.approx(dict(held.contributions), rel=1e-6)


def test_the_same_customers_are_in_the_same_segments(
    to_the_end: Pair, whole: Table, local: Table
) -> None:
    parted, held = to_the_end
    assert [own.size for own in parted.profiles] == [own.size for own in held.profiles]
    np.testing.assert_array_equal(parted.labels, held.labels[held_rows(whole, local)])
    assert [own.name for own in parted.profiles] == [own.name for own in held.profiles]
    assert [own.sentence for own in parted.profiles] == [own.sentence for own in held.profiles]


def test_segments_are_described_by_every_customer(to_the_end: Pair) -> None:
    parted, held = to_the_end
    for own, other in zip(parted.profiles, held.profiles, strict=True):
        assert (own.size, own.share) == (other.size, pytest.approx(other.share))
        for name, there in other.numeric.items():
            here = own.numeric[name]
            for exact in ("mean", "minimum", "maximum", "standardized_difference"):
                assert getattr(here, exact) == pytest.approx(getattr(there, exact), rel=1e-6)
            assert vars(here.effect) == pytest.approx(vars(there.effect), rel=1e-5)
            middle = there.upper_quartile - there.lower_quartile
            for about in ("median", "lower_quartile", "upper_quartile"):
                apart = abs(getattr(here, about) - getattr(there, about))
                assert apart <= 0.01 * middle
        assert own.contrasts == other.contrasts


def test_the_silhouette_is_estimated_with_its_error(to_the_end: Pair, local: Table) -> None:
    parted, held = to_the_end
    values = build_features(local, held.settings).values
    exact = silhouette_score(values, held.labels)
    found = parted.metrics["silhouette_score"]
    assert found.method == "sampled"
    assert found.standard_error < 0.01
    assert found.value == pytest.approx(exact, abs=4 * found.standard_error)
    assert np.isfinite(parted.silhouette).sum() == found.sample_size


def test_the_result_counts_the_whole_and_holds_a_sample(to_the_end: Pair, whole: Table) -> None:
    parted, held = to_the_end
    population = parted.population
    assert population is not None
    assert (population.n_rows, population.n_used, population.n_parts) == (12_000, 12_000, 6)
    assert (parted.n_used, parted.n_noise, len(parted.labels)) == (12_000, 0, 4_000)
    data = parted.receipt["data"]
    assert (data["rows"], data["rows_used"], data["rows_held"], data["parts"]) == (
        12_000,
        12_000,
        4_000,
        6,
    )
    assert parted.receipt["preprocessing"] == [
        pytest.approx(own | {"filling": pytest.approx(own["filling"], rel=0.01)})
        for own in held.receipt["preprocessing"]
    ]


def test_a_frame_in_memory_is_worked_on_by_the_cluster_too(local: Table) -> None:
    settings = Settings(features=FEATURES, params={"tol": 0.0})
    parted, held = fit(local, settings.changed(engine="dask")), fit(local, settings)
    np.testing.assert_array_equal(parted.labels, held.labels)
    assert parted.population is None
    assert parted.settings.engine == "dask"
    for name, own in held.metrics.items():
        assert parted.metrics[name].value == pytest.approx(own.value, rel=1e-6)


@pytest.mark.parametrize("scaling", ["none", "standard", "robust", "minmax"])
def test_scales_and_fillings_are_learned_from_all_customers(
    whole: Table, local: Table, cluster: str, scaling: str
) -> None:
    settings = Settings(
        features=("Age", "Visits", "Region"),
        scaling=scaling,
        missing="median",
        weights={"Age": 2.0},
    )
    with connected(cluster) as workers:
        encoding = load(workers, whole, resolve(whole, settings)).learned.encoding
    own = build_features(local, settings).encoding
    assert encoding.categories == own.categories
    for here, there in zip(encoding.numbers, own.numbers, strict=True):
        assert here.name == there.name
        for learned in ("filling", "offset", "divisor", "factor"):
            assert getattr(here, learned) == pytest.approx(getattr(there, learned), rel=1e-12)


@pytest.mark.parametrize(
    ("algorithm", "least"),
    [("minibatch_kmeans", 0.9), ("bisecting_kmeans", 0.9), ("gaussian_mixture", 0.97)],
)
def test_the_algorithms_that_see_every_partition(
    whole: Table, local: Table, algorithm: str, least: float
) -> None:
    parted, held = both(whole, local, algorithm=algorithm, scaling="standard")
    assert parted.settings.strategy == "full"
    there = held.labels[held_rows(whole, local)]
    assert adjusted_rand_score(parted.labels, there) > least
    assert parted.metrics["inertia"].value < 1.02 * held.metrics["inertia"].value
    assert sum(own.size for own in parted.profiles) == 12_000
    shares = membership_of(whole, parted)
    if algorithm == "gaussian_mixture":
        assert shares is not None
        assert (shares.share >= shares.second_share).all()


@pytest.mark.parametrize(("algorithm", "noise"), [("dbscan", True), ("birch", False)])
def test_other_algorithms_see_a_sample_and_every_customer_follows(
    whole: Table, algorithm: str, noise: bool
) -> None:
    result = fit(whole, Settings(algorithm=algorithm, features=FEATURES))
    assert result.settings.strategy == "sample"
    assert result.receipt["data"]["seen"] == 4_000
    assert "others were given them as new customers are" in " ".join(result.warnings)
    assert (result.n_noise > 0) == noise
    assert sum(own.size for own in result.profiles) + result.n_noise == 12_000


def test_what_an_algorithm_cannot_do_on_a_cluster_is_refused(whole: Table) -> None:
    with pytest.raises(SettingsError, match="strategy must be 'sample' or 'summary' for hdbscan"):
        fit(whole, Settings(algorithm="hdbscan", strategy="full"))
    with pytest.raises(SettingsError, match="n_clusters must be at most"):
        fit(whole, Settings(features=("Region",), n_clusters=8))


def test_segments_that_are_rare_and_far_are_found(tmp_path: Path) -> None:
    generator = np.random.default_rng(4)
    values = generator.normal(size=(60_000, 2))
    far = generator.choice(len(values), 8, replace=False)
    values[far[:4]] += 1_000
    values[far[4:]] -= 1_000
    frame = pd.DataFrame(values, columns=["a", "b"])
    found = fit(opened(write_parts(tmp_path, frame, 4)), Settings(n_clusters=3, scaling="none"))
    assert [own.size for own in found.profiles] == [len(values) - 8, 4, 4]
    assert found.warnings == ()


@pytest.mark.parametrize("algorithm", ["kmeans", "bisecting_kmeans"])
def test_passes_that_one_worker_makes_come_to_the_same_rest(
    algorithm: str, whole: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(algorithm, features=FEATURES, n_clusters=4)
    alone = fit(whole, settings)
    monkeypatch.setattr(portion, "_QUICK_PASS", 0)
    together = fit(whole, settings)
    assert alone.receipt == together.receipt
    assert dict(alone.metrics) == dict(together.metrics)


def test_fit_says_how_far_it_is(whole: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portion, "_QUICK_PASS", 0)
    heard: list[str] = []
    with listening(lambda done, total, what: heard.append(what)):
        fit(whole, Settings(features=FEATURES, params={"n_init": 1}))
    told = list(dict.fromkeys(heard))
    assert told[0] == "Reading the partitions"
    assert told[-2:] == ["Sizes of the segments", "Scores and profiles of the segments"]
    assert heard.count("Passes over all customers") > 1


def test_very_many_small_files_are_few_partitions_and_the_same_segments(
    frame: pd.DataFrame, local: Table, tmp_path: Path
) -> None:
    whole = opened(write_parts(tmp_path, frame, 3 * MANY_PARTITIONS))
    parted, held = both(whole, local, params={"tol": 0.0}, features=(*FEATURES, "Region"))
    assert parted.population is not None
    assert MANY_PARTITIONS <= parted.population.n_parts <= 1.5 * MANY_PARTITIONS
    np.testing.assert_allclose(centres_of(parted), centres_of(held), rtol=1e-5)
    for own, other in zip(parted.profiles, held.profiles, strict=True):
        assert (own.size, own.name, own.contrasts) == (other.size, other.name, other.contrasts)


def test_the_file_of_a_bad_value_is_named_among_many(frame: pd.DataFrame, tmp_path: Path) -> None:
    write_parts(tmp_path, frame, 2 * MANY_PARTITIONS)
    bad = sorted(tmp_path.iterdir())[77]
    pq.write_table(pa.Table.from_pandas(pd.read_parquet(bad).assign(Age=np.float32(np.inf))), bad)
    with pytest.raises(
        DataError, match=f"'Age' has infinite values in the partition in {bad.name}"
    ):
        fit(opened(tmp_path), Settings(features=FEATURES))


def test_parts_are_put_together_in_their_order_and_none_grows_large() -> None:
    parts = [Part(f"{number}", (0,), 1 + number % 7) for number in range(1_000)]
    each = together(parts)
    assert [part for own in each for part in own] == parts
    most = sum(part.n_rows for part in parts) // MANY_PARTITIONS
    assert all(sum(part.n_rows for part in own) <= most for own in each)
    large = [Part(f"{number}", (0,), PART_ROWS) for number in range(100)]
    assert together(large) == [(part,) for part in large]
    assert together(parts[:MANY_PARTITIONS]) == [(part,) for part in parts[:MANY_PARTITIONS]]
