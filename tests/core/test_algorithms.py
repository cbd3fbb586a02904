"""The common checks, run on every declared algorithm, then what is special to one."""

from __future__ import annotations

import json
import math
from typing import Any

import jsonschema_rs
import numpy as np
import param
import pytest
from sklearn import cluster as sklearn_cluster
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.algorithms.agglomerative import cut
from mall_app.algorithms.hdbscan import HDBSCAN
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.geometry.points import Points
from mall_app.settings import Settings
from tests.core.tables import blobs, settings_for, table_of

KEYS = list(algorithms())
NOT_RANDOM = [key for key in KEYS if key in ("agglomerative", "dbscan", "hdbscan")]
OWN_PARAMETERS = [(key, name) for key, own in algorithms().items() for name in own.own_parameters()]


def test_the_algorithms_and_their_order() -> None:
    assert KEYS == [
        "kmeans",
        "bisecting_kmeans",
        "minibatch_kmeans",
        "kmedoids",
        "kprototypes",
        "gaussian_mixture",
        "birch",
        "agglomerative",
        "genie",
        "spectral",
        "dbscan",
        "hdbscan",
        "optics",
        "mean_shift",
        "affinity_propagation",
    ]
    with pytest.raises(TypeError):
        algorithms()["another"] = algorithms()["kmeans"]  # type: ignore[index]


@pytest.mark.parametrize("key", KEYS)
def test_everything_is_declared(key: str) -> None:
    own = algorithms()[key]
    assert own.key == key
    for text in (own.title, own.summary, own.citation):
        assert text == text.strip() and len(text) > 2
    assert own.summary.endswith(".") and own.citation.endswith(".")
    assert own.largest_n >= 1_000
    assert not (own.gives_noise and own.needs_n_clusters)
    for name, parameter in own.own_parameters().items():
        assert parameter.doc and parameter.doc.endswith("."), name


@pytest.mark.parametrize("key", KEYS)
def test_the_catalogue_entry_is_json_and_complete(key: str) -> None:
    entry = algorithms()[key].describe()
    assert json.loads(json.dumps(entry, allow_nan=False)) == entry
    assert set(entry) == {
        "algorithm",
        "title",
        "summary",
        "citation",
        "needs_n_clusters",
        "gives_noise",
        "soft_membership",
        "native_predict",
        "distances",
        "largest_n",
        "largest_n_memory_bytes",
        "parameters",
    }


@pytest.mark.parametrize("key", KEYS)
def test_the_schema_is_valid_and_accepts_the_defaults(key: str) -> None:
    schema = algorithms()[key].parameter_schema()
    validator = jsonschema_rs.Draft202012Validator(schema)
    defaults = build_algorithm(key, {}).params()
    assert validator.is_valid(defaults)
    assert validator.is_valid({})
    assert not validator.is_valid({"nonsense": 1})
    assert {name: own["default"] for name, own in schema["properties"].items()} == defaults


@pytest.mark.parametrize(("key", "name"), OWN_PARAMETERS)
def test_schema_and_code_accept_and_refuse_the_same(key: str, name: str) -> None:
    own = algorithms()[key]
    validator = jsonschema_rs.Draft202012Validator(own.parameter_schema())
    for value in _probes(own.own_parameters()[name]):
        try:
            own.from_params({name: value})
            accepted = True
        except SettingsError as error:
            assert error.path == ("params", name)
            assert str(error).startswith(f"{name} must be ")
            accepted = False
        assert validator.is_valid({name: value}) == accepted, value


def _probes(parameter: Any) -> list[Any]:
    probes: list[Any] = [True, "5", "nonsense", [], {}, None, 1.5, -1, 0, 1, 2, 10**400]
    if isinstance(parameter, param.Selector):
        return [*probes, *parameter.objects, parameter.objects[0].upper()]
    low, high = parameter.bounds
    step = 1 if isinstance(parameter, param.Integer) else 1e-9
    return [*probes, low, low - step, low + step, high, high * 1.5]


@pytest.mark.parametrize(("key", "name"), OWN_PARAMETERS)
@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_no_parameter_is_infinite_or_nan(key: str, name: str, bad: float) -> None:
    with pytest.raises(SettingsError, match=rf"^{name} must be .*, not -?(nan|inf)\.$"):
        build_algorithm(key, {name: bad})


@pytest.mark.parametrize("key", KEYS)
def test_groups_far_apart_are_found(key: str) -> None:
    table, groups = blobs()
    result = fit(table, settings_for(key))
    assert result.n_clusters == 3
    assert adjusted_rand_score(groups, result.labels) > 0.97


@pytest.mark.parametrize("key", KEYS)
def test_the_same_settings_give_the_same_labels(key: str, mall: Any) -> None:
    first = fit(mall, Settings(algorithm=key, random_state=3))
    np.random.default_rng(1).normal(size=100)
    again = fit(mall, Settings(algorithm=key, random_state=3))
    np.testing.assert_array_equal(first.labels, again.labels)


@pytest.mark.parametrize("key", NOT_RANDOM)
def test_without_randomness_the_order_of_rows_changes_nothing(key: str) -> None:
    table, _ = blobs(spread=1.5)
    order = np.random.default_rng(0).permutation(len(table))
    result = fit(table, settings_for(key))
    shuffled = fit(table_of(**table.frame.iloc[order].to_dict("list")), settings_for(key))
    assert adjusted_rand_score(result.labels[order], shuffled.labels) == 1.0


@pytest.mark.parametrize("key", KEYS)
def test_many_equal_customers_are_no_trouble(key: str) -> None:
    table = table_of(a=[0.0] * 30 + [1.0] * 20 + [7.0, 9.0])
    result = fit(table, Settings(algorithm=key, n_clusters=4))
    assert len(set(result.labels[:30])) == 1
    assert len(set(result.labels[30:50])) == 1


@pytest.mark.parametrize("key", KEYS)
def test_an_unknown_parameter_is_named(key: str) -> None:
    with pytest.raises(SettingsError) as caught:
        build_algorithm(key, {"max_itre": 3})
    assert str(caught.value).startswith(f"'max_itre' is not a parameter of {key}: ")
    assert caught.value.path == ("params", "max_itre")


@pytest.mark.parametrize(
    ("key", "params", "sentence"),
    [
        ("kmeans", {"n_init": 0}, "n_init must be an integer from 1 to 100, not 0."),
        ("kmeans", {"n_init": True}, "n_init must be an integer from 1 to 100, not true."),
        ("kmeans", {"n_init": 2.5}, "n_init must be an integer from 1 to 100, not 2.5."),
        ("kmeans", {"tol": "1"}, "tol must be at least 0 and at most 1, not '1'."),
        ("kmeans", {"init": "ranodm"}, "init must be one of 'k-means++', 'random', not 'ranodm'."),
        (
            "kmeans",
            {"max_itr": 5},
            "'max_itr' is not a parameter of kmeans: did you mean 'max_iter'?",
        ),
        ("dbscan", {"eps": 0}, "eps must be more than 0 and at most 1e+09, not 0."),
        ("dbscan", {"eps": True}, "eps must be more than 0 and at most 1e+09, not true."),
        (
            "dbscan",
            {"eps": 10**400},
            f"eps must be more than 0 and at most 1e+09, not 1{'0' * 79}....",
        ),
        (
            "hdbscan",
            {"min_cluster_size": None},
            "min_cluster_size must be an integer from 2 to 100000, not null.",
        ),
        (
            "agglomerative",
            {"linkage": None},
            "linkage must be one of 'auto', 'ward', 'complete', 'average', 'single', not null.",
        ),
        (
            "kmeans",
            {"name": "x"},
            "'name' is not a parameter of kmeans: it must be one of "
            "'n_init', 'init', 'max_iter', 'tol'.",
        ),
        ("kmean", {}, "algorithm 'kmean' is not known: did you mean 'kmeans'?"),
    ],
)
def test_refusals_word_for_word(key: str, params: dict[str, Any], sentence: str) -> None:
    with pytest.raises(SettingsError) as caught:
        build_algorithm(key, params)
    assert str(caught.value) == sentence


def test_numbers_of_numpy_are_numbers() -> None:
    built = build_algorithm("dbscan", {"eps": np.float32(0.25), "min_samples": np.int64(3)})
    assert built.params() == {"eps": 0.25, "min_samples": 3}
    assert [type(value) for value in built.params().values()] == [float, int]


@pytest.mark.parametrize("linkage", ["ward", "complete", "average", "single"])
def test_agglomerative_agrees_with_scikit_learn(mall: Any, linkage: str) -> None:
    generator = np.random.default_rng(2)
    for values in (generator.normal(size=(120, 3)), mall.numbers + generator.normal(size=(200, 3))):
        own = build_algorithm("agglomerative", {"linkage": linkage})
        for k in (1, 2, 5, 40, len(values)):
            expected = sklearn_cluster.AgglomerativeClustering(k, linkage=linkage).fit(values)
            assert (
                adjusted_rand_score(expected.labels_, own.cluster(Points(values), k, 0).labels)
                == 1.0
            )


def test_cutting_gives_exactly_k_groups_when_all_heights_are_tied() -> None:
    grid = np.array([[float(x), float(y)] for x in range(5) for y in range(5)])
    own = build_algorithm("agglomerative", {"linkage": "single"})
    for k in range(1, 26):
        assert len(np.unique(own.cluster(Points(grid), k, 0).labels)) == k


def test_cut_of_a_known_hierarchy() -> None:
    merges = np.array([[0, 1, 1.0, 2], [2, 3, 1.0, 2], [4, 5, 9.0, 4]])
    assert cut(merges, 1).tolist() == [0, 0, 0, 0]
    assert cut(merges, 4).tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("key", "own"),
    [
        ("kmeans", lambda k: sklearn_cluster.KMeans(k, n_init=10, random_state=0)),
        (
            "bisecting_kmeans",
            lambda k: sklearn_cluster.BisectingKMeans(
                k, init="k-means++", n_init=5, random_state=0
            ),
        ),
        ("dbscan", lambda k: sklearn_cluster.DBSCAN()),
        ("hdbscan", lambda k: sklearn_cluster.HDBSCAN(min_cluster_size=10, copy=True)),
    ],
)
def test_labels_are_those_of_scikit_learn(mall: Any, key: str, own: Any) -> None:
    values = (mall.numbers - mall.numbers.mean(axis=0)) / mall.numbers.std(axis=0)
    expected = own(4).fit(values).labels_
    labels = fit(mall, Settings(algorithm=key, n_clusters=4)).labels
    assert adjusted_rand_score(expected, labels) == 1.0
    np.testing.assert_array_equal(labels < 0, expected < 0)


@pytest.mark.parametrize(
    "params",
    [
        {},
        {"cluster_selection_method": "leaf"},
        {"min_samples": 4, "min_cluster_size": 25},
        {"cluster_selection_epsilon": 0.5},
        {"min_samples": 1},
    ],
)
def test_both_hdbscan_libraries_find_the_same(
    params: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    table, _ = blobs(400, spread=1.0)
    plain = fit(table, Settings("hdbscan", params=params)).labels
    monkeypatch.setattr("mall_app.algorithms.hdbscan.FAST_LIBRARY_FROM", 1)
    fast = fit(table, Settings("hdbscan", params=params)).labels
    assert adjusted_rand_score(plain, fast) > 0.98
    assert abs((plain < 0).mean() - (fast < 0).mean()) < 0.01


@pytest.mark.parametrize("name", ["min_cluster_size", "min_samples"])
def test_hdbscan_refuses_more_neighbours_than_customers(name: str) -> None:
    table = table_of(a=list(range(12)))
    with pytest.raises(SettingsError) as caught:
        fit(table, Settings("hdbscan", params={name: 13}))
    assert str(caught.value) == f"{name} must be at most the 12 customers there are, not 13."
    assert caught.value.path == ("params", name)
    assert HDBSCAN.needs_n_clusters is False


def test_a_collapsed_mixture_says_what_to_change() -> None:
    table = table_of(a=[0.0, 0.0, 0.0, 1.0, 2.0, 3.0], b=[0.0, 0.0, 0.0, 1.0, 2.0, 3.0])
    with pytest.raises(SettingsError) as caught:
        fit(table, Settings("gaussian_mixture", 3, params={"reg_covar": 0}))
    assert str(caught.value) == (
        "reg_covar must be more than 0 for this table: a segment shrank to a point or a line. "
        "Use fewer segments or a larger reg_covar."
    )
    assert caught.value.path == ("params", "reg_covar")
