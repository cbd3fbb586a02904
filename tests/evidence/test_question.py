"""What may be asked, and what is said of what may not."""

from __future__ import annotations

from typing import Any

import pytest

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.evidence import compare, evidence
from mall_app.evidence.question import ask, check_range
from mall_app.settings import Settings
from tests.core.tables import table_of


@pytest.mark.parametrize(
    ("options", "path", "sentence"),
    [
        ({"ks": []}, "ks", "ks must name at least one number of segments, not []."),
        ({"ks": range(9, 3)}, "ks", "ks must name at least one number of segments, not []."),
        ({"ks": 5}, "ks", "ks must be a list of whole numbers, not 5."),
        ({"ks": "25"}, "ks", "ks must be a list of whole numbers, not '25'."),
        ({"ks": [2, 2.5]}, "ks", "ks must be an integer from 2 to 1000, not 2.5."),
        ({"ks": [True]}, "ks", "ks must be an integer from 2 to 1000, not true."),
        ({"ks": [1, 2]}, "ks", "ks must be an integer from 2 to 1000, not 1."),
        ({"ks": range(2, 53)}, "ks", "ks must name at most 50 numbers of segments."),
        (
            {"ks": [2, 201]},
            "ks",
            "ks must be at most 200, the number of customers that differ in 'Age', "
            "'Annual Income (k$)', 'Spending Score (1-100)', not 201.",
        ),
        (
            {"n_bootstraps": -1},
            "n_bootstraps",
            "n_bootstraps must be an integer from 0 to 1000, not -1.",
        ),
        (
            {"n_references": 2},
            "n_references",
            "n_references must be an integer from 5 to 500, not 2.",
        ),
        *(
            (
                {"minimum_size": value},
                "minimum_size",
                "minimum_size must be a whole number of customers from 1, or a share of them "
                f"between 0 and 1, not {said}.",
            )
            for value, said in [(0, "0"), (-3, "-3"), (1.5, "1.5"), (True, "true"), ("9", "'9'")]
        ),
    ],
)
def test_refusals_word_for_word(
    mall: Table, options: dict[str, Any], path: str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        evidence(mall, Settings(), **options)
    assert str(caught.value) == sentence
    assert caught.value.path == (path,)


def test_not_a_number_is_no_size(mall: Table) -> None:
    for value in (float("nan"), float("inf")):
        with pytest.raises(SettingsError, match="minimum_size must be"):
            evidence(mall, Settings(), minimum_size=value)


@pytest.mark.parametrize("key", [n for n, a in algorithms().items() if not a.needs_n_clusters])
def test_a_method_that_finds_the_number_has_none_to_choose(mall: Table, key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        evidence(mall, Settings(key))
    assert str(caught.value) == (
        f"{key} finds the number of segments itself; there is no number to choose. "
        "Compare it with other algorithms instead."
    )
    assert caught.value.path == ("algorithm",)


def test_a_few_customers_are_asked_about_as_far_as_they_differ() -> None:
    table = table_of(a=[1.0, 1.0, 2.0, 4.0, 9.0])
    assert ask(table, Settings())[0].ks == (2, 3, 4)


def test_numbers_and_edits_of_segments_play_no_part(mall: Table) -> None:
    edited = Settings(
        n_clusters=3, numbering=(2, 1, 0), edits=({"action": "merge", "segments": [0, 1]},)
    )
    assert ask(mall, edited)[0].key == ask(mall, Settings(n_clusters=9))[0].key


@pytest.mark.parametrize(
    ("k_min", "k_max", "expected"),
    [
        (None, None, None),
        (3, None, range(3, 12)),
        (None, 4, range(2, 5)),
        (4, 4, range(4, 5)),
        (2, 51, range(2, 52)),
    ],
)
def test_ranges(k_min: int | None, k_max: int | None, expected: range | None) -> None:
    assert check_range(k_min, k_max) == expected


@pytest.mark.parametrize(
    ("k_min", "k_max", "path", "sentence"),
    [
        (5, 4, "k_max", "k_max must be at least k_min, which is 5, not 4."),
        (1, 4, "k_min", "k_min must be an integer from 2 to 1000, not 1."),
        (2, "4", "k_max", "k_max must be an integer from 2 to 1000, not '4'."),
        (
            2,
            52,
            "k_max",
            "k_max must be at most 51, so that there are at most 50 numbers of segments to "
            "look at, not 52.",
        ),
    ],
)
def test_ranges_that_are_refused(k_min: Any, k_max: Any, path: str, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        check_range(k_min, k_max)
    assert (str(caught.value), caught.value.path) == (sentence, (path,))


@pytest.mark.parametrize(
    ("candidates", "sentence"),
    [
        ([], "candidates must name at least one algorithm, not []."),
        ("kmeans", "candidates must be a list of algorithms, not 'kmeans'."),
        ([3], "candidates must be names of algorithms or settings, not 3."),
        (["kmeans"] * 31, "candidates must be at most 30."),
    ],
)
def test_comparisons_that_are_refused(mall: Table, candidates: Any, sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        compare(mall, candidates)
    assert str(caught.value) == sentence
