"""Segments keep their numbers, names and edits while a model is fitted again."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mall_app import ClusteringModel
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.outcome import revise
from mall_app.predict.prediction import predict
from mall_app.settings import Settings

AGREED = {"features": ["Annual Income (k$)", "Spending Score (1-100)"], "scaling": "none"}


@pytest.fixture
def agreed(mall: Table) -> ClusteringModel:
    return ClusteringModel(mall, **AGREED)


def members(model: ClusteringModel) -> dict[int, set[int]]:
    """The customers of each segment, by its number."""
    labels, rows = model.result.labels, model.result.rows
    return {int(own): set(rows[labels == own].tolist()) for own in np.unique(labels) if own >= 0}


def likeness(one: set[int], other: set[int]) -> float:
    return len(one & other) / len(one | other)


@pytest.mark.parametrize(
    "changes",
    [
        {"n_clusters": 6},
        {"random_state": 17},
        {"algorithm": "agglomerative"},
        {"algorithm": "gaussian_mixture"},
        {"scaling": "standard"},
    ],
)
def test_segments_keep_their_numbers_after_a_refit(
    agreed: ClusteringModel, changes: dict[str, Any]
) -> None:
    before = members(agreed)
    agreed.update(**changes)
    after = members(agreed)
    for number in set(before) & set(after):
        assert likeness(before[number], after[number]) == max(
            likeness(before[number], other) for other in after.values()
        )


def test_a_smaller_k_leaves_a_gap_and_going_back_fills_it(agreed: ClusteringModel) -> None:
    before = members(agreed)
    agreed.n_clusters = 4
    assert set(members(agreed)) < set(before)
    assert [own.segment for own in agreed.result.profiles] == sorted(members(agreed))
    assert agreed.result.segments.index.tolist() == sorted(members(agreed))
    assert agreed.result.n_clusters == 4
    agreed.n_clusters = 5
    assert members(agreed) == before


def test_a_segment_that_stays_the_same_keeps_its_name(agreed: ClusteringModel) -> None:
    before = {own.segment: own.name for own in agreed.result.profiles}
    kept = members(agreed)
    agreed.n_clusters = 6
    after = {own.segment: own.name for own in agreed.result.profiles}
    for number in kept.keys() & members(agreed).keys():
        if likeness(kept[number], members(agreed)[number]) >= 0.85:
            assert after[number] == before[number]
    assert len(set(after.values())) == 6


def test_the_settings_of_a_model_with_a_history_replay_without_one(
    agreed: ClusteringModel, mall: Table
) -> None:
    agreed.n_clusters = 7
    agreed.n_clusters = 4
    agreed.merge([own.segment for own in agreed.result.profiles][:2])
    agreed.split(agreed.result.profiles[-1].segment, into=3)
    agreed.pin(agreed.result.profiles[0].segment)
    agreed.random_state = 5
    again = fit(mall, agreed.result.settings)
    np.testing.assert_array_equal(again.labels, agreed.result.labels)
    assert again.metrics == agreed.result.metrics
    assert again.settings == agreed.result.settings
    sent = Settings.from_mapping(agreed.receipt["settings"])
    np.testing.assert_array_equal(fit(mall, sent).labels, agreed.result.labels)


def test_an_edit_is_scored_like_any_clustering(agreed: ClusteringModel, mall: Table) -> None:
    from sklearn.metrics import silhouette_score

    agreed.merge([3, 4])
    values = mall.frame[AGREED["features"]].to_numpy(float)
    expected = silhouette_score(values, agreed.result.labels)
    assert agreed.result.silhouette_score == pytest.approx(expected, abs=1e-12)
    assert agreed.result.n_clusters == 4
    assert sum(own.size for own in agreed.result.profiles) == 200


def test_a_refit_is_not_needed_for_an_edit(model: ClusteringModel, fits: list[Settings]) -> None:
    model.merge([0, 1])
    model.rename(0, name="Everyone else", note="Ask Anna.")
    assert fits == []
    own = model.result.profiles[0]
    assert (own.name, own.note) == ("Everyone else", "Ask Anna.")
    model.undo()
    model.undo()
    assert fits == []
    assert model.edits == []


def test_what_edits_did_is_told_and_is_no_warning(agreed: ClusteringModel) -> None:
    agreed.merge([0, 1])
    agreed.rename(2, name="Careful")
    assert agreed.result.edits_done == (
        "Segments 0 and 1 were merged into 0, of 120 customers.",
        "Segment 2 is called 'Careful'.",
    )
    assert agreed.result.warnings == ()
    assert agreed.result.to_dict()["edits_done"] == list(agreed.result.edits_done)


def test_a_renamed_segment_makes_no_other_name_longer() -> None:
    ages = [20.0, 21.0, 22.0, 60.0, 61.0, 62.0, 70.0, 71.0, 72.0]
    model = ClusteringModel(pd.DataFrame({"Age": ages}), n_clusters=3)
    names = {own.size and own.numeric["Age"].mean: own.name for own in model.result.profiles}
    assert names == {21.0: "Low Age", 61.0: "High Age (Age 61)", 71.0: "High Age (Age 71)"}
    oldest = next(own for own in model.result.profiles if own.name == "High Age (Age 71)")
    model.rename(oldest.segment, name="Pensioners")
    assert {own.name for own in model.result.profiles} == {"Low Age", "High Age", "Pensioners"}
    model.undo()
    assert {own.name for own in model.result.profiles} == set(names.values())


@pytest.mark.parametrize("algorithm", ["kmeans", "dbscan", "gaussian_mixture"])
def test_other_numbers_are_the_same_as_a_fit_with_them(mall: Table, algorithm: str) -> None:
    base = fit(mall, Settings(algorithm, 3, ("Age", "Gender")))
    numbering = tuple(7 - 2 * own for own in range(base.n_clusters))
    revised = revise(mall, base, numbering, ())
    fitted = fit(mall, Settings(algorithm, 3, ("Age", "Gender"), numbering=numbering))
    for name in ("labels", "segments", "contributions", "warnings", "receipt"):
        assert revised.to_dict()[name] == fitted.to_dict()[name]
    for name, score in fitted.metrics.items():  # the order of sums may be another
        assert revised.metrics[name].value == pytest.approx(score.value, rel=1e-12)
    pd.testing.assert_frame_equal(revised.doubts, fitted.doubts)
    new = mall.frame.head(30).assign(Age=range(15, 75, 2))
    assert predict(mall, revised, new).to_dict() == predict(mall, fitted, new).to_dict()


def test_pinned_customers_stay_together(agreed: ClusteringModel) -> None:
    pinned = members(agreed)[2]
    agreed.pin(2)
    agreed.update(algorithm="agglomerative", n_clusters=2)
    assert pinned <= members(agreed)[2]
    agreed.unpin(2)
    assert set(members(agreed)) != {0, 1, 2}


def test_a_name_by_hand_goes_along(agreed: ClusteringModel) -> None:
    agreed.rename(2, name="Careful")
    agreed.n_clusters = 6
    names = {own.segment: own.name for own in agreed.result.profiles}
    assert names[2] == "Careful"
    agreed.undo()
    assert "Careful" not in [own.name for own in agreed.result.profiles]


def test_what_became_of_each_segment_is_told(agreed: ClusteringModel) -> None:
    assert agreed.migration is None
    agreed.n_clusters = 6
    told = agreed.migration
    assert told is not None
    assert told.n_common == 200
    assert told.n_stayed + told.n_moved == 200
    assert sum(own.n_customers for own in told.changes) == 200
    agreed.merge([0, 5])
    told = agreed.migration
    assert told is not None
    assert {own.segment: own.status for own in told.changes}[0] == "merged"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda m: m.merge([0, 9]), "There is no segment 9 to merge; there are 0, 1, 2, 3 and 4."),
        (lambda m: m.merge(0), "Segments to merge must be a list of numbers such as [0, 3], not 0"),
        (lambda m: m.merge("01"), "Segments to merge must be a list of numbers such as [0, 3], no"),
        (lambda m: m.merge([0]), "edits[0].segments must name at least two"),
        (lambda m: m.split(7), "There is no segment 7 to split; there are 0, 1, 2, 3 and 4."),
        (lambda m: m.split(0, into=11), "edits[0].into must be an integer from 2 to 10, not 11."),
        (lambda m: m.pin(9), "There is no segment 9 to pin; there are 0, 1, 2, 3 and 4."),
        (lambda m: m.pin([0, 1]), "The segment to pin must be an integer from 0 to 9999"),
        (lambda m: m.unpin(0), "Segment 0 is not pinned."),
        (lambda m: m.rename(0), "edits[0]: rename needs 'name', 'note' or both."),
        (lambda m: m.rename(0, name=" "), "edits[0].name must not be empty"),
        (lambda m: m.undo(), "There is no edit to undo."),
        (lambda m: m.update(numbering=[0, 1]), "numbering must have a number for each of the 5"),
    ],
)
def test_a_refused_edit_loses_nothing(agreed: ClusteringModel, change: Any, sentence: str) -> None:
    result, settings = agreed.result, agreed.settings
    with pytest.raises(SettingsError) as caught:
        change(agreed)
    assert str(caught.value).startswith(sentence)
    assert agreed.result is result
    assert agreed.settings == settings


def test_an_edit_of_a_segment_that_a_refit_lost_is_refused(agreed: ClusteringModel) -> None:
    agreed.rename(4, name="Young")
    result = agreed.result
    with pytest.raises(SettingsError, match="There is no segment 4 to rename; there are 0 and 1"):
        agreed.n_clusters = 2
    assert agreed.n_clusters == 5
    assert agreed.result is result


def test_another_table_of_the_same_customers_keeps_numbers_and_edits(
    agreed: ClusteringModel, mall: Table
) -> None:
    agreed.rename(1, name="Best")
    before = members(agreed)
    later = mall.frame.iloc[::-1].head(180).reset_index(drop=True)
    agreed.use(later)
    assert agreed.features == AGREED["features"]
    assert {own.segment: own.name for own in agreed.result.profiles}[1] == "Best"
    ids = set(later["CustomerID"].iloc[sorted(members(agreed)[1])])
    assert likeness(ids, set(mall.frame["CustomerID"].iloc[sorted(before[1])])) > 0.8
    assert agreed.migration is not None
    assert agreed.migration.n_departed == 20


def test_edits_do_not_go_along_to_a_table_that_has_nothing_in_common(
    agreed: ClusteringModel,
) -> None:
    agreed.rename(1, name="VIP")
    agreed.use(pd.DataFrame({"Weight": [1.0, 2, 30, 31]}), n_clusters=2)
    assert agreed.edits == []
    assert agreed.migration is None
    assert agreed.result.warnings[-1].startswith("No edit came along")


def test_an_edit_that_another_table_cannot_take_is_told(agreed: ClusteringModel) -> None:
    agreed.merge([3, 4])
    agreed.rename(1, name="Best")
    few = agreed.table.frame.query("`Annual Income (k$)` > 70")
    agreed.use(few.reset_index(drop=True), n_clusters=2)
    assert [own["action"] for own in agreed.edits] == ["rename"]
    assert any("does not fit the new table" in own for own in agreed.result.warnings)


def test_a_pinned_customer_that_is_left_out_now_does_not_unpin_the_others(
    agreed: ClusteringModel, mall: Table
) -> None:
    agreed.pin(2)
    pinned = sorted(members(agreed)[2])
    later = mall.frame.copy()
    later.loc[pinned[0], "Annual Income (k$)"] = np.nan
    agreed.use(later)
    assert agreed.edits[0]["rows"] == pinned[1:]
    assert "1 pinned customers are not among those clustered now." in agreed.result.warnings


def test_a_name_by_hand_that_comes_to_stand_for_others_is_warned_of(
    agreed: ClusteringModel,
) -> None:
    agreed.split(0)
    agreed.rename(5, name="VIP")
    agreed.n_clusters = 2
    named = {own.segment: own.name for own in agreed.result.profiles}
    assert named[5] == "VIP"
    assert any(own.startswith("Segment 5, called 'VIP' by hand") for own in agreed.result.warnings)
