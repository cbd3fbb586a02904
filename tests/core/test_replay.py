"""A receipt gives the same labels again, or says exactly why not."""

from __future__ import annotations

import json

import pytest

from mall_app import ClusteringModel
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import DataError, SettingsError
from mall_app.fit import fit
from mall_app.keeping import replay as replaying
from mall_app.keeping.replay import Replay, replay
from mall_app.settings import Settings
from tests.core.tables import blobs, settings_for

MALL = ["Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]


@pytest.mark.parametrize("key", algorithms())
def test_every_algorithm_replays(key):
    table, _ = blobs()
    receipt = json.loads(json.dumps(fit(table, settings_for(key)).receipt))
    assert replay(table, receipt) == Replay(True, (), 0)


def test_a_model_replays_with_distance_weights_numbers_and_edits(customers):
    model = ClusteringModel(
        customers,
        algorithm="kmedoids",
        distance="gower",
        weights={"Age": 2},
        features=MALL,
        numbering=[9, 8, 7, 6, 5],
    )
    model.split(9)
    model.merge([7, 6])
    assert model.replay() == Replay(True, (), 0)


def test_preprocessing_in_the_receipt_is_what_was_done(customers):
    customers.loc[3, "Age"] = None
    customers.loc[5, "Gender"] = None
    table = Table.from_frame(customers)
    settings = Settings(features=("Age", "Gender"), weights={"Age": 4.0}, missing="median")
    receipt = fit(table, settings).receipt
    age, gender = receipt["preprocessing"]
    filled = customers["Age"].fillna(customers["Age"].median())
    assert age == {
        "feature": "Age",
        "kind": "number",
        "filling": customers["Age"].median(),
        "offset": pytest.approx(filled.mean()),
        "divisor": pytest.approx(filled.std(ddof=0)),
        "factor": 2.0,
    }
    assert gender == {
        "feature": "Gender",
        "kind": "category",
        "filling": "Female",
        "values": ["Female", "Male"],
        "factor": pytest.approx(0.5**0.5),
    }
    assert set(receipt["threads"]) == {"blas", "openmp"}


def test_a_frame_is_taken_as_it_is_and_nothing_else_is(customers):
    receipt = ClusteringModel(customers, n_clusters=3).receipt
    assert replay(customers, receipt) == Replay(True, (), 0)
    with pytest.raises(DataError, match="DataFrame"):
        replay(customers.to_numpy(), receipt)


def test_other_customers_are_told(mall, customers):
    receipt = fit(mall, Settings()).receipt
    fewer = Table.from_frame(customers.head(150).rename(columns={"Age": "Years"}))
    found = replay(fewer, receipt)
    assert (found.same, found.n_different) == (False, None)
    assert found.reasons == (
        f"The customers are others: their SHA-256 is {fewer.sha256}, and the receipt has "
        f"'{mall.sha256}'.",
        "There are 150 rows, not 200.",
        "Columns differ: 'Age' are missing; 'Years' are new.",
    )


def test_other_labels_are_counted_and_versions_and_threads_named(mall, monkeypatch):
    result = fit(mall, Settings())
    labels = result.labels.copy()
    labels[:7] = (labels[:7] + 1) % 5
    receipt = {**result.receipt, "labels_sha256": replaying.labels_sha256(labels)}
    found = replay(mall, receipt, labels)
    assert found == Replay(
        False,
        (
            "7 of 200 customers are in another segment.",
            "Versions and threads are as they were.",
        ),
        7,
    )
    here = replaying.versions()
    monkeypatch.setattr(replaying, "versions", lambda: here | {"numpy": "9.0"})
    found = replay(mall, {**receipt, "threads": {"blas": 64, "openmp": 1}})
    assert found.n_different is None
    assert found.reasons == (
        "The labels are others than those of the receipt.",
        f"Versions differ: numpy 9.0, not {here['numpy']}.",
        "Threads differ: 1 for blas, 1 for openmp, not 64 for blas, 1 for openmp.",
    )


def test_labels_that_are_not_of_the_receipt_are_told_apart(mall):
    result = fit(mall, Settings())
    receipt = {**result.receipt, "labels_sha256": "0" * 64}
    assert replay(mall, receipt, result.labels).reasons == (
        "The labels at hand are not those of the receipt.",
    )


def test_what_can_no_longer_be_fitted_says_why(mall):
    receipt = fit(mall, Settings()).receipt
    settings = {**receipt["settings"], "n_clusters": 500}
    found = replay(mall, {**receipt, "settings": settings})
    assert found.reasons[0] == (
        "It cannot be fitted here: n_clusters must be at most the 200 customers there are, not 500."
    )
    assert json.loads(json.dumps(found.to_dict()))["same"] is False


@pytest.mark.parametrize(
    "receipt",
    [
        None,
        [],
        {},
        {"data": {}},
        {"data": 1, "settings": {}, "versions": {}, "threads": {}, "labels_sha256": ""},
    ],
)
def test_what_is_no_receipt_is_refused(mall, receipt):
    with pytest.raises(SettingsError, match="(?i)receipt"):
        replay(mall, receipt)
