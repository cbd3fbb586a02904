from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from mall_app import metrics, silhouette
from mall_app.metrics import score
from mall_app.silhouette import silhouette_widths

CLOSE = {"rel": 1e-9, "abs": 1e-9}
# scikit-learn takes distances to centres from dot products, which loses half of the digits.
TOLERANCE = {
    "silhouette_score": CLOSE,
    "davies_bouldin_score": {"rel": 1e-7},
    "calinski_harabasz_score": CLOSE,
}
NAMES = tuple(TOLERANCE)


def grouped(n_rows: int, n_columns: int, n_clusters: int, seed: int = 0):
    """Random rows and labels in which every cluster is used."""
    generator = np.random.default_rng(seed)
    labels = np.concatenate(
        [np.arange(n_clusters), generator.integers(0, n_clusters, n_rows - n_clusters)]
    )
    values = generator.normal(size=(n_rows, n_columns)) + labels[:, None] * generator.uniform(0, 2)
    return values, generator.permutation(labels)


def davies_bouldin(values: np.ndarray, labels: np.ndarray) -> float:
    """The definition, word for word."""
    members = [values[labels == own] for own in np.unique(labels)]
    centres = [own.mean(axis=0) for own in members]
    scatter = [
        np.linalg.norm(own - centre, axis=1).mean()
        for own, centre in zip(members, centres, strict=True)
    ]
    every = range(len(members))
    return float(
        np.mean(
            [
                max(
                    (scatter[i] + scatter[j]) / np.linalg.norm(centres[i] - centres[j])
                    for j in every
                    if j != i
                )
                for i in every
            ]
        )
    )


def assert_agrees(values: np.ndarray, labels: np.ndarray) -> None:
    scores, silhouette = score(values, labels)
    kept = labels >= 0
    for name in NAMES:
        expected = getattr(sklearn_metrics, name)(values[kept], labels[kept])
        assert scores[name].value == pytest.approx(expected, **TOLERANCE[name]), name
        assert scores[name].method == "exact"
        assert scores[name].reason is None
    assert scores["davies_bouldin_score"].value == pytest.approx(
        davies_bouldin(values[kept], labels[kept]), rel=1e-12
    )
    expected = sklearn_metrics.silhouette_samples(values[kept], labels[kept])
    np.testing.assert_allclose(silhouette[kept], expected, atol=1e-9)
    assert np.isnan(silhouette[~kept]).all()


@pytest.mark.parametrize("n_columns", [1, 2, 3, 8, 30])
@pytest.mark.parametrize(("n_rows", "n_clusters"), [(5, 2), (40, 3), (200, 5), (301, 17)])
def test_scores_agree_with_scikit_learn(n_rows: int, n_columns: int, n_clusters: int) -> None:
    for seed in range(3):
        assert_agrees(*grouped(n_rows, n_columns, n_clusters, seed))


@pytest.mark.parametrize("n_clusters", range(2, 12))
def test_every_number_of_clusters_from_two_to_one_less_than_rows(n_clusters: int) -> None:
    assert_agrees(*grouped(12, 3, n_clusters))


def test_noise_takes_no_part() -> None:
    values, labels = grouped(80, 3, 4)
    labels[::7] = -1
    assert_agrees(values, labels)


def test_singletons_score_zero_each() -> None:
    values, labels = grouped(30, 2, 3)
    labels[labels == 2] = 1
    labels[4] = 2
    assert_agrees(values, labels)
    assert score(values, labels)[1][4] == 0


def test_duplicated_rows() -> None:
    values, labels = grouped(40, 2, 4)
    assert_agrees(np.repeat(values, 3, axis=0), np.repeat(labels, 3))
    assert_agrees(np.repeat(values[:10], 4, axis=0), (np.arange(40) % 7) % 3)


def test_values_far_from_the_origin() -> None:
    values, labels = grouped(60, 3, 3)
    scores, _ = score(values + 1e6, labels)
    expected, _ = score(values, labels)
    for name in NAMES:
        assert scores[name].value == pytest.approx(expected[name].value, rel=1e-6)


def test_inertia_is_the_sum_of_squares_within() -> None:
    values, labels = grouped(50, 3, 4)
    labels[:5] = -1
    expected = sum(
        ((values[labels == own] - values[labels == own].mean(axis=0)) ** 2).sum()
        for own in range(4)
    )
    assert score(values, labels)[0]["inertia"].value == pytest.approx(expected, **CLOSE)


def test_blocks_of_any_size_give_the_same_silhouette(monkeypatch: pytest.MonkeyPatch) -> None:
    values, labels = grouped(97, 3, 4)
    whole = silhouette_widths(values, labels)
    for size in (1, 97 * 10, 97 * 96):
        monkeypatch.setattr(silhouette, "_BLOCK_DISTANCES", size)
        np.testing.assert_array_equal(silhouette_widths(values, labels), whole)


def test_silhouette_of_chosen_rows_is_that_of_all_rows() -> None:
    values, labels = grouped(97, 3, 4)
    rows = np.array([3, 90, 4])
    whole = silhouette_widths(values, labels)
    np.testing.assert_array_equal(silhouette_widths(values, labels, rows), whole[rows])


def test_directions() -> None:
    scores, _ = score(*grouped(20, 2, 2))
    assert {name: own.direction for name, own in scores.items()} == {
        "silhouette_score": "higher",
        "davies_bouldin_score": "lower",
        "calinski_harabasz_score": "higher",
        "inertia": "lower",
    }


@pytest.mark.parametrize(
    ("labels", "reason", "inertia"),
    [
        ([-1, -1, -1], "Every customer is noise.", None),
        ([0, 0, 0], "There is one segment only; the score compares at least two.", 2.0),
        ([-1, 0, 0], "There is one segment only; the score compares at least two.", 0.5),
        (
            [0, 1, 2],
            "Every customer is a segment of its own; the score needs more customers than that.",
            0.0,
        ),
        (
            [0, -1, 1],
            "Every customer is a segment of its own; the score needs more customers than that.",
            0.0,
        ),
    ],
)
def test_a_score_that_does_not_exist_says_why(
    labels: list[int], reason: str, inertia: float | None
) -> None:
    scores, silhouette = score(np.array([[1.0], [2.0], [3.0]]), np.array(labels))
    for name in NAMES:
        assert (scores[name].value, scores[name].reason) == (None, reason)
    assert scores["inertia"].value == inertia
    assert scores["inertia"].reason == (reason if inertia is None else None)
    assert np.isnan(silhouette).all()


@pytest.mark.parametrize("first", [0.0, 0.1, 1e9 / 3])
def test_segments_of_equal_rows_have_no_calinski_harabasz_score(first: float) -> None:
    values = np.array([[first]] * 3 + [[first + 0.7]] * 3)
    scores, _ = score(values, np.array([0] * 3 + [1] * 3))
    assert scores["calinski_harabasz_score"].value is None
    assert scores["calinski_harabasz_score"].reason == (
        "The customers of each segment are equal, so the ratio to their scatter has no finite "
        "value."
    )
    assert scores["silhouette_score"].value == 1.0
    assert scores["davies_bouldin_score"].value == pytest.approx(0, abs=1e-6)


def test_segments_with_one_centre_are_scored_finitely() -> None:
    values = np.array([[-1.0], [1.0], [-2.0], [2.0]])
    scores, _ = score(values, np.array([0, 0, 1, 1]))
    assert scores["davies_bouldin_score"].value == 0.0
    assert scores["calinski_harabasz_score"].value == 0.0
    assert scores["silhouette_score"].value == pytest.approx(
        sklearn_metrics.silhouette_score(values, [0, 0, 1, 1])
    )


@pytest.fixture
def small_sample(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "is_exact", lambda n_rows, n_dimensions: n_rows <= 500)
    monkeypatch.setattr(metrics, "sample_size", lambda n_rows, n_dimensions: 200)


@pytest.mark.usefixtures("small_sample")
def test_a_sampled_silhouette_covers_the_exact_value() -> None:
    values, labels = grouped(1500, 2, 4)
    exact = sklearn_metrics.silhouette_score(values, labels)
    found = [score(values, labels, seed)[0]["silhouette_score"] for seed in range(40)]
    assert all(own.method == "sampled" and own.reason is None for own in found)
    assert all(150 <= own.sample_size <= 250 for own in found)
    inside = [abs(own.value - exact) <= 2 * own.standard_error for own in found]
    assert sum(inside) >= 34
    assert np.mean([own.value for own in found]) == pytest.approx(exact, abs=0.01)


@pytest.mark.usefixtures("small_sample")
def test_a_sample_holds_every_segment_and_exact_silhouettes_of_its_rows() -> None:
    values, labels = grouped(900, 2, 3)
    labels[labels == 2] = 1
    labels[17] = 2
    labels[:5] = -1
    scores, silhouette = score(values, labels)
    seen = ~np.isnan(silhouette)
    assert seen.sum() == scores["silhouette_score"].sample_size
    assert set(labels[seen]) == {0, 1, 2}
    kept = labels >= 0
    expected = np.full(len(labels), np.nan)
    expected[kept] = sklearn_metrics.silhouette_samples(values[kept], labels[kept])
    np.testing.assert_allclose(silhouette[seen], expected[seen], atol=1e-9)


@pytest.mark.usefixtures("small_sample")
def test_the_same_seed_draws_the_same_sample() -> None:
    values, labels = grouped(900, 2, 3)
    np.testing.assert_array_equal(score(values, labels, 5)[1], score(values, labels, 5)[1])
    assert score(values, labels, 5)[0] != score(values, labels, 6)[0]


def test_a_score_as_json_names_all_its_parts() -> None:
    scores, _ = score(np.array([[1.0], [2.0], [9.0]]), np.array([0, 0, 1]))
    assert scores["inertia"].to_dict() == {
        "value": 0.5,
        "direction": "lower",
        "method": "exact",
        "sample_size": None,
        "standard_error": None,
        "reason": None,
    }


@pytest.mark.parametrize("scale", [1.0, 1e5, 1e12])
def test_equal_members_have_no_scatter_whatever_the_rounding_of_their_mean(scale: float) -> None:
    values = np.repeat([[0.1, 0.3], [0.7, 1.1]], 3, axis=0) * scale
    scores, _ = score(values, np.repeat([0, 1], 3))
    assert scores["davies_bouldin_score"].value == 0.0
