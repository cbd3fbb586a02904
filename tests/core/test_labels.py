from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall_app.geometry.points import IntArray
from mall_app.labels import canonical_labels, group_means, members_of, occurring


def canonical(values: list[list[float]], labels: list[int]) -> list[int]:
    return canonical_labels(np.array(values, dtype=float), np.array(labels)).tolist()


def test_the_largest_group_is_first() -> None:
    assert canonical([[1], [2], [3], [4], [5], [6]], [9, 4, 4, 7, 7, 7]) == [2, 1, 1, 0, 0, 0]


def test_equal_sizes_are_ordered_by_centre_column_by_column() -> None:
    values = [[5, 1], [5, 1], [1, 9], [1, 9], [5, 0], [5, 0]]
    assert canonical(values, [0, 0, 1, 1, 2, 2]) == [2, 2, 0, 0, 1, 1]


def test_equal_sizes_and_centres_are_ordered_by_first_row() -> None:
    assert canonical([[-1], [-2], [1], [2]], [3, 1, 3, 1]) == [0, 1, 0, 1]


def test_centres_that_differ_in_the_last_bits_are_tied() -> None:
    assert canonical([[0.1 + 0.2], [0.3]], [0, 1]) == [0, 1]
    assert canonical([[0.3], [0.1 + 0.2]], [0, 1]) == [0, 1]


def test_negative_and_positive_zero_centres_are_tied() -> None:
    assert canonical([[0.0, 1.0], [-0.0, 0.0]], [0, 1]) == [1, 0]


def test_noise_stays_noise_and_is_no_group() -> None:
    assert canonical([[1], [2], [3], [4]], [-1, 5, -1, -1]) == [-1, 0, -1, -1]
    assert canonical([[1], [2]], [-1, -1]) == [-1, -1]


def test_any_renaming_of_the_groups_gives_the_same_labels() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(60, 2))
    labels = generator.integers(0, 7, size=60)
    expected = canonical_labels(values, labels)
    for seed in range(5):
        names = np.random.default_rng(seed).permutation(50)[:7]
        np.testing.assert_array_equal(canonical_labels(values, names[labels]), expected)


def test_labels_are_int64_and_read_only() -> None:
    labels = canonical_labels(np.array([[1.0], [2.0]]), np.array([0, 1]))
    assert labels.dtype == np.int64
    with pytest.raises(ValueError, match="read-only"):
        labels[0] = 1


@pytest.mark.parametrize("n_groups", [1, 7, 40_000])
def test_members_of_many_rows_are_rising_and_complete(n_groups: int) -> None:
    labels = np.random.default_rng(n_groups).integers(-1, n_groups, size=250_001)
    members = members_of(labels)
    assert list(members) == np.unique(labels[labels >= 0]).tolist()
    order = np.concatenate([np.flatnonzero(labels < 0), *members.values()])
    np.testing.assert_array_equal(order, np.argsort(labels, kind="stable"))


def test_group_means_are_the_means_of_the_groups() -> None:
    values = np.array([[1.0, 10], [3, 30], [8, 80]])
    assert group_means(values, np.array([0, 0, 1]), 2).tolist() == [[2.0, 20.0], [8.0, 80.0]]


@given(
    labels=st.lists(st.integers(-2, 6) | st.integers(0, 10**12), min_size=1, max_size=40).map(
        np.array
    )
)
def test_where_each_label_occurs(labels: IntArray) -> None:
    wanted = np.unique(labels[labels >= 0], return_counts=True)
    found, first, sizes = occurring(labels)
    assert found.tolist() == wanted[0].tolist()
    assert sizes.tolist() == wanted[1].tolist()
    assert first.tolist() == [labels.tolist().index(own) for own in found.tolist()]
