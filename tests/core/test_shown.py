"""What an analyst sees at a prompt: short representations, and tidy frames of what segments are."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from mall_app import ClusteringModel
from tests.core.tables import INCOME_AND_SPENDING


@pytest.fixture(scope="module")
def agreed() -> ClusteringModel:
    return ClusteringModel(features=INCOME_AND_SPENDING, scaling="none")


def test_a_model_and_its_result_show_what_came_of_them(agreed: ClusteringModel) -> None:
    result = (
        "<ClusteringResult kmeans: 200 customers in 5 segments "
        "(0: 81, 1: 39, 2: 35, 3: 23, 4: 22), silhouette 0.554>"
    )
    assert repr(agreed.result) == result
    assert repr(agreed) == (
        "<ClusteringModel of 200 customers by 'Annual Income (k$)', 'Spending Score (1-100)': "
        f"{result}>"
    )
    first = agreed.result.profiles[1]
    assert (
        repr(first) == "<Segment 1 'High Spending Score, high Annual Income', 39 customers (19.5%)>"
    )


def test_noise_and_the_absence_of_segments_show() -> None:
    noise = ClusteringModel(algorithm="dbscan", params={"eps": 1e-6}).result
    assert repr(noise) == "<ClusteringResult dbscan: 200 customers in 0 segments (), 200 noise>"
    assert noise.effects.empty
    assert noise.members.empty
    assert list(noise.members) == ["segment", "kind", "row"]


def test_a_prediction_shows_who_went_where(agreed: ClusteringModel) -> None:
    new = pd.DataFrame(
        {"Annual Income (k$)": [20, 88, 9000, None], "Spending Score (1-100)": [80, 80, 1, 1]}
    )
    assert repr(agreed.predict(new)) == (
        "<Prediction by native: 4 customers (1: 1, 2: 1, 4: 1, not placed: 1), "
        "1 unlike those of the model>"
    )


def test_a_migration_shows_its_sentence_and_an_undo_says_that_it_is_one() -> None:
    model = ClusteringModel(features=INCOME_AND_SPENDING, scaling="none")
    model.merge([0, 1])
    assert repr(model.migration).startswith("<Migration of 200 customers: Segments 2, 3 and 4 are")
    model.undo()
    assert model.migration is not None
    assert model.migration.sentence.startswith("The last edit was taken back: segments 2, 3 and 4")
    model.rename(0, name="Most")
    model.pin(1)
    model.rename(2, name="Few")
    model.unpin(1)
    assert model.migration.sentence.startswith("An edit was taken back: ")
    model.edits = []
    assert model.migration.sentence.startswith("2 edits were taken back: ")
    model.n_clusters = 6
    assert "taken back" not in model.migration.sentence


def test_effects_are_the_profiles_in_one_frame(agreed: ClusteringModel) -> None:
    found = agreed.result.effects
    assert len(found) == 5 * 4
    assert sorted(found["column"].unique()) == sorted(agreed.table.features)
    for row in found[found["value"].isna()].itertuples():
        (own,) = (each for each in agreed.result.profiles if each.segment == row.segment)
        effect = own.numeric[str(row.column)].effect
        assert effect is not None
        assert (row.effect, row.low, row.high) == (effect.value, effect.low, effect.high)
        assert row.level == own.numeric[str(row.column)].mean
    one = found[found["segment"] == 2]
    assert one.iloc[0]["words"] == agreed.result.profiles[2].distinctive(most=1)[0].words


def test_typical_and_doubtful_customers_come_with_their_identifier(agreed: ClusteringModel) -> None:
    found = agreed.members()
    frame = agreed.table.frame
    for own in agreed.result.profiles:
        here = found[found["segment"] == own.segment]
        typical = here[here["kind"] == "typical"]
        assert typical["row"].tolist() == list(own.typical)
        assert (
            typical["CustomerID"].tolist() == frame["CustomerID"].iloc[list(own.typical)].tolist()
        )
        assert here[here["kind"] == "doubtful"]["row"].tolist() == list(own.doubtful)


def test_columns_of_the_table_are_kept_beside_those_of_members() -> None:
    table = pd.DataFrame({"kind": ["a", "b"] * 5, "x": np.r_[np.arange(5.0), np.arange(50.0, 55)]})
    found = ClusteringModel(table, n_clusters=2).members()
    assert list(found) == ["segment", "kind_2", "row", "kind", "x"]
    assert found["kind"].isin(["a", "b"]).all()


def test_contributions_make_a_series(agreed: ClusteringModel) -> None:
    shares = pd.Series(agreed.result.contributions)
    assert shares.index.tolist() == list(INCOME_AND_SPENDING)
    assert shares.sum() == pytest.approx(1)
