from __future__ import annotations

import importlib.metadata
import json
import math
import pickle
import platform
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mall_app
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit, resolve
from mall_app.labelled import labelled
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of

AGREED = Settings(features=INCOME_AND_SPENDING, scaling="none", params={"n_init": 10})
GAPS = {"a": [1.0, np.nan, 2.0, 50.0, 51.0, 52.0], "b": ["x", "y", "x", "y", "x", "y"]}


@pytest.fixture(scope="module")
def agreed(mall: Table) -> ClusteringResult:
    return fit(mall, AGREED)


def refusal(table: Table, **settings: Any) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        fit(table, Settings(**settings))
    return caught.value


def test_the_agreed_scores(agreed: ClusteringResult) -> None:
    assert agreed.inertia == pytest.approx(44448.46, abs=0.005)
    assert agreed.silhouette_score == pytest.approx(0.553932, abs=5e-7)
    assert agreed.davies_bouldin_score == pytest.approx(0.572563, abs=5e-7)
    assert agreed.calinski_harabasz_score == pytest.approx(247.358993, abs=5e-7)


def test_the_agreed_segments(agreed: ClusteringResult) -> None:
    assert [own.size for own in agreed.profiles] == [81, 39, 35, 23, 22]
    assert np.bincount(agreed.labels).tolist() == [81, 39, 35, 23, 22]


@pytest.mark.parametrize(
    ("settings", "sentence", "path"),
    [
        (
            {"n_clusters": 201},
            "n_clusters must be at most the 200 customers there are, not 201.",
            ("n_clusters",),
        ),
        (
            {"n_clusters": 3, "features": ("Gender",)},
            "n_clusters must be at most 2, the number of customers that differ in 'Gender', not 3.",
            ("n_clusters",),
        ),
        ({"n_clusters": None}, "n_clusters is needed by kmeans, not null.", ("n_clusters",)),
        (
            {"n_clusters": 1},
            "n_clusters must be an integer from 2 to 1000, not 1.",
            ("n_clusters",),
        ),
        (
            {"algorithm": "k-means"},
            "algorithm 'k-means' is not known: did you mean 'kmeans'?",
            ("algorithm",),
        ),
        (
            {"params": {"eps": 1}},
            "'eps' is not a parameter of kmeans: it must be one of 'n_init', "
            "'init', 'max_iter', 'tol'.",
            ("params", "eps"),
        ),
    ],
)
def test_refusals_word_for_word(
    mall: Table, settings: dict[str, Any], sentence: str, path: tuple[str, ...]
) -> None:
    error = refusal(mall, **settings)
    assert (str(error), error.path) == (sentence, path)


def test_a_refused_number_says_how_many_customers_were_left_out() -> None:
    table = table_of(a=[*range(20)], b=[1.0, 2.0, 3.0, 4.0, *[None] * 16])
    assert str(refusal(table, n_clusters=5)) == (
        "n_clusters must be at most the 4 customers there are (16 of 20 were left out for a "
        "missing feature), not 5."
    )


@pytest.mark.parametrize("key", list(algorithms()))
def test_as_many_segments_as_customers_and_two_customers(key: str) -> None:
    table = table_of(a=[1.0, 2.0, 4.0, 8.0])
    params = {"min_cluster_size": 2} if key == "hdbscan" else {}
    for rows, k in ((4, 4), (2, 2)):
        part = Table.from_frame(table.frame.iloc[:rows])
        result = fit(part, Settings(key, k, params=params))
        assert len(result.labels) == rows
        json.dumps(result.to_dict(), allow_nan=False)


def test_resolved_settings_name_everything(mall: Table) -> None:
    resolved = resolve(mall, Settings("dbscan", 7))
    assert resolved.n_clusters is None
    assert resolved.features == ("Age", "Annual Income (k$)", "Spending Score (1-100)")
    assert resolved.params == {"eps": 0.5, "min_samples": 5}
    assert resolve(mall, resolved) == resolved


def test_equal_work_looks_equal(mall: Table) -> None:
    short = resolve(mall, Settings("dbscan", None, params={"eps": 1}))
    long = resolve(mall, Settings("dbscan", 9, mall.numeric, params={"min_samples": 5, "eps": 1.0}))
    assert short.canonical() == long.canonical()


def test_a_result_is_frozen(agreed: ClusteringResult) -> None:
    with pytest.raises(AttributeError):
        agreed.n_rows = 3  # type: ignore[misc]
    for array in (agreed.labels, agreed.rows, agreed.silhouette):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError):
        agreed.metrics["inertia"] = 1  # type: ignore[index]


def test_changing_an_answer_does_not_change_the_result(agreed: ClusteringResult) -> None:
    answer = agreed.to_dict()
    before = json.dumps(answer)
    answer["segments"][0]["numeric"]["Age"]["mean"] = -1
    answer["segments"][0]["categorical"]["Gender"]["Male"] = -1
    answer["labels"][0] = -5
    answer["metrics"]["inertia"]["value"] = -1
    answer["receipt"]["settings"]["n_clusters"] = -1
    assert json.dumps(agreed.to_dict()) == before


def test_the_answer_is_json_with_the_agreed_keys(agreed: ClusteringResult) -> None:
    answer = agreed.to_dict()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer
    assert list(answer) == [
        "model_name",
        "n_clusters",
        "n_noise",
        "silhouette_score",
        "davies_bouldin_score",
        "calinski_harabasz_score",
        "labels",
        "segments",
        "contributions",
        "metrics",
        "warnings",
        "edits_done",
        "receipt",
    ]
    assert (answer["model_name"], answer["n_clusters"], answer["n_noise"]) == ("kmeans", 5, 0)
    assert set(answer["metrics"]) == {
        "silhouette_score",
        "davies_bouldin_score",
        "calinski_harabasz_score",
        "inertia",
    }


def test_the_receipt_says_how(agreed: ClusteringResult, mall: Table) -> None:
    receipt = agreed.receipt
    assert receipt["data"] == {
        "sha256": mall.sha256,
        "rows": 200,
        "rows_used": 200,
        "columns": list(mall.frame),
    }
    assert fit(mall, Settings.from_mapping(receipt["settings"])).to_dict() == agreed.to_dict()
    versions = receipt["versions"]
    assert versions.pop("mall_app") == mall_app.__version__
    assert versions.pop("python") == platform.python_version()
    assert set(versions) >= {"numpy", "scipy", "scikit-learn", "pandas", "genieclust", "kmedoids"}
    assert versions == {name: importlib.metadata.version(name) for name in versions}


def test_a_result_survives_pickling(agreed: ClusteringResult) -> None:
    again = pickle.loads(pickle.dumps(agreed))
    assert again.to_dict() == agreed.to_dict()
    assert not again.labels.flags.writeable
    with pytest.raises(TypeError):
        again.metrics["inertia"] = 1


def test_customers_left_out_have_no_label() -> None:
    table = table_of(**GAPS)
    result = fit(table, Settings(n_clusters=2))
    assert result.rows.tolist() == [0, 2, 3, 4, 5]
    assert result.labels_of_rows() == [1, None, 1, 0, 0, 0]
    assert result.warnings == ("1 of 6 customers were left out for a missing feature.",)
    frame = labelled(table, result)
    assert frame["segment"].dtype == "Int64"
    assert frame["segment"].isna().tolist() == [False, True, False, False, False, False]
    assert "segment" not in table.frame


def test_a_filled_customer_has_a_label_and_a_profile_without_the_filling() -> None:
    result = fit(table_of(**GAPS), Settings(n_clusters=2, missing="median"))
    assert None not in result.labels_of_rows()
    assert sum(own.size for own in result.profiles) == 6
    filled = next(own for own in result.profiles if own.segment == result.labels[1])
    assert filled.numeric["a"].mean == pytest.approx(51.0)


def test_a_column_named_segment_is_kept() -> None:
    table = table_of(segment=[1.0, 2, 50], segment_2=[1, 2, 3])
    frame = labelled(table, fit(table, Settings(n_clusters=2, features=("segment",))))
    assert list(frame) == ["segment", "segment_2", "segment_3"]
    assert frame["segment_3"].tolist() == [0, 0, 1]


def test_the_index_of_the_frame_plays_no_part() -> None:
    frame = pd.DataFrame({"a": [1.0, 2, 50, 51]}, index=["z", "z", "y", "x"])
    table = Table.from_frame(frame)
    result = fit(table, Settings(n_clusters=2))
    assert labelled(table, result)["segment"].tolist() == [1, 1, 0, 0] or (
        labelled(table, result)["segment"].tolist() == [0, 0, 1, 1]
    )
    assert labelled(table, result).index.tolist() == ["z", "z", "y", "x"]


def test_all_noise_is_an_outcome_and_says_so(mall: Table) -> None:
    result = fit(mall, Settings("dbscan", params={"eps": 1e-6}))
    assert (result.n_clusters, result.n_noise, result.silhouette_score) == (0, 200, None)
    assert result.warnings == ("Every customer is noise; loosen the density parameters.",)
    assert result.segments.empty
    json.dumps(result.to_dict(), allow_nan=False)


def test_noise_is_counted_and_in_no_segment(mall: Table) -> None:
    result = fit(mall, Settings("dbscan"))
    assert result.n_noise == (result.labels == -1).sum() > 0
    assert sum(own.size for own in result.profiles) + result.n_noise == 200
    assert sum(own.share for own in result.profiles) == pytest.approx(1 - result.n_noise / 200)


def test_an_early_stop_is_told_in_words(mall: Table) -> None:
    result = fit(mall, Settings("gaussian_mixture", params={"max_iter": 1, "n_init": 1}))
    assert result.warnings == (
        "The algorithm stopped before it converged; raise max_iter or use fewer segments.",
    )


def test_the_segments_frame_has_a_row_for_each(agreed: ClusteringResult) -> None:
    frame = agreed.segments
    assert frame.index.tolist() == [0, 1, 2, 3, 4]
    assert frame.index.name == "segment"
    assert list(frame)[:4] == ["name", "size", "share", "sentence"]
    assert frame["Gender: share of Male"].between(0, 1).all()
    assert not any(math.isnan(value) for value in frame["Age: median"])


def test_a_random_start_changes_nothing_global(mall: Table) -> None:
    np.random.seed(5)
    expected = np.random.random()
    np.random.seed(5)
    fit(mall, AGREED)
    assert np.random.random() == expected
