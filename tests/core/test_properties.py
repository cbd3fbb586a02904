"""What must hold for any table, tried on many."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.metrics import adjusted_rand_score

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import WorkbenchError
from mall_app.fit import fit
from mall_app.labels import canonical_labels
from mall_app.metrics import score
from mall_app.settings import Settings

QUICK = settings(max_examples=30, deadline=None, derandomize=True)
NUMBERS = st.floats(-1e6, 1e6, width=32)
SCORES = ("silhouette_score", "davies_bouldin_score", "calinski_harabasz_score", "inertia")


@st.composite
def grouped(draw: st.DrawFn) -> tuple[np.ndarray, np.ndarray]:
    """Rows of a table and labels from 0 on, none left out."""
    rows = draw(st.integers(4, 25))
    values = draw(arrays(float, (rows, draw(st.integers(1, 3))), elements=st.integers(-50, 50)))
    labels = draw(arrays(np.int64, rows, elements=st.integers(0, 4)))
    return values, np.unique(labels, return_inverse=True)[1]


@st.composite
def spread(draw: st.DrawFn) -> Table:
    """Three columns of distinct values in which no two distances are equal."""
    seed = draw(st.integers(0, 2**32 - 1))
    values = np.random.default_rng(seed).normal(size=(draw(st.integers(12, 40)), 3))
    return Table.from_frame(pd.DataFrame(values, columns=["a", "b", "c"]))


def same(first: Any, second: Any, tolerance: float = 1e-9) -> None:
    for name in SCORES:
        left, right = first[name].value, second[name].value
        assert (left is None) == (right is None), name
        if left is not None:
            np.testing.assert_allclose(left, right, rtol=tolerance, atol=tolerance, err_msg=name)


@QUICK
@given(grouped(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_score(data: Any, random: Any) -> None:
    values, labels = data
    order = np.array(random.sample(range(len(labels)), len(labels)))
    same(score(values, labels)[0], score(values[order], labels[order])[0])


@QUICK
@given(grouped())
def test_the_order_of_columns_changes_no_score(data: Any) -> None:
    values, labels = data
    same(score(values, labels)[0], score(values[:, ::-1], labels)[0])


@QUICK
@given(grouped(), st.integers(-1000, 1000))
def test_moving_every_row_alike_changes_no_score(data: Any, shift: int) -> None:
    values, labels = data
    same(score(values, labels)[0], score(values + shift, labels)[0], tolerance=1e-6)


@QUICK
@given(grouped())
def test_canonical_labels_are_the_same_partition_largest_first(data: Any) -> None:
    values, labels = data
    canonical = canonical_labels(values, labels)
    assert len(set(zip(labels.tolist(), canonical.tolist(), strict=True))) == labels.max() + 1
    sizes = np.bincount(canonical)
    assert (np.diff(sizes) <= 0).all()
    np.testing.assert_array_equal(canonical_labels(values, canonical), canonical)


@QUICK
@given(spread(), st.sampled_from(["ward", "complete", "average", "single"]), st.integers(2, 6))
def test_order_of_rows_changes_no_label_and_order_of_columns_no_partition(
    table: Table, linkage: str, n_clusters: int
) -> None:
    wanted = Settings("agglomerative", n_clusters, params={"linkage": linkage})
    labels = fit(table, wanted).labels
    upside_down = Table.from_frame(table.frame.iloc[::-1])
    np.testing.assert_array_equal(fit(upside_down, wanted).labels[::-1], labels)
    mirrored = Table.from_frame(table.frame.iloc[:, ::-1])
    assert adjusted_rand_score(fit(mirrored, wanted).labels, labels) == 1.0


@QUICK
@given(spread(), st.sampled_from(list(algorithms())), st.sampled_from([1e-6, 0.3048, 1e9]))
def test_units_do_not_matter_under_standard_scaling(table: Table, key: str, factor: float) -> None:
    wanted = Settings(key, 3, params={"min_cluster_size": 4} if key == "hdbscan" else {})
    other = Table.from_frame(table.frame.assign(a=table.frame["a"] * factor - 3 * factor))
    first, second = fit(table, wanted), fit(other, wanted)
    np.testing.assert_array_equal(first.labels, second.labels)
    same(first.metrics, second.metrics, tolerance=1e-6)


@QUICK
@given(spread(), st.sampled_from(["agglomerative", "dbscan"]))
def test_rows_that_stand_twice_share_a_segment(table: Table, key: str) -> None:
    twice = Table.from_frame(pd.concat([table.frame, table.frame], ignore_index=True))
    labels = fit(twice, Settings(key, 3)).labels
    np.testing.assert_array_equal(labels[: len(table)], labels[len(table) :])


@settings(QUICK, max_examples=80)
@given(
    st.lists(
        st.tuples(NUMBERS, st.none() | NUMBERS, st.sampled_from(["x", "y", None])),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(list(algorithms())),
    st.sampled_from(["none", "standard", "robust", "minmax"]),
    st.sampled_from(["drop", "median", "most_frequent"]),
    st.integers(2, 5),
)
def test_any_table_is_clustered_or_refused_in_a_sentence(
    rows: list[Any], key: str, scaling: str, missing: str, n_clusters: int
) -> None:
    try:
        table = Table.from_frame(pd.DataFrame(rows, columns=["a", "b", "kind"]))
        wanted = Settings(key, n_clusters, table.features, scaling, missing)
        result = fit(table, wanted)
    except WorkbenchError as error:
        assert str(error).endswith((".", "?"))
        return
    assert len(result.labels_of_rows()) == len(rows)
    assert set(result.labels) - {-1} == set(range(result.n_clusters))
    json.dumps(result.to_dict(), allow_nan=False)
    for name, low in (("silhouette_score", -1), ("davies_bouldin_score", 0), ("inertia", 0)):
        value = result.metrics[name].value
        assert value is None or value >= low
