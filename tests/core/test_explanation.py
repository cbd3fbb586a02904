from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples

from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.fit import fit
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, blobs, table_of


@pytest.fixture(scope="module")
def agreed(mall: Table) -> ClusteringResult:
    return fit(mall, Settings(features=INCOME_AND_SPENDING, scaling="none"))


def test_every_segment_explains_itself(mall: Table, agreed: ClusteringResult) -> None:
    for own in agreed.profiles:
        assert own.rule is not None
        met = own.rule.holds(mall, agreed.rows)
        inside = agreed.labels == own.segment
        assert own.rule.precision == (met & inside).sum() / met.sum()
        assert own.rule.recall == (met & inside).sum() / inside.sum()
        assert len(own.typical) == 5
        assert {*own.typical, *own.doubtful} <= set(np.flatnonzero(inside).tolist())
    assert sum(agreed.contributions.values()) == pytest.approx(1.0)
    assert list(agreed.contributions) == list(INCOME_AND_SPENDING)


def test_rows_are_positions_in_the_table_when_customers_are_left_out() -> None:
    ages = [None, 20.0, 21.0, 22.0, None, 60.0, 61.0, 62.0, 63.0]
    table = table_of(Age=ages, other=np.arange(9.0))
    result = fit(table, Settings(n_clusters=2, features=("Age",)))
    assert {own.typical[0] for own in result.profiles} == {2, 6}
    assert result.doubts.index.tolist() == [1, 2, 3, 5, 6, 7, 8]


def test_doubts_are_a_table_by_customer(mall: Table, agreed: ClusteringResult) -> None:
    doubts = agreed.doubts
    values = mall.frame[list(INCOME_AND_SPENDING)]
    assert doubts["silhouette"].to_numpy() == pytest.approx(
        silhouette_samples(values, agreed.labels)
    )
    assert (doubts["second"] != doubts["segment"]).all()
    assert doubts["margin"].between(0, 1).all()
    for own in agreed.profiles:
        inside = doubts[doubts["segment"] == own.segment]
        assert inside["distance_percentile"].max() == 1.0
        assert list(own.doubtful) == inside["margin"].nsmallest(len(own.doubtful)).index.tolist()


def test_numbers_with_gaps_are_those_of_the_segments(mall: Table, agreed: ClusteringResult) -> None:
    numbering = (9, 4, 1, 0, 7)
    renamed = fit(mall, agreed.settings.changed(numbering=numbering))
    plain = {numbering[own.segment]: own for own in agreed.profiles}
    for own in renamed.profiles:
        before = plain[own.segment]
        assert (own.rule, own.typical, own.doubtful) == (
            before.rule,
            before.typical,
            before.doubtful,
        )
    assert renamed.doubt.second.tolist() == [numbering[own] for own in agreed.doubt.second]
    assert renamed.contributions == agreed.contributions


def test_gower_explains_by_its_own_distance(mall: Table) -> None:
    result = fit(
        mall,
        Settings(
            algorithm="kmedoids",
            n_clusters=3,
            distance="gower",
            features=("Age", "Spending Score (1-100)", "Gender"),
        ),
    )
    points = build_features(mall, result.settings).points
    for own in result.profiles:
        inside = np.flatnonzero(result.labels == own.segment)
        away = points.take(inside).distances().sum(axis=1)
        assert own.typical[0] == inside[away.argmin()]
    assert result.contributions["Gender"] > 0.5
    assert not any("ones and zeros" in own for own in result.warnings)


def test_noise_is_explained_as_nobody(mall: Table) -> None:
    table, _ = blobs(60)
    noisy = fit(table, Settings(algorithm="dbscan", params={"eps": 0.01, "min_samples": 5}))
    assert noisy.profiles == () and noisy.contributions == {}
    assert noisy.doubts["margin"].isna().all()


def test_a_category_that_outweighs_is_among_the_warnings_once(mall: Table) -> None:
    features = ("Age", "Annual Income (k$)", "Gender")
    heavy = Settings(features=features, n_clusters=3, weights={"Gender": 30.0})
    merged = heavy.changed(edits=({"action": "merge", "segments": [0, 1]},))
    renamed = heavy.changed(edits=({"action": "rename", "segment": 0, "name": "A"},))
    for own in (heavy, merged, renamed):
        found = [text for text in fit(mall, own).warnings if "ones and zeros" in text]
        assert len(found) == 1


def test_a_result_survives_the_way_between_processes(agreed: ClusteringResult) -> None:
    copy = pickle.loads(pickle.dumps(agreed))
    assert copy.doubts.equals(agreed.doubts)
    assert copy.contributions == agreed.contributions
    assert copy.profiles == agreed.profiles
    assert not copy.doubt.margin.flags.writeable
    json.dumps(copy.to_dict(), allow_nan=False)


def test_the_table_of_segments_has_rules_and_effects(agreed: ClusteringResult) -> None:
    frame = agreed.segments
    assert frame.loc[1, "rule"] == "Annual Income (k$) > 50 and Spending Score (1-100) > 62"
    assert frame["rule: precision"].between(0.9, 1).all()
    assert frame.loc[1, "Spending Score (1-100): effect"] > 1.5
