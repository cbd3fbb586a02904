from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

import mall_app
from mall_app import ClusteringModel
from mall_app.data.table import Table
from mall_app.errors import DataError, SettingsError, WorkbenchError
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of
from tests.core.watching import assert_refused, state


def test_the_public_names() -> None:
    assert sorted(mall_app.__all__) == [
        "ClusteringModel",
        "__version__",
        "listening",
        "load_customers",
        "open_table",
        "progress_line",
        "read_query",
        "read_table",
        "write_parquet",
    ]
    for name in mall_app.__all__:
        assert getattr(mall_app, name)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = mall_app.nothing


def test_a_new_model_has_a_result_of_the_mall_table(fits: list[Settings]) -> None:
    model = ClusteringModel()
    assert len(fits) == 1
    assert model.result.n_rows == 200
    assert model.features == list(model.table.numeric)
    assert model.receipt == model.result.receipt


def test_the_agreed_scores() -> None:
    model = ClusteringModel(features=INCOME_AND_SPENDING, scaling="none")
    assert model.result.silhouette_score == pytest.approx(0.553932, abs=5e-7)
    assert model.result.inertia == pytest.approx(44448.46, abs=0.005)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("algorithm", "agglomerative"),
        ("n_clusters", 4),
        ("features", ["Age", "Gender"]),
        ("scaling", "minmax"),
        ("missing", "median"),
        ("random_state", 9),
    ],
)
def test_one_change_is_one_fit_and_one_result(
    model: ClusteringModel, fits: list[Settings], name: str, value: Any
) -> None:
    seen: list[Any] = []
    model.param.watch(lambda event: seen.append(event.new), "result")
    setattr(model, name, value)
    assert len(fits) == 1
    assert seen == [model.result]
    expected = tuple(value) if name == "features" else value
    assert getattr(model.result.settings, name) == expected


def test_the_same_value_again_is_no_fit(model: ClusteringModel, fits: list[Settings]) -> None:
    model.n_clusters = model.n_clusters
    model.scaling = "standard"
    assert fits == []


def test_several_changes_at_once_are_one_fit(model: ClusteringModel, fits: list[Settings]) -> None:
    model.update(algorithm="dbscan", params={"eps": 0.4}, scaling="robust", features=["Age"])
    assert len(fits) == 1
    used = model.result.settings
    assert (used.algorithm, used.scaling, used.features) == ("dbscan", "robust", ("Age",))
    assert used.params == {"eps": 0.4, "min_samples": 5}


def test_a_change_of_an_own_parameter_is_one_fit(
    model: ClusteringModel, fits: list[Settings]
) -> None:
    model.method.n_init = 3
    assert [own.params["n_init"] for own in fits] == [3]
    assert model.result.settings.params["n_init"] == 3


def test_after_a_switch_only_the_new_algorithm_is_followed(
    model: ClusteringModel, fits: list[Settings]
) -> None:
    old = model.method
    model.algorithm = "dbscan"
    assert model.method.key == "dbscan"
    assert len(fits) == 1
    old.n_init = 7
    assert len(fits) == 1
    model.method.eps = 0.7
    assert len(fits) == 2
    assert model.result.settings.params == {"eps": 0.7, "min_samples": 5}


def test_update_keeps_own_parameters_unless_the_algorithm_changes(model: ClusteringModel) -> None:
    model.update(params={"n_init": 3})
    model.update(n_clusters=4)
    assert model.method.params()["n_init"] == 3
    model.update(params={"max_iter": 50})
    assert model.method.params() == {"n_init": 10, "init": "k-means++", "max_iter": 50, "tol": 1e-4}
    model.update(algorithm="bisecting_kmeans")
    assert model.method.params()["max_iter"] == 300


def test_update_with_no_number_or_features_means_their_defaults(model: ClusteringModel) -> None:
    model.update(algorithm="dbscan", n_clusters=None, features=None)
    assert model.result.settings.n_clusters is None
    assert model.features == list(model.table.numeric)
    assert model.n_clusters == 5


def test_an_update_of_nothing_is_no_fit(model: ClusteringModel, fits: list[Settings]) -> None:
    model.update()
    assert fits == []


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("n_clusters", 201, "n_clusters must be at most the 200 customers there are, not 201."),
        (
            "n_clusters",
            0,
            "Integer parameter 'ClusteringModel.n_clusters' must be at least 2, not 0.",
        ),
        (
            "n_clusters",
            1,
            "Integer parameter 'ClusteringModel.n_clusters' must be at least 2, not 1.",
        ),
        ("features", [], "features must name at least one column, not []."),
        ("features", ["Age", "Age"], "features must not repeat a column, but 'Age' stands twice."),
        ("features", ["Agee"], "features names 'Agee', which is not a column: did you mean 'Age'?"),
        ("random_state", True, "random_state must be an integer from 0 to 4294967295, not true."),
    ],
)
def test_a_refused_change_leaves_everything_as_it_was(
    model: ClusteringModel, name: str, value: Any, sentence: str
) -> None:
    assert_refused(model, lambda: setattr(model, name, value), sentence)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"n_clusters": 201}, "n_clusters must be at most the 200 customers there are, not 201."),
        (
            {"scaling": "none", "n_clusters": "5"},
            "n_clusters must be an integer from 2 to 1000, not '5'.",
        ),
        (
            {"algorithm": "dbscan", "n_clusters": 0},
            "n_clusters must be an integer from 2 to 1000, not 0.",
        ),
        ({"algorithm": "dbscam"}, "algorithm 'dbscam' is not known: did you mean 'dbscan'?"),
        (
            {"algorithm": "dbscan", "params": {"eps": float("nan")}},
            "eps must be more than 0 and at most 1e+09, not nan.",
        ),
        (
            {"params": {"eps": 1}},
            "'eps' is not a parameter of kmeans: it must be one of 'n_init', "
            "'init', 'max_iter', 'tol'.",
        ),
        (
            {"k": 1},
            "'k' is not a setting: it must be one of 'algorithm', 'n_clusters', "
            "'features', 'scaling', 'missing', 'random_state', 'params', 'distance', 'weights', "
            "'numbering', 'edits', 'engine', 'strategy'.",
        ),
        (
            {"algorithm": "hdbscan", "params": {"min_cluster_size": 300}},
            "min_cluster_size must be at most the 200 customers there are, not 300.",
        ),
    ],
)
def test_a_refused_update_leaves_everything_as_it_was(
    model: ClusteringModel, changes: dict[str, Any], sentence: str
) -> None:
    assert_refused(model, lambda: model.update(**changes), sentence)


def test_a_refused_own_parameter_leaves_everything_as_it_was(model: ClusteringModel) -> None:
    model.algorithm = "hdbscan"
    before = state(model)
    with pytest.raises(SettingsError) as caught:
        model.method.min_cluster_size = 300
    assert state(model) == before
    assert model.error is caught.value
    model.method.min_cluster_size = 20
    assert model.result.settings.params["min_cluster_size"] == 20


@pytest.mark.parametrize(
    ("arguments", "error", "sentence"),
    [
        (
            {"n_cluster": 1},
            SettingsError,
            "'n_cluster' is not a setting: did you mean 'n_clusters'?",
        ),
        (
            {"name": "x"},
            SettingsError,
            "'name' is not a setting: it must be one of 'algorithm', "
            "'n_clusters', 'features', 'scaling', 'missing', 'random_state', 'distance', "
            "'weights', 'numbering', 'edits', 'engine', 'strategy', 'params'.",
        ),
        ({"data": [1, 2]}, DataError, "The data must be a pandas DataFrame or a path, not list."),
        ({"data": pd.DataFrame()}, DataError, "The table is empty: it has 0 rows and 0 columns."),
        (
            {"data": pd.DataFrame({"a": ["x", "y"]})},
            DataError,
            "The table has no numeric column to cluster on; its columns are 'a'.",
        ),
        (
            {"data": pd.DataFrame({"a": [4.0, 4.0]})},
            DataError,
            "All 2 customers are equal in 'a'; there is nothing to tell apart.",
        ),
        (
            {"data": pd.DataFrame({"a": [4.0]})},
            DataError,
            "There is one customer to cluster; at least two are needed.",
        ),
        (
            {"data": pd.DataFrame({"a": [1.0, 2.0, 3.0]})},
            SettingsError,
            "n_clusters must be at most the 3 customers there are, not 5.",
        ),
    ],
)
def test_a_model_that_cannot_be_made(
    arguments: dict[str, Any], error: type[WorkbenchError], sentence: str
) -> None:
    with pytest.raises(error) as caught:
        ClusteringModel(**arguments)
    assert str(caught.value) == sentence


def test_table_and_result_cannot_be_set_from_outside(model: ClusteringModel) -> None:
    table = table_of(x=[1.0, 2, 30, 31])
    result = fit(table, Settings(n_clusters=2))
    for name, value in (("table", table), ("result", result), ("error", SettingsError("No."))):
        with pytest.raises(TypeError, match="cannot be modified"):
            setattr(model, name, value)


def test_two_models_share_nothing(mall: Table) -> None:
    first, second = ClusteringModel(mall), ClusteringModel(mall)
    first.update(algorithm="dbscan", params={"eps": 0.9})
    first.features = ["Age"]
    assert second.algorithm == "kmeans"
    assert second.method is not first.method
    assert len(second.features) == 3
    assert ClusteringModel.features == []


def test_sweep_and_labelled_follow_the_settings(model: ClusteringModel) -> None:
    model.update(features=INCOME_AND_SPENDING, scaling="none")
    assert model.sweep([1]).scores["inertia"].tolist() == pytest.approx([269981.28], abs=0.005)
    frame = model.labelled()
    np.testing.assert_array_equal(frame["segment"].to_numpy(dtype=int), model.result.labels)
    assert len(frame.columns) == 6
