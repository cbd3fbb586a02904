"""Every algorithm places new customers, and those it was made with where they are."""

from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pandas as pd
import pytest

from mall_app import ClusteringModel
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import DataError
from mall_app.fit import fit
from mall_app.geometry.points import Points
from mall_app.predict.novelty import Novelty
from mall_app.predict.prediction import Predictor, predict
from mall_app.settings import Settings
from tests.core.tables import blobs, settings_for

METHODS = {
    "kmeans": "native",
    "bisecting_kmeans": "native",
    "minibatch_kmeans": "native",
    "kmedoids": "native",
    "kprototypes": "native",
    "gaussian_mixture": "native",
    "birch": "native",
    "mean_shift": "native",
    "affinity_propagation": "native",
    "agglomerative": "nearest_neighbours",
    "genie": "nearest_neighbours",
    "spectral": "nearest_neighbours",
    "dbscan": "approximate",
    "hdbscan": "approximate",
    "optics": "approximate",
}
CASES = [
    (key, distance)
    for key, own in algorithms().items()
    for distance in ("euclidean", "gower")
    if distance in own.distances
]
MALL = ["Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]


def mixed() -> pd.DataFrame:
    """Sixty customers in round numbers, so that many are equal and many distances are tied."""
    generator = np.random.default_rng(5)
    centres = np.repeat([[0, 0], [6, 1], [2, 8]], 20, axis=0)
    values = centres + generator.integers(0, 3, size=(60, 2))
    town = generator.choice(["Leeds", "York", None], 60, p=[0.5, 0.4, 0.1])
    return pd.DataFrame({"Visits": values[:, 0], "Spent": values[:, 1], "Town": town})


def labels_of(prediction):
    return [None if pd.isna(own) else int(own) for own in prediction.labels]


def test_every_algorithm_is_in_the_table_of_methods():
    assert set(METHODS) == set(algorithms())
    for key, own in algorithms().items():
        assert own.native_predict == (METHODS[key] == "native"), key


@pytest.mark.parametrize(("key", "distance"), CASES)
@pytest.mark.parametrize("scaling", ["none", "standard"])
def test_the_customers_of_the_mall_stay_where_they_are(mall, key, distance, scaling):
    features = MALL if distance == "gower" else MALL[1:]
    result = fit(mall, Settings(key, 5, features, scaling, distance=distance))
    given = predict(mall, result, mall.frame)
    assert labels_of(given) == result.labels_of_rows()
    assert given.method == METHODS[key]
    assert given.training_difference == 0
    assert not given.unlike_training.any()
    assert ((given.confidence >= 0) & (given.confidence <= 1)).all()


@pytest.mark.parametrize(("key", "distance"), CASES)
def test_equal_customers_and_gaps_stay_where_they_are_or_it_is_said(key, distance):
    table = Table.from_frame(mixed())
    result = fit(table, Settings(key, 3, ["Visits", "Spent", "Town"], distance=distance))
    given = predict(table, result, table.frame)
    wanted = result.labels_of_rows()
    differ = sum(own != other for own, other in zip(labels_of(given), wanted, strict=True))
    assert differ == round(given.training_difference * len(result.labels))
    assert wanted.count(None) == int(table.frame["Town"].isna().sum()) > 0
    assert any("could not be placed" in own for own in given.warnings)
    if differ:
        assert any("would be placed otherwise" in own for own in given.warnings)


@pytest.mark.parametrize("key", algorithms())
def test_new_customers_come_to_the_group_around_them(key):
    table, groups = blobs()
    new, _ = blobs(60)
    result = fit(table, settings_for(key))
    centres = pd.DataFrame({"first": [-8.0, 0, 8], "second": [-8.0, 8, -8]})
    given = predict(table, result, centres)
    own = [int(result.labels[groups == group].max()) for group in range(3)]
    assert labels_of(given) == own
    assert not given.unlike_training.any()
    far = predict(table, result, pd.DataFrame({"first": [900.0], "second": [-900.0]}))
    assert far.unlike_training.tolist() == [True]
    if algorithms()[key].gives_noise:
        assert labels_of(far) == [-1]


EDITS = [
    [{"action": "merge", "segments": [0, 1]}],
    [{"action": "split", "segment": 0, "into": 3}],
    [{"action": "pin", "segment": 1, "rows": [0, 1, 2, 3, 50, 199]}],
    [{"action": "merge", "segments": [0, 1]}, {"action": "split", "segment": 0, "into": 2}],
]


@pytest.mark.parametrize("key", ["kmeans", "gaussian_mixture", "agglomerative", "dbscan"])
@pytest.mark.parametrize("edits", EDITS)
def test_edits_reach_new_customers(mall, key, edits):
    params = {"eps": 0.4} if key == "dbscan" else {}
    settings = Settings(key, 5, MALL[2:], params=params, edits=edits)
    result = fit(mall, Settings.from_mapping(settings.to_dict()))
    given = predict(mall, result, mall.frame)
    assert labels_of(given) == result.labels.tolist()


def test_equal_customers_pinned_apart_are_stated():
    frame = pd.DataFrame({"Age": [20] * 10 + [60] * 10, "Spent": [1.0] * 10 + [9.0] * 10})
    edits = ({"action": "pin", "segment": 7, "rows": [0, 1, 2]},)
    model = ClusteringModel(frame, n_clusters=2, edits=list(edits))
    given = model.predict(frame)
    assert given.training_difference == pytest.approx(3 / 20)
    assert sum(own != new for own, new in zip(model.result.labels, given.labels, strict=True)) == 3
    assert "Of the customers of the model, 15.0% would be placed otherwise" in given.warnings[-1]


def test_names_and_membership_come_along(mall):
    result = fit(mall, Settings("gaussian_mixture", 3))
    given = predict(mall, result, mall.frame.iloc[5:9])
    frame = given.to_frame()
    names = {own.segment: own.name for own in result.profiles}
    assert frame["name"].tolist() == [names[own] for own in frame["segment"]]
    assert list(frame.index) == [5, 6, 7, 8]
    np.testing.assert_allclose(given.membership.sum(axis=1), 1)
    assert given.membership.argmax(axis=1).tolist() == labels_of(given)
    answer = given.to_dict()
    assert json.loads(json.dumps(answer, allow_nan=False)) == answer


@pytest.fixture
def model(customers):
    return ClusteringModel(customers, features=MALL, distance="gower", algorithm="kmedoids")


def test_columns_may_come_in_any_order_with_others_among_them(model, customers):
    wanted = labels_of(model.predict(customers))
    mixed_up = customers[customers.columns[::-1]].assign(Shoe=42, Note="x")
    given = model.predict(mixed_up)
    assert labels_of(given) == wanted
    assert given.warnings == ("Not used, as the model was made without: 'Shoe', 'Note'.",)
    alone = model.predict(customers[MALL])
    assert (labels_of(alone), alone.warnings) == (wanted, ())


def test_numbers_may_come_as_text_and_in_any_type(model, customers):
    wanted = labels_of(model.predict(customers))
    texts = customers.astype({"Age": str, "Annual Income (k$)": str})
    given = model.predict(texts)
    assert labels_of(given) == wanted
    assert given.warnings[0] == "200 texts in column 'Age' were read as numbers."
    retyped = customers.astype({"Age": "Int8", "Gender": "category"})
    retyped["Spending Score (1-100)"] = retyped["Spending Score (1-100)"].map(Decimal)
    assert labels_of(model.predict(retyped)) == wanted


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["$1,234.5", "$7"], [1234.5, 7]),
        (["1.234,5", "7,25"], [1234.5, 7.25]),
        ([" 7 ", "NA"], [7, None]),
        ([7, "8.5"], [7, 8.5]),
    ],
)
def test_texts_are_read_as_the_reader_of_tables_does(texts, numbers):
    frame = pd.DataFrame({"Spent": [1.0, 2, 7, 9, 1200, 1300]})
    model = ClusteringModel(frame, n_clusters=2, missing="median")
    given = model.predict(pd.DataFrame({"Spent": texts}, dtype=object))
    plain = model.predict(pd.DataFrame({"Spent": numbers}, dtype="float64"))
    assert given.confidence.tolist() == plain.confidence.tolist()


@pytest.mark.parametrize(
    "values", [[1, 2, None], ["1", "2", "NA"], [1.0, 2.0, None], ["1", " 2", ""]]
)
def test_numbers_that_are_a_category_match_however_they_are_written(values):
    frame = pd.DataFrame({"Age": [20, 30, 60, 70], "Tier": pd.Series(["1", "2", "1", "2"])})
    model = ClusteringModel(frame, features=["Age", "Tier"], n_clusters=2)
    new = pd.DataFrame({"Age": [20, 30, 20], "Tier": values})
    given = model.predict(new)
    assert labels_of(given) == [*model.result.labels[:2].tolist(), None]
    assert not given.unlike_training.any()


def test_a_value_never_seen_is_flagged(model, customers):
    new = customers.head(3).assign(Gender=["Male", "Other", None])
    given = model.predict(new)
    assert given.unlike_training.tolist() == [False, True, False]
    assert given.warnings[0] == (
        "1 customer has a value of 'Gender' never seen before, such as 'Other'."
    )
    assert labels_of(given)[1] is not None
    assert labels_of(given)[2] is None
    assert given.to_dict()["unlike_training"] == [False, True, None]


def test_missing_values_are_filled_as_for_the_model(customers):
    model = ClusteringModel(customers, missing="median", features=["Age", "Gender"])
    middle = {"Age": [customers["Age"].median()] * 2, "Gender": ["Female", "Male"]}
    new = pd.DataFrame({"Age": [None, None], "Gender": [None, "Male"]})
    given = model.predict(new)
    assert labels_of(given) == labels_of(model.predict(pd.DataFrame(middle)))
    assert given.warnings[0].startswith("3 missing values were filled with the median")


def test_no_customers_are_no_error(model, customers):
    given = model.predict(customers.head(0))
    assert (len(given), given.to_dict()["labels"], given.to_frame().shape) == (0, [], (0, 4))
    assert given.method == "native"
    with pytest.raises(DataError, match="Columns 'Age', 'Annual.* are needed"):
        model.predict(pd.DataFrame({"Gender": []}))


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (
            lambda f: f.rename(columns={"Gender": "gender"}),
            "Column 'Gender' is needed, as the model was made with it, and is not among those of "
            "the new customers: did you mean 'gender'?",
        ),
        (
            lambda f: f.assign(Age=["20", "30", "old"]),
            "Column 'Age' must hold numbers, as the model was made with, but row 2 (the first is "
            "0) holds 'old'.",
        ),
        (
            lambda f: f.assign(Age=[20, np.inf, 30]),
            "Column 'Age' must hold finite numbers up to 1e+150, as the model was made with, but "
            "row 1 (the first is 0) holds inf.",
        ),
        (
            lambda f: f.assign(Age=[True, False, True]),
            "Column 'Age' must hold numbers, as the model was made with, but row 0 (the first is "
            "0) holds true.",
        ),
        (
            lambda f: f.assign(Age=pd.to_datetime(["2020-01-01"] * 3)),
            "Column 'Age' must hold numbers, as the model was made with, but row 0 (the first is "
            "0) holds Timestamp('2020-01-01 00:00:00').",
        ),
        (
            lambda f: f.assign(Gender=pd.Series([["Male"], "Male", "Male"])),
            "Column 'Gender' must hold texts, numbers or true and false, as the model was made "
            "with, but row 0 (the first is 0) holds ['Male'].",
        ),
        (
            lambda f: pd.concat([f, f[["Age"]]], axis=1),
            "Column 'Age' stands twice among the new customers.",
        ),
        (
            lambda f: f.to_dict("records"),
            "New customers must be given as a pandas DataFrame, not list.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(model, customers, changed, sentence):
    with pytest.raises(DataError) as caught:
        model.predict(changed(customers.head(3)))
    assert str(caught.value) == sentence


def test_many_customers_come_in_blocks_to_the_same_end(model, customers, monkeypatch):
    wanted = model.predict(customers).to_dict()
    monkeypatch.setattr("mall_app.predict.prediction._ROWS_AT_ONCE", 7)
    monkeypatch.setattr("mall_app.assigners.base.BLOCK", 3)
    assert model.predict(customers).to_dict() == wanted


def test_p_values_are_the_share_of_known_customers_as_far_out():
    generator = np.random.default_rng(2)
    known, new = generator.normal(size=(80, 2)), 3 * generator.normal(size=(30, 2))
    for metric in ("euclidean", "cityblock"):
        novelty = Novelty.of(Points(known, metric))
        apart = Points(known, metric).distances()
        spacing = (apart + np.diag([np.inf] * 80)).min(axis=1)
        nearest = Points(new, metric).distances(known).min(axis=1)
        as_far = (spacing[None] >= nearest[:, None] - 1e-12).sum(axis=1)
        np.testing.assert_allclose(novelty.p_values(new), (1 + as_far) / 81)
        assert novelty.unlike(new).tolist() == (as_far == 0).tolist()


def test_of_customers_like_those_known_about_one_in_a_hundred_is_flagged():
    generator = np.random.default_rng(3)
    novelty = Novelty.of(Points(generator.normal(size=(4_000, 2))))
    assert novelty.unlike(generator.normal(size=(20_000, 2))).mean() == pytest.approx(
        0.01, abs=0.004
    )


def test_a_large_table_is_judged_by_a_sample(monkeypatch):
    monkeypatch.setattr("mall_app.predict.novelty._LARGEST_SAMPLE", 50)
    values = np.random.default_rng(4).normal(size=(500, 2))
    first, again = Novelty.of(Points(values)), Novelty.of(Points(values))
    assert len(first.values) == 50
    assert first.values.tolist() == again.values.tolist()


def test_a_predictor_serves_several_frames_and_follows_the_model(model, customers):
    first = model.predict(customers.head(1))
    model.n_clusters = 2
    second = model.predict(customers.head(1))
    assert (len(first.names), len(second.names)) == (5, 2)
    one = Predictor.of(model.table, model.result)
    assert one.predict(customers).to_dict() == one.predict(customers).to_dict()
