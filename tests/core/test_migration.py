"""What became of each segment, told in numbers and in one sentence."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mall_app.data.table import Table
from mall_app.edits.applying import apply_edits
from mall_app.edits.form import check_edits
from mall_app.identity.matching import match
from mall_app.identity.migration import Migration, migration
from mall_app.identity.numbers import ABSENT, match_labels
from mall_app.identity.pairing import Labelling
from mall_app.wording import customers, in_words

IntArray = npt.NDArray[np.int64]


def labels_of(*groups: tuple[int, int, int]) -> tuple[IntArray, IntArray]:
    """Both labels of customers given as (before, now, how many)."""
    before, now, n = np.array(groups).T
    return np.repeat(before, n), np.repeat(now, n)


def told(*groups: tuple[int, int, int]) -> Migration:
    return migration(*labels_of(*groups))


def statuses(found: Migration) -> dict[int, str]:
    return {own.segment: own.status for own in found.changes}


@pytest.mark.parametrize(
    ("groups", "expected", "sentence"),
    [
        pytest.param(
            [(0, 0, 9), (1, 1, 1)],
            {0: "kept", 1: "kept"},
            "Segments 0 and 1 are as they were; no customer moved.",
            id="nothing happened",
        ),
        pytest.param(
            [(0, 0, 50), (1, 1, 40), (2, 2, 40), (2, 5, 9), (4, 4, 61)],
            {0: "kept", 1: "kept", 2: "split", 4: "kept", 5: "split"},
            "Segments 0, 1 and 4 are as they were; 2 split into 2 and 5; 9 of 200 customers moved.",
            id="one split",
        ),
        pytest.param(
            [(0, 0, 50), (3, 0, 10), (1, 1, 40)],
            {0: "merged", 1: "kept", 3: "merged"},
            "Segment 1 is as it was; 0 and 3 merged into 0; 10 of 100 customers moved.",
            id="two merged",
        ),
        pytest.param(
            [(0, 0, 50), (0, 1, 5), (1, 1, 40), (1, 0, 4)],
            {0: "kept", 1: "kept"},
            "Segments 0 and 1 stay with some customers changed; 9 of 99 customers moved.",
            id="an exchange",
        ),
        pytest.param(
            [(0, 0, 60), (0, 2, 40), (1, 2, 10)],
            {0: "split", 1: "merged", 2: "merged"},
            "Segment 0 split into 0 and 2; 1 merged into 2; 50 of 110 customers moved.",
            id="a part took in another segment",
        ),
        pytest.param(
            [(0, 0, 30), (1, 0, 10), (1, 2, 10), (1, 3, 10), (2, 2, 30), (3, 3, 30)],
            {0: "kept", 1: "gone", 2: "kept", 3: "kept"},
            "Segments 0, 2 and 3 stay with some customers changed; 1 is gone; "
            "30 of 120 customers moved.",
            id="one dissolved",
        ),
        pytest.param(
            [(0, 0, 30), (0, 7, 10), (1, 1, 30), (1, 7, 10), (2, 2, 30), (2, 7, 10)],
            {0: "kept", 1: "kept", 2: "kept", 7: "new"},
            "Segments 0, 1 and 2 stay with some customers changed; 7 is new; "
            "30 of 120 customers moved.",
            id="one gathered from many",
        ),
        pytest.param(
            [(0, 1, 5), (1, 2, 4)],
            {0: "kept", 1: "new", 2: "kept"},
            "Segment 0 is 1 now; 1 is 2 now; 9 of 9 customers moved.",
            id="other numbers for the same",
        ),
        pytest.param(
            [(0, 0, 8), (0, -1, 1), (-1, 0, 2), (-1, -1, 3)],
            {0: "kept"},
            "Segment 0 stays with some customers changed; 3 of 14 customers moved.",
            id="noise",
        ),
        pytest.param(
            [(0, -1, 5), (-1, 1, 4)],
            {0: "gone", 1: "new"},
            "Segment 1 is new; 0 is gone; 9 of 9 customers moved.",
            id="to and from noise",
        ),
        pytest.param(
            [(0, 0, 8), (0, ABSENT, 2), (ABSENT, 0, 3), (ABSENT, 1, 1)],
            {0: "kept", 1: "new"},
            "Segment 0 is as it was; 1 is new; no customer moved; 4 customers came in; "
            "2 customers left.",
            id="other customers",
        ),
        pytest.param(
            [(0, ABSENT, 2), (1, ABSENT, 2), (ABSENT, 0, 3), (ABSENT, 2, 1)],
            {0: "kept", 1: "gone", 2: "new"},
            "Segment 0 is found again; 2 is new; 1 is gone; no customer is known to be in both.",
            id="nobody in common",
        ),
        pytest.param(
            [(-1, -1, 3)],
            {},
            "There is no segment, and there was none; no customer moved.",
            id="noise only",
        ),
    ],
)
def test_what_became_of_the_segments(groups: Any, expected: dict[int, str], sentence: str) -> None:
    found = told(*groups)
    assert statuses(found) == expected
    assert found.sentence == sentence


def test_the_counts_of_one_segment() -> None:
    found = told((0, 0, 8), (0, 1, 2), (0, -1, 1), (0, ABSENT, 4), (1, 0, 3), (1, 1, 9))
    found = migration(*map(np.append, labels_of((ABSENT, 0, 5)), labels_of(*expanded(found))))
    first = found.changes[0]
    assert (first.n_before, first.n_customers) == (15, 16)
    assert (first.n_stayed, first.n_moved, first.n_joined) == (8, 3, 3)
    assert (found.n_common, found.n_stayed, found.n_moved) == (23, 17, 6)
    assert (found.n_arrived, found.n_departed) == (5, 4)


def test_a_number_that_stands_for_other_customers_is_known() -> None:
    found = told((0, 1, 5), (1, 2, 4), (3, 3, 9), (-1, 4, 2))
    assert found.reused == (1,)
    assert told((0, 0, 5), (1, 1, 4)).reused == ()


def expanded(found: Migration) -> list[tuple[int, int, int]]:
    """The groups of customers that were told of."""
    return [
        (ABSENT if old is None else old, ABSENT if new is None else new, n)
        for old, new, n in found.flows
    ]


def test_links_go_from_and_to_in_the_table() -> None:
    frame = told((0, 0, 50), (3, 0, 10), (2, 2, 40), (2, 5, 9)).to_frame()
    assert frame.index.tolist() == [0, 2, 3, 5]
    assert frame["from"].tolist() == ["0, 3", "2", "", "2"]
    assert frame["to"].tolist() == ["0", "2, 5", "0", ""]
    assert frame["n_customers"].tolist() == [60, 40, 0, 9]
    assert list(told((-1, -1, 2)).to_frame()) == list(frame)


def test_the_cross_table_names_noise_and_the_absent_last() -> None:
    groups = [(0, 2, 5), (2, 2, 1), (-1, 0, 2), (0, -1, 3), (ABSENT, 0, 4), (2, ABSENT, 6)]
    table = told(*groups).cross_table()
    assert table.index.tolist() == [0, 2, "noise", "absent"]
    assert table.columns.tolist() == [0, 2, "noise", "absent"]
    assert table.to_numpy().tolist() == [[0, 5, 3, 0], [0, 1, 0, 6], [2, 0, 0, 0], [4, 0, 0, 0]]


pairs = st.lists(
    st.tuples(st.integers(-2, 5), st.integers(-2, 5)), min_size=1, max_size=80
).map(lambda own: tuple(np.array(own).T))  # fmt: skip


@given(pairs)
def test_the_cross_table_is_pandas_own(labels: Any) -> None:
    before, now = labels
    here = (before > ABSENT) | (now > ABSENT)
    titles = {-1: "noise", -2: "absent"}
    ours = migration(before, now).cross_table()
    sides = [pd.Series(side[here]).map(lambda own: titles.get(own, own)) for side in labels]
    theirs = pd.crosstab(sides[0].to_numpy(object), sides[1].to_numpy(object))
    assert ours.to_numpy().sum() == here.sum()
    for old in theirs.index:
        for new in theirs.columns:
            assert ours.loc[old, new] == theirs.loc[old, new]


@given(pairs)
def test_every_customer_is_counted_once(labels: Any) -> None:
    before, now = labels
    found = migration(before, now)
    both = (before > ABSENT) & (now > ABSENT)
    assert found.n_common == both.sum()
    assert found.n_moved == (before[both] != now[both]).sum()
    for own in found.changes:
        assert own.n_before == (before == own.segment).sum()
        assert own.n_customers == (now == own.segment).sum()
        departed = ((before == own.segment) & (now == ABSENT)).sum()
        arrived = ((now == own.segment) & (before == ABSENT)).sum()
        assert own.n_stayed + own.n_moved + departed == own.n_before
        assert own.n_stayed + own.n_joined + arrived == own.n_customers
    assert {own.segment for own in found.changes} == {
        own for own in {*before.tolist(), *now.tolist()} if own >= 0
    }


@given(pairs)
def test_what_is_told_is_ready_for_json_and_names_every_segment(labels: Any) -> None:
    found = migration(*labels)
    written = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert [own["segment"] for own in written["segments"]] == [own.segment for own in found.changes]
    assert sum(flow["n_customers"] for flow in written["flows"]) == sum(n for *_, n in found.flows)
    words = found.sentence.replace(",", " ").replace(";", " ").split()
    for own in found.changes:
        assert str(own.segment) in words


@given(pairs)
def test_backwards_a_split_is_a_merger_and_what_is_new_is_gone(labels: Any) -> None:
    before, now = labels
    there, back = migration(before, now), migration(now, before)
    for one, other in zip(there.changes, back.changes, strict=True):
        assert (one.sources, one.targets) == (other.targets, other.sources)
        assert (one.n_before, one.n_joined) == (other.n_customers, other.n_moved)
        mirrored = {"kept": "kept", "gone": "new", "split": "merged", "merged": "split"}
        used_again = one.n_before and one.n_customers
        expected = mirrored | {"new": "new" if used_again else "gone"}
        if len(one.sources) < 2 or len(one.targets) < 2:
            assert other.status == expected[one.status]


@given(pairs)
def test_a_clustering_that_is_its_own_successor_is_as_it_was(labels: Any) -> None:
    before, _ = labels
    found = migration(before, before)
    assert found.n_moved == 0
    assert set(statuses(found).values()) <= {"kept"}


@given(pairs)
def test_matched_segments_are_never_told_as_new(labels: Any) -> None:
    """What the matching calls the same segment, the migration does not call another."""
    before, now = labels
    numbers = match_labels(before, now)
    renumbered = np.array([numbers.get(own, own) for own in now.tolist()])
    used = {own for own in before.tolist() if own >= 0}
    for own in migration(before, renumbered).changes:
        if own.segment in used and own.n_customers:
            assert own.status != "new"


def test_a_merge_by_hand_after_the_numbers_is_told_as_one(mall: Table) -> None:
    """The whole way: canonical labels, numbers, edits, and what became of each segment."""
    rows, before = np.arange(200), np.repeat([0, 1, 2, 3], 50)
    former = Labelling(mall, rows, before)
    matching = match(former, Labelling(mall, rows, 3 - before))
    assert matching.numbering == (3, 2, 1, 0)
    numbered = np.array(matching.numbering)[3 - before]
    edits = check_edits([{"action": "merge", "segments": [1, 3]}])
    edited = apply_edits(mall.numbers, "euclidean", numbered, rows, edits, 0)
    found = matching.compare(former, Labelling(mall, rows, edited.labels))
    assert found is not None
    assert found.sentence == (
        "Segments 0 and 2 are as they were; 1 and 3 merged into 1; 50 of 200 customers moved."
    )


def test_long_lists_are_cut() -> None:
    assert in_words(range(20)).endswith("17, 18 and 19")
    assert in_words(range(1300)).endswith("17, 18 and 1,281 more")
    assert (customers(0), customers(1)) == ("0 customers", "1 customer")
