"""The public silhouettes agree with scikit-learn and with the definition, on odd tables too."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn import metrics as sklearn_metrics

from mall_app import silhouette
from mall_app.errors import DataError
from mall_app.metrics import silhouette_samples, silhouette_score
from mall_app.progress import listening


@pytest.fixture(params=["numpy", "kernels"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of working it out, whatever the size."""
    monkeypatch.setattr(silhouette, "SMALL_ROWS", 10**9 if request.param == "numpy" else 0)
    return str(request.param)


def grouped(n_rows: int, n_columns: int, n_clusters: int, seed: int = 0):
    generator = np.random.default_rng(seed)
    labels = generator.permutation(np.arange(n_rows) % n_clusters)
    apart = generator.uniform(0, 3, (n_clusters, n_columns))
    return generator.normal(size=(n_rows, n_columns)) + apart[labels], labels


def by_definition(values: np.ndarray, labels: np.ndarray, metric: str = "euclidean") -> np.ndarray:
    """Rousseeuw's definition on the matrix of all distances; nan for noise."""
    kept = labels >= 0
    distances = cdist(values.astype(float), values.astype(float), metric)
    sizes = {own: int((labels == own).sum()) for own in np.unique(labels[kept])}
    found = np.full(len(labels), np.nan)
    for row in np.flatnonzero(kept):
        means = {own: math.fsum(distances[row, labels == own]) for own in sizes}
        within = means.pop(labels[row]) / max(sizes[labels[row]] - 1, 1)
        nearest = min(total / sizes[own] for own, total in means.items())
        larger = max(within, nearest)
        alone = sizes[labels[row]] == 1
        found[row] = 0.0 if alone or larger == 0 else (nearest - within) / larger
    return found


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("n_columns", [1, 2, 3, 4, 5, 8, 60])
@pytest.mark.parametrize(("n_rows", "n_clusters"), [(3, 2), (50, 49), (117, 2), (301, 50)])
def test_it_is_the_silhouette_of_scikit_learn(n_rows: int, n_clusters: int, n_columns: int) -> None:
    values, labels = grouped(n_rows, n_columns, n_clusters)
    found = silhouette_samples(values, labels)
    np.testing.assert_allclose(found, by_definition(values, labels), rtol=0, atol=1e-13)
    expected = sklearn_metrics.silhouette_samples(values, labels)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)
    assert silhouette_score(values, labels) == pytest.approx(
        sklearn_metrics.silhouette_score(values, labels), abs=1e-9
    )


@pytest.mark.usefixtures("way")
@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(-3, 3), min_size=6, max_size=120),
    st.integers(1, 7),
    st.integers(-1, 4),
    st.sampled_from([1.0, 0.1, 1e-200, 1e200]),
    st.randoms(use_true_random=False),
)
def test_ties_duplicates_singletons_and_noise(numbers, n_columns, lowest, unit, random) -> None:
    values = np.array([[unit * random.choice(numbers) for _ in range(n_columns)] for _ in numbers])
    labels = np.array([random.randint(min(lowest, 0), 4) for _ in numbers])
    kept = labels >= 0
    labels[kept] = np.unique(labels[kept], return_inverse=True)[1]
    if not 2 <= len(set(labels[kept])) < kept.sum():
        return
    found = silhouette_samples(values, labels)
    scale = unit if unit in (1e-200, 1e200) else 1.0
    expected = by_definition(values / scale, labels)
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)


@pytest.mark.usefixtures("way")
@pytest.mark.parametrize("offset", [1e8, -3e12])
def test_far_from_zero_no_digit_is_lost(offset: float) -> None:
    generator = np.random.default_rng(4)
    near = generator.integers(0, 2**12, (400, 3)) / 2**7  # what is added stays exact
    labels = (near[:, 0] > 15).astype(int)
    np.testing.assert_array_equal(
        silhouette_samples(near + offset, labels), silhouette_samples(near, labels)
    )


@pytest.mark.usefixtures("way")
def test_the_city_block_distance() -> None:
    values, labels = grouped(200, 5, 4)
    labels[7] = -1
    np.testing.assert_allclose(
        silhouette_samples(values, labels, metric="cityblock"),
        by_definition(values, labels, "cityblock"),
        rtol=0,
        atol=1e-13,
    )


@pytest.mark.usefixtures("way")
def test_however_the_rows_lie_in_memory() -> None:
    values, labels = grouped(150, 3, 4)
    values = values.astype(np.float32)
    expected = by_definition(values, labels)
    wide = np.zeros((300, 9), dtype=np.float32)
    wide[::2, 1:7:2] = values
    frozen, shifted = values.copy(), np.frombuffer(b"\0" + values.tobytes(), np.int8)[1:]
    frozen.setflags(write=False)
    given = (
        values,
        np.asfortranarray(values),
        wide[::2, 1:7:2],
        frozen,
        shifted.view(np.float32).reshape(values.shape),
        values.astype(">f4"),
        pd.DataFrame(values),
        values.tolist(),
        values.astype(object),
    )
    for own in given:
        np.testing.assert_allclose(silhouette_samples(own, labels), expected, rtol=0, atol=1e-13)


@pytest.mark.usefixtures("way")
def test_labels_of_any_kind() -> None:
    values, labels = grouped(40, 2, 2)
    expected = silhouette_samples(values, labels)
    for own in (
        labels.tolist(),
        labels.astype(bool),
        labels.astype(float),
        labels.astype(np.uint8),
        labels * np.uint64(2**63 + 1),
        labels * 1e300,
        labels * 10**12,
        np.where(labels == 1, "gold", "silver"),
        pd.Series(labels, dtype="category"),
        pd.Series(labels, dtype="Int64"),
        [b"gold" if label else 3.5 for label in labels],
    ):
        np.testing.assert_allclose(silhouette_samples(values, own), expected, rtol=0, atol=1e-13)


@pytest.mark.usefixtures("way")
def test_noise_is_left_out_and_has_no_silhouette() -> None:
    values, labels = grouped(60, 2, 3)
    labels[::5], labels[1] = -1, -2
    kept = labels >= 0
    found = silhouette_samples(values, labels)
    assert np.isnan(found[~kept]).all()
    np.testing.assert_allclose(
        found[kept], sklearn_metrics.silhouette_samples(values[kept], labels[kept]), atol=1e-9
    )
    assert silhouette_score(values, labels) == pytest.approx(found[kept].mean())


def test_both_ways_agree_where_one_takes_over() -> None:
    values, labels = grouped(silhouette.SMALL_ROWS, 3, 4)
    by_kernel = silhouette_samples(values, labels)
    by_numpy = silhouette._small_sums(values, labels, None, np.bincount(labels), "euclidean")
    expected = silhouette.widths_from_sums(by_numpy, labels, np.bincount(labels))
    np.testing.assert_allclose(by_kernel, expected, rtol=0, atol=1e-13)


@pytest.mark.parametrize("n_columns", [3, 9])
@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_threads_change_no_bit(
    n_columns: int, metric: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, labels = grouped(6_000, n_columns, 7)
    rows = np.arange(0, 6_000, 301)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
        exact = silhouette_samples(values, labels, metric=metric)
        some = silhouette.silhouette_widths(values, labels, rows, metric)
        np.testing.assert_allclose(some, exact[rows], rtol=0, atol=1e-13)
        found.append((exact.tobytes(), some.tobytes()))
    assert len(set(found)) == 1


def test_memory_grows_with_the_rows_and_not_their_square() -> None:
    values, labels = grouped(12_000, 3, 5)
    silhouette_samples(values[:6_000], labels[:6_000])
    tracemalloc.start()
    silhouette_samples(values, labels)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 12_000 * 8 * 50


def test_a_listener_hears_how_far_it_is() -> None:
    heard = []
    with listening(lambda done, total, what: heard.append((done, total, what))):
        silhouette_samples(*grouped(6_000, 2, 3))
    assert heard == [(done, 16, "Comparing customers") for done in range(1, 16)]


@pytest.mark.parametrize(
    ("X", "labels", "sentence"),
    [
        ([1.0, 2.0], [0, 1], "X must have rows and columns, not 1 dimensions."),
        ([[1.0], [2.0, 3.0]], [0, 1], "X must have as many columns in each row."),
        (np.zeros((3, 0)), [0, 1, 1], "X has 3 rows and 0 columns."),
        ([["a"], ["b"], ["c"]], [0, 0, 1], "X must hold numbers only."),
        (np.array([[1], ["2"], [3]], dtype=object), [0, 0, 1], "X must hold numbers only."),
        (np.ones((3, 1)) * 1j, [0, 0, 1], "X must hold numbers only."),
        (
            [[1.0, 2.0], [1.0, math.nan], [0.0, 0.0]],
            [0, 0, 1],
            "X must be finite: row 1, column 1 is nan.",
        ),
        ([[1.0], [math.inf], [0.0]], [0, 0, 1], "X must be finite: row 1, column 0 is inf."),
        (
            np.ma.array([[1.0], [2.0], [3.0]], mask=[[False], [True], [False]]),
            [0, 0, 1],
            "X must be finite: row 1, column 0 is masked.",
        ),
        ({1, 2}, [0, 1], "X must be a table of numbers, not {1, 2}."),
        (
            [[1.0], [2.0], [3.0]],
            np.ma.array([0, 0, 1], mask=[True, False, False]),
            "The label of row 0 is missing.",
        ),
        ([[1.0], [2.0], [3.0]], [0, 1], "There are 3 rows and 2 labels."),
        (
            [[1.0], [2.0]],
            [[0], [1]],
            "labels must be one for each row, not of 2 dimensions.",
        ),
        (
            [[1.0], [2.0], [3.0]],
            [0, 0.5, 1],
            "Labels that are numbers must be whole: that of row 1 is 0.5.",
        ),
        (
            [[1.0], [2.0], [3.0]],
            [0, 1, math.nan],
            "Labels that are numbers must be whole: that of row 2 is nan.",
        ),
        ([[1.0], [2.0], [3.0]], ["a", None, "b"], "The label of row 1 is missing."),
        ([[1.0], [2.0]], [-1, -1], "Every row is noise: there is no cluster to score."),
        (
            [[1.0], [2.0], [3.0]],
            [0, 0, -1],
            "There is one segment only; the score compares at least two.",
        ),
        (
            [[1.0], [2.0], [3.0]],
            [0, 1, 2],
            "Every customer is a segment of its own; the score needs more customers than that.",
        ),
    ],
)
def test_what_cannot_be_scored_says_why(X, labels, sentence: str) -> None:
    for function in (silhouette_samples, silhouette_score):
        with pytest.raises(DataError) as raised:
            function(X, labels)
        assert str(raised.value) == sentence


def test_an_unknown_metric_says_which_there_are() -> None:
    with pytest.raises(DataError, match='metric must be "euclidean" or "cityblock", not \'l2\'.'):
        silhouette_samples([[1.0], [2.0], [3.0]], [0, 0, 1], metric="l2")
