from __future__ import annotations

import json
import pickle
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_blobs, make_circles

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import DataError
from mall_app.evidence import Evidence, evidence
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of
from tests.evidence.shapes import gaussian

AGREED = Settings(features=INCOME_AND_SPENDING, scaling="none")
NEEDING_K = [name for name, own in algorithms().items() if own.needs_n_clusters]


def table_from(values: np.ndarray) -> Table:
    return table_of(**{f"column {n}": column for n, column in enumerate(values.T)})


@pytest.fixture(scope="module")
def agreed(mall: Table) -> Evidence:
    return evidence(mall, AGREED, range(2, 9), n_bootstraps=20, n_references=20)


@pytest.fixture(scope="module")
def noise() -> Evidence:
    return evidence(table_from(gaussian(120, 2, 3)), Settings(), range(2, 6), n_bootstraps=10)


def test_the_mall_customers_are_five_segments(agreed: Evidence) -> None:
    assert agreed.recommended_k == 5
    assert agreed.structure.found
    assert {"silhouette_score", "davies_bouldin_score", "inertia"} <= set(
        agreed.agreement.supporters
    )
    assert agreed.agreement.share == len(agreed.agreement.supporters) / agreed.agreement.n_votes


def test_scores_are_those_of_the_fits(agreed: Evidence, mall: Table) -> None:
    for k in (2, 5):
        result = fit(mall, AGREED.changed(n_clusters=k))
        for name, score in result.metrics.items():
            assert agreed.indices[name].values[k] == score.value
        assert agreed.smallest[k] == min(own.size for own in result.profiles)
    assert agreed.indices["inertia"].values[1] == pytest.approx(269981.28)


def test_everything_is_there_in_json(agreed: Evidence) -> None:
    document = json.loads(json.dumps(agreed.to_dict(), allow_nan=False))
    assert document["recommended_k"] == 5
    assert document["indices"]["silhouette_score"]["values"]["5"] == pytest.approx(
        0.553932, abs=5e-7
    )
    assert document["indices"]["bic"]["values"]["5"] is None
    assert "mixture" in document["indices"]["bic"]["reason"]
    assert document["agreement"]["votes"]["silhouette_score"] == 5
    assert [own["segment"] for own in document["stability"]["5"]["segments"]] == list(range(5))
    assert document["structure"]["found"] is True
    assert document["headline"].startswith("5 segments: ")


def test_frames(agreed: Evidence) -> None:
    assert agreed.indices_frame.index.tolist() == list(range(1, 9))
    assert agreed.indices_frame["silhouette_score"].idxmax() == 5
    assert agreed.votes_frame.index.tolist() == agreed.indices_frame.columns.tolist()
    assert agreed.votes_frame.loc["silhouette_score", "best_k"] == 5
    assert agreed.votes_frame.loc["silhouette_score", "title"] == "Silhouette"
    assert agreed.votes_frame.loc["silhouette_score", "reason"] == ""
    assert "mixture" in agreed.votes_frame.loc["bic", "reason"]
    assert not agreed.votes_frame.drop(columns="best_k").isna().any(axis=None)
    assert agreed.stability_frame.loc[5]["size"].sum() == 200
    assert len(agreed.stability_frame) == sum(range(2, 9))


def test_a_line_for_each_number(agreed: Evidence) -> None:
    first, *lines = repr(agreed).splitlines()
    assert first == f"Evidence: {agreed.headline}"
    assert [own.split(":")[0].strip() for own in lines] == [f"k = {k}" for k in agreed.ks]
    assert f"smallest segment {agreed.smallest[5]}; stability 0.9" in lines[3]
    assert "votes: Silhouette, " in lines[3]


def test_an_outcome_at_the_edge_of_what_was_asked_says_so(mall: Table) -> None:
    options: dict[str, Any] = {"n_bootstraps": 3, "n_references": 5}
    few = evidence(mall, AGREED, [2, 3], **options)
    assert few.recommended_k == 3
    assert few.reasons[1].startswith("3 is the largest number asked; ask for more")
    many = evidence(mall, AGREED, [5, 9, 20], **options)
    assert many.recommended_k == 5
    assert many.reasons[1].startswith("5 is the smallest number asked; ask for fewer")


def test_one_sentence_for_all_that_do_not_apply(mall: Table) -> None:
    settings = Settings("kmedoids", features=INCOME_AND_SPENDING, distance="gower")
    found = evidence(mall, settings, [3, 4], n_bootstraps=0, n_references=5)
    without = [own for own in found.reasons if "no vote" in own]
    assert any(own.startswith("Davies-Bouldin and Calinski-Harabasz have no") for own in without)
    assert len(without) == len({own.split(": ")[1] for own in without})


def test_the_gap_statistic_tells_where_it_is_highest(agreed: Evidence) -> None:
    gap = agreed.indices["gap"]
    assert gap.best_k == 1
    highest = agreed.indices_frame["gap"].idxmax()
    assert f"highest at {highest}" in str(gap.reason)
    assert f"Gap statistic votes for 1: {gap.reason}" in agreed.reasons


def test_the_same_again_and_survives_pickling(agreed: Evidence, mall: Table) -> None:
    again = evidence(mall, AGREED, range(8, 1, -1), n_bootstraps=20, n_references=20)
    assert again.to_dict() == agreed.to_dict()
    assert pickle.loads(pickle.dumps(agreed)).to_dict() == agreed.to_dict()
    assert agreed.nbytes > 0
    with pytest.raises(TypeError):
        agreed.indices["more"] = agreed.indices["gap"]  # type: ignore[index]


def test_no_number_is_recommended_for_noise(noise: Evidence) -> None:
    assert noise.recommended_k is None
    assert noise.headline == (
        "No number of segments is recommended: the customers show no clear structure."
    )
    assert "not clearly more grouped" in noise.reasons[0]
    assert noise.to_dict()["recommended_k"] is None


def test_a_segment_must_be_as_large_as_asked(mall: Table) -> None:
    options = {"n_bootstraps": 0, "n_references": 10}
    large = evidence(mall, AGREED, range(2, 9), minimum_size=30, **options)
    assert large.recommended_k == large.agreement.votes["silhouette_score"] != 5
    assert large.recommended_k is not None and large.smallest[large.recommended_k] >= 30
    assert any("fewer than the 30 customers asked for" in reason for reason in large.reasons)
    share = evidence(mall, AGREED, range(2, 9), minimum_size=0.15, **options)
    assert share.to_dict() == large.to_dict()
    none = evidence(mall, AGREED, range(4, 7), minimum_size=0.9, **options)
    assert none.recommended_k is None
    assert none.headline == (
        "No number of segments is recommended: for every number looked at, a segment is smaller "
        "than the 180 customers asked for."
    )
    assert none.stability == {}
    assert none.indices["stability"].reason == "No bootstraps were asked for."


def test_disagreement_is_the_headline() -> None:
    values, _ = make_blobs(
        [80, 15, 15, 40], centers=[[0, 0], [3.2, 0], [0, 3.2], [9, 9]], random_state=1
    )
    found = evidence(table_from(values), Settings(), range(2, 8), n_bootstraps=15)
    votes = {vote for vote in found.agreement.votes.values() if vote is not None}
    assert len(votes) > 1
    others = votes - {found.recommended_k}
    assert all(str(k) in found.headline for k in others)


@pytest.mark.parametrize("key", NEEDING_K)
def test_every_algorithm_that_takes_a_number(key: str) -> None:
    values, _ = make_blobs(45, centers=[[-8, -8], [0, 8], [8, -8]], random_state=2)
    distance = algorithms()[key].distances[0]
    settings = Settings(
        key, distance=distance, scaling="none" if distance == "euclidean" else "minmax"
    )
    found = evidence(table_from(values), settings, [2, 3, 4], n_bootstraps=2, n_references=5)
    assert found.agreement.votes["silhouette_score"] == 3
    assert found.structure.found
    assert found.stability[3].adjusted_rand is not None
    assert found.stability[3].adjusted_rand > 0.9


def test_nested_circles_by_a_method_that_separates_them() -> None:
    values, _ = make_circles(160, noise=0.04, factor=0.4, random_state=0)
    settings = Settings("agglomerative", params={"linkage": "single"})
    found = evidence(table_from(values), settings, range(2, 5), n_bootstraps=5, n_references=5)
    assert "connected" in found.structure.kinds
    assert found.recommended_k is not None


def test_under_gower_what_is_not_defined_says_why(mall: Table) -> None:
    settings = Settings(
        "agglomerative",
        features=("Gender", *INCOME_AND_SPENDING),
        distance="gower",
        params={"linkage": "average"},
    )
    found = evidence(mall, settings, [2, 3], n_bootstraps=3, n_references=5)
    assert found.indices["silhouette_score"].best_k in (2, 3)
    assert found.indices["calinski_harabasz_score"].best_k is None
    assert "Gower" in str(found.indices["calinski_harabasz_score"].reason)
    json.dumps(found.to_dict(), allow_nan=False)


def test_mixtures_have_criteria(mall: Table) -> None:
    settings = AGREED.changed(algorithm="gaussian_mixture", params={"n_init": 1})
    found = evidence(mall, settings, [2, 3], n_bootstraps=0, n_references=5)
    for name in ("bic", "aic"):
        values = found.indices[name].values
        assert found.indices[name].best_k == min(values, key=lambda k: values[k] or 0.0)
    assert "aic" not in found.agreement.votes


def test_progress_is_told_piece_by_piece_and_can_end_the_work(mall: Table) -> None:
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evidence(mall, AGREED, [2, 3], n_bootstraps=0, progress=progress)
    assert [done for done, _ in told] == [1, 2, 3]
    assert len({total for _, total in told}) == 1


def test_many_customers_are_sampled_where_it_would_take_long() -> None:
    values, _ = make_blobs(4000, centers=3, random_state=0)
    found = evidence(table_from(values), Settings(), [2, 3], n_bootstraps=2, n_references=5)
    assert found.structure.n_rows == 400
    assert sum(own.size for own in found.stability[3].segments) == 1000
    assert found.smallest[3] > 1200
    assert found.recommended_k == 3


def test_two_kinds_of_customer_and_no_more() -> None:
    found = evidence(table_of(a=[1.0, 1.0, 1.0, 5.0, 5.0]), Settings(), n_bootstraps=5)
    assert found.ks == (2,)
    json.dumps(found.to_dict(), allow_nan=False)


def test_what_cannot_be_clustered_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to tell apart"):
        evidence(table_of(a=[3.0, 3.0, 3.0]), Settings())
