"""Edits: what may be asked, and what it does to the segments."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

from mall_app.edits.applying import Edited, apply_edits, move_pins, numbers_in_edits, usable_edits
from mall_app.edits.form import MOST_EDITS, MOST_ROWS, check_edits, plain_edits
from mall_app.edits.splitting import k_medians, split_points
from mall_app.errors import SettingsError

FloatArray = npt.NDArray[np.float64]
MERGE = {"action": "merge", "segments": [0, 1]}
SPLIT = {"action": "split", "segment": 0, "into": 2}
PIN = {"action": "pin", "segment": 0, "rows": [3]}
RENAME = {"action": "rename", "segment": 0, "name": "VIP"}
ACTIONS = "it must be one of 'merge', 'split', 'pin', 'rename'."


def refused(value: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        check_edits(value)
    return caught.value


@pytest.mark.parametrize(
    ("value", "sentence", "path"),
    [
        (None, "edits must be a list, not null.", ("edits",)),
        ("merge", "edits must be a list, not 'merge'.", ("edits",)),
        (MERGE, f"edits must be a list, not {MERGE!r}.", ("edits",)),
        (
            [MERGE] * (MOST_EDITS + 1),
            "edits must have at most 100 entries, not more.",
            ("edits",),
        ),
        (["x"], "edits[0] must be a mapping with an action, not 'x'.", ("edits", 0)),
        ([{}], f"edits[0] needs an action: {ACTIONS}", ("edits", 0, "action")),
        (
            [RENAME, {"action": 3}],
            "edits[1].action must be text, not 3.",
            ("edits", 1, "action"),
        ),
        (
            [{"action": "merg"}],
            "edits[0].action 'merg' is not known: did you mean 'merge'?",
            ("edits", 0, "action"),
        ),
        (
            [MERGE | {"segment": 1}],
            "edits[0]: merge has no 'segment': did you mean 'segments'?",
            ("edits", 0, "segment"),
        ),
        (
            [{"action": "split", "segment": 0}],
            "edits[0]: split needs 'into'.",
            ("edits", 0, "into"),
        ),
        (
            [{"action": "rename", "segment": 0}],
            "edits[0]: rename needs 'name', 'note' or both.",
            ("edits", 0, "name"),
        ),
    ],
)
def test_an_edit_of_a_wrong_form(value: Any, sentence: str, path: tuple[str | int, ...]) -> None:
    error = refused(value)
    assert (str(error), error.path) == (sentence, path)


@pytest.mark.parametrize(
    ("edit", "sentence", "path"),
    [
        (
            MERGE | {"segments": [0, -1]},
            "an entry of edits[0].segments must be an integer from 0 to 9999, not -1.",
            ("segments", 1),
        ),
        (
            MERGE | {"segments": [2]},
            "edits[0].segments must name at least two segments to merge, not [2].",
            ("segments",),
        ),
        (
            MERGE | {"segments": []},
            "edits[0].segments must have at least one entry, not [].",
            ("segments",),
        ),
        (
            MERGE | {"segments": [0, 1, 0]},
            "edits[0].segments must not repeat an entry, but 0 stands twice.",
            ("segments", 2),
        ),
        (MERGE | {"segments": "01"}, "edits[0].segments must be a list, not '01'.", ("segments",)),
        (
            SPLIT | {"segment": True},
            "edits[0].segment must be an integer from 0 to 9999, not true.",
            ("segment",),
        ),
        (SPLIT | {"into": 11}, "edits[0].into must be an integer from 2 to 10, not 11.", ("into",)),
        (
            SPLIT | {"numbers": [5, 6]},
            "edits[0].numbers must have a number for each part but the first, 1 in all, not 2.",
            ("numbers",),
        ),
        (
            PIN | {"rows": [1.5]},
            "an entry of edits[0].rows must be an integer from 0 to 9007199254740991, not 1.5.",
            ("rows", 0),
        ),
        (
            PIN | {"rows": range(MOST_ROWS + 1)},
            "edits[0].rows must have at most 10,000 entries, not more.",
            ("rows",),
        ),
        (RENAME | {"name": 7}, "edits[0].name must be text, not 7.", ("name",)),
        (RENAME | {"name": None}, "edits[0].name must be text, not null.", ("name",)),
        (RENAME | {"name": "  "}, "edits[0].name must not be empty, but is '  '.", ("name",)),
        (
            RENAME | {"name": "x" * 81},
            "edits[0].name must have at most 80 characters, not 81.",
            ("name",),
        ),
        (
            RENAME | {"note": "x" * 501},
            "edits[0].note must have at most 500 characters, not 501.",
            ("note",),
        ),
        *(
            (
                RENAME | {key: f"a{character}b"},
                f"edits[0].{key} must not hold control characters, but holds {code}.",
                (key,),
            )
            for key in ("name", "note")
            for character, code in [
                ("\0", "U+0000"), ("\n", "U+000A"), ("\x7f", "U+007F"), ("\x85", "U+0085"),
                ("\u2028", "U+2028"), ("\u202e", "U+202E"), ("\ud800", "U+D800"),
            ]
        ),
    ],
)  # fmt: skip
def test_a_value_that_breaks_a_rule(edit: Any, sentence: str, path: tuple[str | int, ...]) -> None:
    error = refused([edit])
    assert (str(error), error.path) == (sentence, ("edits", 0, *path))


def test_names_in_other_scripts_and_with_joined_emoji_pass() -> None:
    for name in ("Große Käufer", "سفارش\u200cها", "👩\u200d💻", "x" * 80):
        assert check_edits([RENAME | {"name": name}])[0]["name"] == name


def test_equal_edits_have_one_form_that_is_read_only_and_ready_for_json() -> None:
    one = check_edits([MERGE | {"segments": [3, np.int64(1), 2.0]}, PIN | {"rows": (9, 4)}])
    other = check_edits(
        [{"segments": [1, 2, 3], "action": "merge"}, PIN | {"rows": np.array([4, 9])}]
    )
    assert one == other
    written = json.dumps(plain_edits(one))
    assert written == json.dumps(plain_edits(other))
    assert check_edits(json.loads(written)) == one == check_edits(one)
    with pytest.raises(TypeError):
        one[0]["segments"] = ()  # type: ignore[index]


def test_an_endless_list_is_refused_without_being_read_to_its_end() -> None:
    def endless() -> Any:
        while True:
            yield MERGE

    assert refused(endless()).path == ("edits",)


# Six customers on a line, in three segments of two, the last customer noise; rows 2 apart.
LINE = np.array([[0.0], [1.0], [10.0], [12.0], [30.0], [33.0], [99.0]])
LABELS = np.array([0, 0, 1, 1, 4, 4, -1])
ROWS = np.arange(0, 14, 2)


def applied(*edits: Any, labels: Any = LABELS, metric: Any = "euclidean") -> Edited:
    return apply_edits(LINE, metric, labels, ROWS, check_edits(edits), 0, n_rows=14)


def test_a_merge_keeps_the_smallest_number_and_says_so() -> None:
    edited = applied({"action": "merge", "segments": [4, 1]})
    assert edited.labels.tolist() == [0, 0, 1, 1, 1, 1, -1]
    assert edited.sentences == ("Segments 1 and 4 were merged into 1, of 4 customers.",)
    assert LABELS.tolist() == [0, 0, 1, 1, 4, 4, -1]


@pytest.mark.parametrize("metric", ["euclidean", "cityblock"])
def test_the_largest_part_of_a_split_keeps_the_number(metric: Any) -> None:
    merged = {"action": "merge", "segments": [0, 1, 4]}
    edited = applied(merged, {"action": "split", "segment": 0, "into": 2}, metric=metric)
    assert edited.labels.tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert edited.sentences[1] == "Segment 0 was split into 0 (4) and 1 (2), of 6 customers."
    assert plain_edits(edited.edits)[1]["numbers"] == [1]


def test_parts_take_the_numbers_above_the_largest_or_those_they_are_given() -> None:
    split = {"action": "split", "segment": 1, "into": 2}
    assert applied(split).labels.tolist() == [0, 0, 1, 5, 4, 4, -1]
    assert applied(split | {"numbers": [2]}).labels.tolist() == [0, 0, 1, 2, 4, 4, -1]


def test_a_settled_split_means_the_same_when_there_are_more_segments() -> None:
    settled = applied({"action": "split", "segment": 1, "into": 2}).edits
    more = np.array([0, 0, 1, 1, 4, 7, -1])
    edited = apply_edits(LINE, "euclidean", more, ROWS, settled, 0)
    assert edited.labels.tolist() == [0, 0, 1, 5, 4, 7, -1]


def test_pinned_customers_are_in_the_segment_even_if_they_were_noise() -> None:
    edited = applied({"action": "pin", "segment": 1, "rows": [12, 0, 4]})
    assert edited.labels.tolist() == [1, 0, 1, 1, 4, 4, 1]
    assert edited.sentences == (
        "Segment 1 holds 3 customers a person put there, of whom 1 was in it already.",
    )


def test_a_pin_of_customers_that_are_there_says_that_they_are_kept() -> None:
    edited = applied({"action": "pin", "segment": 1, "rows": [4, 6]})
    assert edited.labels.tolist() == LABELS.tolist()
    assert edited.sentences == ("Segment 1 keeps 2 customers a person pinned in it.",)


def test_a_pin_creates_its_segment_again_and_may_empty_another() -> None:
    edited = applied(
        {"action": "merge", "segments": [0, 1]},
        {"action": "pin", "segment": 1, "rows": [8, 10]},
        {"action": "rename", "segment": 1, "name": "Again"},
    )
    assert edited.labels.tolist() == [0, 0, 0, 0, 1, 1, -1]
    assert edited.names == {1: "Again"}


def test_names_and_notes_are_those_given_last_to_segments_still_there() -> None:
    edited = applied(
        {"action": "rename", "segment": 0, "name": "First", "note": "ask Ann"},
        {"action": "rename", "segment": 0, "name": "Second"},
        {"action": "rename", "segment": 1, "name": "Gone", "note": "gone"},
        {"action": "rename", "segment": 4, "note": "kept"},
        {"action": "rename", "segment": 4, "note": ""},
        {"action": "merge", "segments": [0, 1]},
    )
    assert edited.names == {0: "Second"}
    assert edited.notes == {0: "ask Ann"}
    assert edited.sentences[0] == "Segment 0 is called 'First' and has a note."
    assert edited.sentences[4] == "Segment 4 has no note."


@pytest.mark.parametrize(
    ("edits", "sentence", "path"),
    [
        (
            [{"action": "merge", "segments": [0, 2, 4]}],
            "There is no segment 2 to merge; there are 0, 1 and 4.",
            (0, "segments"),
        ),
        (
            [MERGE, RENAME | {"segment": 1}],
            "There is no segment 1 to rename; there are 0 and 4.",
            (1, "segment"),
        ),
        (
            [SPLIT | {"segment": 9}],
            "There is no segment 9 to split; there are 0, 1 and 4.",
            (0, "segment"),
        ),
        (
            [SPLIT | {"into": 3}],
            "edits[0].into must be at most 2, the number of customers in segment 0 that differ in "
            "the features, not 3.",
            (0, "into"),
        ),
        (
            [SPLIT | {"numbers": [4]}],
            "edits[0].numbers must not be in use, but segment 4 is there.",
            (0, "numbers"),
        ),
        (
            [{"action": "pin", "segment": 9999, "rows": [0]}, SPLIT | {"segment": 1}],
            "edits[1].into leaves no number for the new parts: the largest in use is 9999 and none "
            "may be above 9999; give 'numbers'.",
            (1, "into"),
        ),
        (
            [PIN | {"rows": [0, 14]}],
            "edits[0].rows must be customers that were clustered, but row 14 is not in the table, "
            "whose rows are 0 to 13.",
            (0, "rows"),
        ),
        (
            [PIN | {"rows": [0, 3]}],
            "edits[0].rows must be customers that were clustered, but the customer in row 3 was "
            "left out for a missing feature.",
            (0, "rows"),
        ),
    ],
)
def test_an_edit_that_does_not_fit(edits: Any, sentence: str, path: tuple[str | int, ...]) -> None:
    with pytest.raises(SettingsError) as caught:
        applied(*edits)
    assert (str(caught.value), caught.value.path) == (sentence, ("edits", *path))


def test_without_any_segment_the_sentence_says_so() -> None:
    with pytest.raises(
        SettingsError, match="There is no segment 0 to rename; there is none at all."
    ):
        applied(RENAME, labels=np.full(7, -1))


def test_edits_that_no_longer_fit_are_told_apart_from_the_others() -> None:
    edits = check_edits([RENAME | {"segment": 3}, MERGE, RENAME | {"segment": 1}, RENAME])
    usable, reasons = usable_edits(LINE, "euclidean", LABELS, ROWS, edits, 0)
    assert plain_edits(usable) == plain_edits([edits[1], edits[3]])
    assert reasons == (
        "There is no segment 3 to rename; there are 0, 1 and 4.",
        "There is no segment 1 to rename; there are 0 and 4.",
    )
    assert apply_edits(LINE, "euclidean", LABELS, ROWS, usable, 0).names == {0: "VIP"}


def test_pins_follow_their_customers_to_another_table() -> None:
    edits = check_edits([MERGE, PIN | {"rows": [0, 1, 2, 9]}, PIN | {"rows": [1]}])
    moved, lost = move_pins(edits, [5, -1, 3])
    assert plain_edits(moved) == [MERGE, PIN | {"rows": [3, 5]}]
    assert lost == 3


def test_numbers_that_edits_speak_of() -> None:
    edits = [MERGE, SPLIT | {"segment": 2, "numbers": [8]}, PIN | {"segment": 5}, RENAME]
    assert numbers_in_edits(check_edits(edits)) == {0, 1, 2, 5, 8}


def one_edit(draw: st.DrawFn, there: list[int]) -> dict[str, Any]:
    segment = draw(st.sampled_from(there))
    kinds = ["pin", "rename", *(["merge"] if len(there) > 1 else [])]
    kind = draw(st.sampled_from(kinds))
    if kind == "merge":
        pair = draw(st.lists(st.sampled_from(there), min_size=2, max_size=3, unique=True))
        return {"action": "merge", "segments": pair}
    if kind == "pin":
        rows = draw(st.lists(st.integers(0, 39), min_size=1, max_size=9, unique=True))
        return {"action": "pin", "segment": segment, "rows": rows}
    return {"action": "rename", "segment": segment, "name": draw(st.sampled_from("abc"))}


@st.composite
def edit_lists(draw: st.DrawFn) -> list[dict[str, Any]]:
    """A split of a segment that is there, after edits drawn among those there at their turn."""
    values, labels, edits = *a_clustering(), []
    for _ in range(draw(st.integers(0, 5))):
        there = np.unique(replayed(values, labels, edits).labels).tolist()
        edits.append(one_edit(draw, there))
    there, sizes = np.unique(replayed(values, labels, edits).labels, return_counts=True)
    edits.append({"action": "split", "segment": int(there[sizes.argmax()]), "into": 3})
    return edits


def a_clustering() -> tuple[FloatArray, npt.NDArray[np.int64]]:
    generator = np.random.default_rng(3)
    return generator.normal(size=(40, 2)), generator.integers(0, 4, 40)


def replayed(values: FloatArray, labels: Any, edits: list[dict[str, Any]]) -> Edited:
    return apply_edits(values, "euclidean", labels, np.arange(40), check_edits(edits), 0)


@settings(max_examples=40, deadline=None)
@given(edit_lists())
def test_a_replay_gives_the_same_and_undo_is_the_list_without_its_last(edits: list[Any]) -> None:
    values, labels = a_clustering()
    once, again = replayed(values, labels, edits), replayed(values, labels, edits)
    settled = replayed(values, labels, plain_edits(once.edits))
    for other in (again, settled):
        assert once.labels.tolist() == other.labels.tolist()
        assert (once.names, once.notes, once.sentences) == (
            other.names,
            other.notes,
            other.sentences,
        )
    undone = replayed(values, labels, edits[:-1])
    changed = once.labels != undone.labels
    assert set(undone.labels[changed]) == {edits[-1]["segment"]}
    assert set(once.names) <= set(once.labels.tolist())


def test_a_split_is_as_tight_as_scikit_learns_and_its_largest_part_is_first() -> None:
    values = np.random.default_rng(0).normal(size=(200, 3))
    labels = split_points(values, "euclidean", 4, 0)
    parts = [values[labels == own] for own in range(4)]
    ours = sum(float(((own - own.mean(axis=0)) ** 2).sum()) for own in parts)
    assert ours <= KMeans(4, n_init=10, random_state=0).fit(values).inertia_ * 1.02
    assert list(map(len, parts)) == sorted(map(len, parts), reverse=True)


def best_of_all(values: FloatArray, n_parts: int) -> float:
    """The least sum of cityblock distances to medians, over every partition of a few rows."""
    codes = np.stack(np.meshgrid(*[np.arange(n_parts)] * len(values)), axis=-1).reshape(
        -1, len(values)
    )
    return min(cost(values, own) for own in codes if len(np.unique(own)) == n_parts)


def cost(values: FloatArray, labels: Any) -> float:
    parts = [values[labels == own] for own in np.unique(labels)]
    return sum(float(cdist(own, [np.median(own, axis=0)], "cityblock").sum()) for own in parts)


@pytest.mark.parametrize("seed", range(5))
def test_k_medians_of_a_few_rows_is_the_best_there_is(seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=(9, 2))
    assert cost(values, k_medians(values, 2, 0)) == pytest.approx(best_of_all(values, 2))


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 10), st.integers(0, 2**32 - 1), st.booleans())
def test_k_medians_uses_every_part_and_never_parts_equal_rows(
    n_parts: int, seed: int, categories: bool
) -> None:
    generator = np.random.default_rng(seed)
    values = generator.integers(0, 2 if categories else 3, size=(60, 5)).astype(float)
    distinct, places = np.unique(values, axis=0, return_inverse=True)
    labels = k_medians(values, min(n_parts, len(distinct)), seed)
    assert set(labels.tolist()) == set(range(min(n_parts, len(distinct))))
    assert len(np.unique(np.stack([places, labels]), axis=1).T) == len(distinct)


def test_many_rows_are_split_from_a_sample_and_the_same_every_time() -> None:
    generator = np.random.default_rng(1)
    groups = np.repeat([0, 1, 2], [6_000, 3_500, 1_500])
    values = np.array([[0.0, 0.0], [6.0, 0.0], [0.0, 6.0]])[groups]
    values += generator.laplace(size=values.shape) * 0.5
    for metric in ("euclidean", "cityblock"):
        labels = split_points(values, metric, 3, 5)
        assert adjusted_rand_score(groups, labels) > 0.99
        assert (labels == split_points(values, metric, 3, 5)).all()


def test_a_sample_that_misses_the_rare_values_is_not_used() -> None:
    values = np.zeros((20_000, 1))
    values[:2] = [[5.0], [9.0]]
    labels = k_medians(values, 3, 0)
    assert sorted(np.bincount(labels).tolist()) == [1, 1, 19_998]
