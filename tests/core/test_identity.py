"""Which segment is which: by common customers, by centres, and from one table to another."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linear_sum_assignment
from sklearn.cluster import KMeans

from mall_app.data.table import Table
from mall_app.identity.matching import Matching, match
from mall_app.identity.numbers import ABSENT, match_centres, match_labels
from mall_app.identity.pairing import Labelling, pair
from mall_app.labels import canonical_labels

IntArray = npt.NDArray[np.int64]
FEATURES = ("Annual Income (k$)", "Spending Score (1-100)")


def labels_of(*groups: tuple[int, int, int]) -> tuple[IntArray, IntArray]:
    """Both labels of customers given as (before, now, how many)."""
    before, now, n = np.array(groups).T
    return np.repeat(before, n), np.repeat(now, n)


def matched(*groups: tuple[int, int, int], taken: Any = ()) -> dict[int, int]:
    return match_labels(*labels_of(*groups), taken)


def test_segments_that_only_swapped_their_labels_swap_back() -> None:
    assert matched((0, 1, 5), (1, 0, 4), (7, 2, 3), (-1, -1, 2)) == {0: 1, 1: 0, 2: 7}


def test_the_largest_part_of_a_split_keeps_the_number_and_the_other_gets_a_new_one() -> None:
    assert matched((0, 0, 40), (2, 1, 12), (2, 2, 20)) == {0: 0, 1: 1, 2: 2}


def test_even_the_largest_of_many_small_parts_keeps_the_number() -> None:
    parts = [(3, own, 10) for own in range(1, 12)]
    assert matched((3, 0, 11), *parts)[0] == 3


def test_merged_segments_go_by_the_number_of_the_largest() -> None:
    assert matched((0, 0, 10), (1, 0, 30), (2, 1, 50)) == {0: 1, 1: 2}


def test_half_a_segment_with_a_few_of_another_is_not_the_other() -> None:
    """Nearly all of label 1 was segment 0, so it is not 1, whose customers are all in it."""
    assert matched((0, 0, 50), (0, 1, 45), (1, 1, 5)) == {0: 0, 1: 2}


def test_a_small_segment_that_stayed_whole_is_not_pushed_out_by_a_large_one() -> None:
    """By count of customers label 1 would be 0: 97 of 0 are in it, but 1 is the other way round."""
    assert matched((0, 0, 100), (0, 1, 3), (1, 1, 4)) == {0: 0, 1: 1}


def test_scrambled_segments_are_none_of_the_former_ones() -> None:
    groups = [(old, new, 10) for old in range(4) for new in range(4)]
    assert matched(*groups) == {0: 4, 1: 5, 2: 6, 3: 7}


def test_two_halves_swapped_are_settled_by_the_smaller_number_and_the_first_customer() -> None:
    assert matched((1, 8, 10), (1, 9, 10), (0, 8, 10), (0, 9, 10)) == {8: 0, 9: 1}
    assert matched((0, 9, 10), (0, 8, 10), (1, 8, 10), (1, 9, 10)) == {9: 0, 8: 1}


def test_new_segments_take_the_smallest_free_numbers_the_largest_first() -> None:
    groups = [(0, 0, 30), (2, 4, 30), (-1, 2, 3), (-1, 1, 5), (ABSENT, 3, 4), (5, ABSENT, 9)]
    assert matched(*groups) == {0: 0, 1: 1, 2: 4, 3: 3, 4: 2}
    assert matched(*groups, taken={1, 4}) == {0: 0, 1: 3, 2: 7, 3: 6, 4: 2}


def test_customers_of_one_clustering_only_do_not_count() -> None:
    """Of those in both, all of segment 0 are in label 0, however many came to label 1."""
    assert matched((0, 0, 3), (ABSENT, 1, 500), (1, ABSENT, 500)) == {0: 0, 1: 2}


@pytest.mark.parametrize("groups", [[(-1, -1, 4)], [(ABSENT, -1, 1)]])
def test_without_any_segment_there_is_nothing_to_match(groups: Any) -> None:
    assert matched(*groups) == {}


def test_no_customer_at_all_is_no_error() -> None:
    empty = np.empty(0, dtype=np.int64)
    assert match_labels(empty, empty) == {}


clusterings = st.integers(1, 60).flatmap(
    lambda n: st.tuples(
        *[st.lists(st.integers(-2, 6), min_size=n, max_size=n).map(np.array)] * 2
    )
)  # fmt: skip


@given(clusterings)
def test_a_clustering_matched_to_itself_keeps_every_number(pair_of: Any) -> None:
    labels, _ = pair_of
    assert match_labels(labels, labels) == {own: own for own in set(labels.tolist()) if own >= 0}


@given(clusterings, st.permutations(range(7)))
def test_other_labels_for_the_same_groups_change_nothing(pair_of: Any, order: list[int]) -> None:
    previous, current = pair_of
    renamed = np.array([*order, -2, -1])[current]
    numbers, others = match_labels(previous, current), match_labels(previous, renamed)
    assert {order[own]: number for own, number in numbers.items()} == others


@given(clusterings)
def test_numbers_are_given_once_and_new_ones_were_not_in_use(pair_of: Any) -> None:
    previous, current = pair_of
    numbers = match_labels(previous, current)
    assert set(numbers) == {own for own in current.tolist() if own >= 0}
    assert len(set(numbers.values())) == len(numbers)
    used = {own for own in previous.tolist() if own >= 0}
    free = [own for own in range(20) if own not in used]
    new = sorted(set(numbers.values()) - used)
    assert new == free[: len(new)]


@given(clusterings)
def test_the_assignment_is_the_best_that_scipys_dense_solver_finds(pair_of: Any) -> None:
    """The rule is written out again here, pair by pair, over sets of customers."""
    previous, current = pair_of
    here = (previous >= -1) & (current >= -1)
    before, now = previous[here], current[here]
    old, new = ([own for own in np.unique(side) if own >= 0] for side in (before, now))
    of_old = [set(np.flatnonzero(before == own)) for own in old]
    of_new = [set(np.flatnonzero(now == own)) for own in new]
    index = np.array([[len(a & b) / len(a | b) for a in of_old] for b in of_new])
    index = index.reshape(len(new), len(old))
    weights = np.zeros_like(index)
    for i, b in enumerate(of_new):
        for j, a in enumerate(of_old):
            most = index[i, j] == index[i].max() == index[:, j].max()
            half = 2 * len(a & b) >= min(len(a), len(b))
            if half and (index[i, j] >= 1 / 3 or most):
                weights[i, j] = index[i, j]
    best = weights[linear_sum_assignment(weights, maximize=True)].sum()
    found = match_labels(previous, current)
    chosen = [
        weights[new.index(b), old.index(a)] for b, a in found.items() if b in new and a in old
    ]
    assert sum(chosen) == pytest.approx(best, abs=1e-7)
    assert all(weight > 0 for weight in chosen)


def test_thousands_of_segments_are_matched_without_a_table_of_all_pairs() -> None:
    generator = np.random.default_rng(0)
    previous = np.arange(60_000) // 6
    order = generator.permutation(10_000)
    current = order[previous]
    current[::50] = order[generator.integers(0, 10_000, len(current[::50]))]
    found = match_labels(previous, current)
    right = sum(found.get(int(order[own])) == own for own in range(10_000))
    assert right > 9_900


# Centres -----------------------------------------------------------------------------------------


def centred(previous: Any, current: Any, **options: Any) -> dict[int, int]:
    places = np.array(list(previous.values()), dtype=float)
    return match_centres(places, np.array(list(previous)), np.array(current, float), **options)


def test_a_centre_is_the_same_up_to_half_the_way_to_the_next() -> None:
    former = {3: [0, 0], 7: [4, 0], 8: [100, 0]}
    assert centred(former, [[1.9, 0], [4, -1.9], [60, 0]]) == {0: 3, 1: 7, 2: 8}
    assert centred(former, [[-2.1, 0], [4, 2.1], [51, 0]]) == {0: 0, 1: 1, 2: 2}


def test_of_two_near_centres_the_nearer_is_it() -> None:
    assert centred({0: [0], 1: [10]}, [[2], [-1], [10]]) == {0: 2, 1: 0, 2: 1}


def test_a_centre_halfway_between_two_takes_the_smaller_number() -> None:
    assert centred({5: [10], 2: [0]}, [[5]]) == {0: 2}


def test_the_only_segment_is_the_nearest_one() -> None:
    assert centred({4: [0, 0]}, [[9, 9], [2, 2]]) == {0: 0, 1: 4}
    assert centred({4: [0, 0]}, [[9, 9]], taken={1}) == {0: 4}


def test_two_former_segments_at_one_place_take_only_what_is_there() -> None:
    assert centred({0: [1], 1: [1]}, [[1], [1.5]]) == {0: 0, 1: 2}


def test_the_distance_is_the_one_asked_for() -> None:
    former, now = {0: [0, 0], 1: [5, 0]}, [[1.5, 1.5], [5, 0]]
    assert centred(former, now) == {0: 0, 1: 1}
    assert centred(former, now, metric="cityblock") == {0: 2, 1: 1}


def test_no_centres_on_either_side_are_no_error() -> None:
    none = np.empty((0, 2))
    assert match_centres(none, np.empty(0, dtype=np.int64), np.zeros((2, 2))) == {0: 0, 1: 1}
    assert match_centres(np.zeros((1, 2)), np.array([3]), none) == {}


# From one table to another -----------------------------------------------------------------------


def labelling(table: Table, labels: Any, rows: Any = None, **options: Any) -> Labelling:
    found = np.arange(len(table)) if rows is None else np.array(rows)
    return Labelling(table, found, np.array(labels, dtype=np.int64), **options)


def clustered(table: Table, features: tuple[str, ...] = FEATURES, seed: int = 0) -> Labelling:
    values = table.frame[list(features)].to_numpy(float)
    raw = KMeans(5, n_init=20, random_state=seed).fit_predict(values).astype(np.int64)
    return labelling(table, canonical_labels(values, raw), features=features)


def part_of(table: Table, rows: Any, *dropped: str) -> Table:
    return Table.from_frame(table.frame.iloc[rows].drop(columns=list(dropped)))


def test_the_same_table_is_paired_row_by_row(mall: Table) -> None:
    found = pair(labelling(mall, range(3), [5, 6, 7]), labelling(mall, range(2), [6, 9]))
    assert found is not None and found.by == "the same table"
    assert np.flatnonzero(found.previous > ABSENT).tolist() == [5, 6, 7]
    assert found.n_common == 1 and found.enough
    copy = Table.from_frame(mall.frame.copy())
    again = pair(labelling(mall, np.zeros(200)), labelling(copy, np.zeros(200)))
    assert again is not None and again.by == "the same table"


def test_a_table_with_one_more_column_is_the_same_customers(mall: Table) -> None:
    wider = Table.from_frame(mall.frame.drop(columns="CustomerID").assign(visits=range(200)))
    found = pair(labelling(mall, np.zeros(200)), labelling(wider, np.zeros(200)))
    assert found is not None and found.by == "the same columns"


def test_customers_are_found_by_their_identifier_in_any_order(mall: Table) -> None:
    frame = mall.frame.assign(CustomerID=mall.frame["CustomerID"] * 7)
    former, order = Table.from_frame(frame), np.random.default_rng(0).permutation(200)
    later = part_of(former, order[:150])
    found = pair(labelling(former, np.arange(200)), labelling(later, order[:150]))
    assert found is not None and found.by == "CustomerID"
    common = (found.previous > ABSENT) & (found.current > ABSENT)
    assert found.n_common == common.sum() == 150
    assert (found.previous[common] == found.current[common]).all()
    assert found.positions[order[:150]].tolist() == list(range(150))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([11, 11, 12], [11, 12, 13]),  # twice the same
        ([11, 12, None], [11, 12, 13]),  # one missing
        ([11, 12, 13], [21, 22, 23]),  # none in common
        ([11, 12, 13], ["11", "12", "13"]),  # not the same values
    ],
)
def test_an_identifier_that_does_not_identify_pairs_nobody(before: Any, after: Any) -> None:
    one = Table.from_frame(pd.DataFrame({"id": before, "Age": [20, 30, 40]}))
    other = Table.from_frame(pd.DataFrame({"id": after, "Age": [21, 30, 40]}))
    assert pair(labelling(one, range(3)), labelling(other, range(3))) is None


def test_two_lists_counted_from_one_are_other_customers_unless_they_are_alike() -> None:
    generator = np.random.default_rng(0)
    values = generator.normal(size=(60, 3))

    def counted(numbers: Any) -> Table:
        frame = pd.DataFrame(numbers, columns=["a", "b", "c"])
        return Table.from_frame(frame.assign(id=range(1, len(frame) + 1)))

    former = counted(values)
    others = counted(generator.normal(size=(60, 3)))
    a_year_on = counted(values + generator.normal(size=(60, 3)) * 0.5)
    own = labelling(former, np.zeros(60))
    assert pair(own, labelling(others, np.zeros(60))) is None
    found = pair(own, labelling(a_year_on, np.zeros(60)))
    assert found is not None and found.by == "id"


def numbers_by(previous: Labelling, current: Labelling) -> Matching:
    found = match(previous, current)
    assert sorted(found.numbers) == np.unique(current.labels[current.labels >= 0]).tolist()
    return found


def test_another_seed_on_the_mall_gives_back_the_numbers(mall: Table) -> None:
    former = labelling(mall, clustered(mall).labels * 2 + 1, features=FEATURES)
    found = numbers_by(former, clustered(mall, seed=3))
    assert found.by == "customers"
    assert found.numbering == (1, 3, 5, 7, 9)
    assert found.migration is not None and found.migration.n_moved == 0


def test_other_customers_of_the_mall_are_matched_by_their_centres(mall: Table) -> None:
    half = np.random.default_rng(0).permutation(200) < 100
    some = clustered(part_of(mall, half, "CustomerID"))
    others = clustered(part_of(mall, ~half, "CustomerID"))
    shuffled = labelling(others.table, (others.labels + 2) % 5, features=FEATURES)
    found = numbers_by(some, shuffled)
    assert found.by == "centres" and found.pairing is None
    for label, number in found.numbers.items():
        one = some.table.frame[some.labels == number][list(FEATURES)].mean()
        other = shuffled.table.frame[shuffled.labels == label][list(FEATURES)].mean()
        assert (one - other).abs().max() < 8
    assert found.migration is not None
    assert found.migration.n_common == 0 and found.migration.n_arrived == 100


def test_too_few_common_customers_count_less_than_the_centres(mall: Table) -> None:
    frame = mall.frame.assign(CustomerID=mall.frame["CustomerID"] * 7)
    table = Table.from_frame(frame)
    early = clustered(part_of(table, slice(0, 120)))
    found = numbers_by(early, clustered(part_of(table, slice(80, 200))))
    assert found.by == "centres"
    assert found.pairing is not None and found.pairing.n_common == 40
    assert found.migration is not None and found.migration.n_common == 40


def test_categories_count_where_segments_differ_in_nothing_else() -> None:
    def people(first: str, second: str) -> Labelling:
        frame = pd.DataFrame({"Age": [30, 40] * 4, "Gender": [first] * 4 + [second] * 4})
        return labelling(Table.from_frame(frame), [0] * 4 + [1] * 4)

    assert match(people("f", "m"), people("m", "f")).numbering == (1, 0)


def test_missing_values_are_left_out_of_the_centres() -> None:
    former = Table.from_frame(pd.DataFrame({"Age": [20.0, None, 60.0, 61.0]}))
    later = Table.from_frame(pd.DataFrame({"Age": [61.0, 59.0, None, 21.0, 19.0]}))
    found = match(labelling(former, [0, 0, 1, 1]), labelling(later, [1, 1, 1, 0, 0]))
    assert found.numbers == {0: 0, 1: 1}


def test_a_table_with_nothing_in_common_starts_afresh(mall: Table) -> None:
    other = Table.from_frame(pd.DataFrame({"Weight": [1.0, 2.0, 3.0]}))
    found = match(clustered(mall), labelling(other, [0, 1, 1]))
    assert (found.by, found.numbers, found.numbering) == ("nothing", {0: 0, 1: 1}, None)
    assert found.migration is None


def test_noise_alone_is_matched_to_nothing(mall: Table) -> None:
    all_noise = labelling(mall, np.full(200, -1))
    assert match(clustered(mall), all_noise).numbers == {}
    assert match(all_noise, clustered(mall)).numbering is None
