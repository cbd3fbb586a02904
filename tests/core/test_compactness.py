"""The sums behind Davies-Bouldin, Calinski-Harabasz and inertia, and the scores made of them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import pdist
from sklearn import metrics as sklearn_metrics

from mall_app import compactness
from mall_app.compactness import calinski_harabasz, davies_bouldin, scatter_of
from mall_app.kernels.scatter import cluster_means, scatter_sums
from mall_app.metrics import score


@pytest.fixture(params=["numpy", "kernels"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both ways of working it out, whatever the size."""
    monkeypatch.setattr(compactness, "SMALL_ROWS", 10**9 if request.param == "numpy" else 0)


def grouped(n_rows: int, n_columns: int, n_clusters: int, seed: int = 0):
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(n_rows) % n_clusters)
    return generator.normal(size=(n_rows, n_columns)) + labels[:, None] % 5, labels


@pytest.mark.usefixtures("way")
@settings(max_examples=40, deadline=None)
@given(
    st.integers(2, 50),
    st.integers(1, 60),
    st.integers(1, 60),
    st.sampled_from(["float64", "float32"]),
    st.integers(0, 10**6),
)
def test_scores_are_those_of_scikit_learn(n_clusters, more, n_columns, kind, seed) -> None:
    values, labels = grouped(n_clusters + more, n_columns, n_clusters, seed)
    values = values.astype(kind)
    labels[np.flatnonzero(labels == 1)[1:]] = 0  # one has a single member
    wide = values.astype(np.float64)
    means = np.stack([wide[labels == own].mean(axis=0) for own in range(n_clusters)])
    # Where two are nearer scikit-learn has few digits left: it subtracts squares of the centres.
    assume(pdist(means).min() > 1e-3)
    scores, _ = score(values, labels)
    assert scores["davies_bouldin_score"].value == pytest.approx(
        sklearn_metrics.davies_bouldin_score(wide, labels), rel=1e-6
    )
    assert scores["calinski_harabasz_score"].value == pytest.approx(
        sklearn_metrics.calinski_harabasz_score(wide, labels), rel=1e-9
    )
    assert scores["inertia"].value == pytest.approx(((wide - means[labels]) ** 2).sum(), rel=1e-9)


@pytest.mark.usefixtures("way")
def test_far_from_zero_no_digit_is_lost() -> None:
    generator = np.random.default_rng(4)
    near = generator.integers(0, 2**12, (4_000, 3)) / 2**7  # what is added stays exact
    labels = (near[:, 0] > 15).astype(np.int64)
    found = [score(near + offset, labels)[0] for offset in (0.0, 1e8)]
    for name in ("davies_bouldin_score", "calinski_harabasz_score", "inertia"):
        assert found[1][name].value == pytest.approx(found[0][name].value, rel=1e-9)


def test_sums_over_parts_of_a_table_add_up_to_those_over_all() -> None:
    values, labels = grouped(500, 3, 4)
    labels[::9] = -1
    centres, whole = scatter_of(values, labels, 4)
    parts = scatter_sums(values[:170], labels[:170], centres, 4) + scatter_sums(
        values[170:], labels[170:], centres, 4
    )
    assert parts.counts.tolist() == whole.counts.tolist()
    np.testing.assert_allclose(parts.distances, whole.distances, rtol=1e-12)
    np.testing.assert_allclose(parts.squares, whole.squares, rtol=1e-12)
    kept = labels >= 0
    assert davies_bouldin(parts, centres) == pytest.approx(
        sklearn_metrics.davies_bouldin_score(values[kept], labels[kept]), rel=1e-7
    )
    assert calinski_harabasz(parts, centres) == pytest.approx(
        sklearn_metrics.calinski_harabasz_score(values[kept], labels[kept])
    )


def test_threads_change_no_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    values, labels = grouped(200_000, 3, 5)
    found = set()
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        _, means = cluster_means(values, labels, 5)
        scatter = scatter_sums(values, labels, means, 5)
        found.add((means.tobytes(), scatter.distances.tobytes(), scatter.squares.tobytes()))
    assert len(found) == 1


def test_a_cluster_without_rows_has_no_mean() -> None:
    counts, means = cluster_means([[1.0], [3.0]], [0, 0], 2)
    assert counts.tolist() == [2, 0]
    assert means[0].tolist() == [2.0] and np.isnan(means[1]).all()


@pytest.mark.parametrize("labels", [[0, 0], [0, 1, 2]])
def test_labels_that_do_not_fit_are_refused_before_anything_is_written(labels: list[int]) -> None:
    rows = np.zeros((3, 1))
    with pytest.raises(ValueError, match="rows need as many labels|A label is 2"):
        scatter_sums(rows, labels, np.zeros((2, 1)), 2)
    with pytest.raises(ValueError, match="rows need as many labels|A label is 2"):
        cluster_means(rows, labels, 2)


@pytest.mark.parametrize("kind", ["float64", "float32"])
def test_no_copy_of_the_rows_is_made(kind: str) -> None:
    values, labels = grouped(100_000, 16, 5)
    values = values.astype(kind)
    scatter_of(values, labels, 5)
    tracemalloc.start()
    scatter_of(values, labels, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < values.nbytes / 10
