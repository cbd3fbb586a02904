from __future__ import annotations

import json
import math
import pickle
from typing import Any

import numpy as np
import pytest

from mall_app.checks import shown
from mall_app.errors import SettingsError
from mall_app.settings import Settings


def refusal(**values: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        Settings.from_mapping(values)
    return caught.value


@pytest.mark.parametrize(
    ("bad", "written"),
    [
        (0, "0"),
        (1, "1"),
        (-3, "-3"),
        (1001, "1001"),
        (1e9, "1000000000.0"),
        (True, "true"),
        (False, "false"),
        ("5", "'5'"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (2.5, "2.5"),
        ([5], "[5]"),
        ({}, "{}"),
        (np.array([3, 4]), "array([3, 4])"),
        pytest.param(10**5000, "an integer of 16610 bits", id="too long to write"),
    ],
)
def test_a_bad_number_of_clusters(bad: Any, written: str) -> None:
    error = refusal(n_clusters=bad)
    assert str(error) == f"n_clusters must be an integer from 2 to 1000, not {written}."
    assert error.path == ("n_clusters",)


@pytest.mark.parametrize("bad", [-1, 2**32, True, "0", None, math.nan, 0.5, 1e300])
def test_a_bad_seed(bad: Any) -> None:
    error = refusal(random_state=bad)
    assert str(error) == (
        f"random_state must be an integer from 0 to 4294967295, not {shown(bad)}."
    )
    assert error.path == ("random_state",)


@pytest.mark.parametrize(
    ("values", "sentence", "path"),
    [
        (
            {"scaling": "standart"},
            "scaling 'standart' is not known: did you mean 'standard'?",
            ("scaling",),
        ),
        ({"scaling": None}, "scaling must be text, not null.", ("scaling",)),
        (
            {"missing": "x"},
            "missing 'x' is not known: it must be one of 'drop', 'median', 'most_frequent'.",
            ("missing",),
        ),
        ({"algorithm": 3}, "algorithm must be text, not 3.", ("algorithm",)),
        ({"algorithm": None}, "algorithm must be text, not null.", ("algorithm",)),
        ({"features": "Age"}, "features must be a list of column names, not 'Age'.", ("features",)),
        ({"features": 7}, "features must be a list of column names, not 7.", ("features",)),
        ({"features": []}, "features must name at least one column, not [].", ("features",)),
        ({"features": ["Age", None]}, "features must be text, not null.", ("features", 1)),
        (
            {"features": ["Age", "Sex", "Age"]},
            "features must not repeat a column, but 'Age' stands twice.",
            ("features", 2),
        ),
        ({"params": None}, "params must be a mapping of names to values, not null.", ("params",)),
        ({"params": [1]}, "params must be a mapping of names to values, not [1].", ("params",)),
        (
            {"n_cluster": 3},
            "'n_cluster' is not a setting: did you mean 'n_clusters'?",
            ("n_cluster",),
        ),
        (
            {"name": "x"},
            "'name' is not a setting: it must be one of 'algorithm', 'n_clusters', "
            "'features', 'scaling', 'missing', 'random_state', 'params', 'distance', 'weights', "
            "'numbering', 'edits', 'engine', 'strategy'.",
            ("name",),
        ),
    ],
)
def test_refusals_word_for_word(
    values: dict[str, Any], sentence: str, path: tuple[str | int, ...]
) -> None:
    error = refusal(**values)
    assert (str(error), error.path) == (sentence, path)


@pytest.mark.parametrize("good", [2, 1000, 5.0, np.int64(5)])
def test_whole_numbers_of_any_kind_become_int(good: Any) -> None:
    value = Settings.from_mapping({"n_clusters": good}).n_clusters
    assert type(value) is int
    assert value == good


def test_no_number_of_clusters_is_allowed_and_left_to_the_algorithm() -> None:
    assert Settings.from_mapping({"n_clusters": None}).n_clusters is None


def test_features_become_plain_text() -> None:
    features = Settings.from_mapping({"features": np.array(["Age", "Sex"])}).features
    assert features == ("Age", "Sex")
    assert {type(name) for name in features or ()} == {str}


def test_nothing_given_is_the_defaults() -> None:
    assert Settings.from_mapping({}) == Settings()
    assert Settings().to_dict() == {
        "algorithm": "kmeans",
        "n_clusters": 5,
        "features": None,
        "scaling": "standard",
        "missing": "drop",
        "random_state": 0,
        "params": {},
        "distance": "euclidean",
        "weights": {},
        "numbering": None,
        "edits": [],
        "engine": "auto",
        "strategy": "auto",
    }


def test_settings_are_frozen_to_the_bottom() -> None:
    params = {"n_init": 3}
    settings = Settings(features=["Age"], params=params)  # type: ignore[arg-type]
    params["n_init"] = 4
    assert settings.params == {"n_init": 3}
    assert settings.features == ("Age",)
    with pytest.raises(TypeError):
        settings.params["n_init"] = 5  # type: ignore[index]
    with pytest.raises(AttributeError):
        settings.scaling = "none"  # type: ignore[misc]


def test_settings_survive_json_and_pickle() -> None:
    settings = Settings("dbscan", None, ("Age",), "none", "median", 7, {"eps": 0.25})
    assert Settings.from_mapping(json.loads(json.dumps(settings.to_dict()))) == settings
    assert pickle.loads(pickle.dumps(settings)) == settings


def test_the_canonical_text_does_not_depend_on_the_order_of_parameters() -> None:
    first = Settings(params={"a": 1, "b": 2})
    assert first.canonical() == Settings(params={"b": 2, "a": 1}).canonical()
    assert first.canonical() != Settings(params={"a": 1, "b": 3}).canonical()


def test_changed_leaves_the_original_alone() -> None:
    settings = Settings()
    assert settings.changed(n_clusters=7).n_clusters == 7
    assert settings.n_clusters == 5


def test_a_long_value_is_cut() -> None:
    assert shown("x" * 500) == f"'{'x' * 79}..."
