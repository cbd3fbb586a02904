from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.evidence import Comparison, compare
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import INCOME_AND_SPENDING, table_of

BASE = Settings(features=INCOME_AND_SPENDING, n_clusters=5)


@pytest.fixture(scope="module")
def compared(mall: Table) -> Comparison:
    candidates = [
        "kmeans",
        BASE.changed(n_clusters=3),
        "hdbscan",
        BASE.changed(algorithm="birch", distance="gower", scaling="minmax"),
        BASE.changed(n_clusters=300),
        BASE.changed(n_clusters=None),
    ]
    return compare(mall, candidates, BASE, n_bootstraps=5)


def test_each_candidate_is_the_fit_one_gets_alone(compared: Comparison, mall: Table) -> None:
    assert list(compared.results) == ["kmeans", "kmeans 2", "hdbscan", "kmeans 4"]
    assert compared.results["kmeans"].to_dict() == fit(mall, BASE).to_dict()
    assert compared.results["kmeans 2"].n_clusters == 3
    assert compared.results["kmeans 4"].n_clusters == 5


def test_a_failure_is_a_sentence(compared: Comparison) -> None:
    assert list(compared.failures) == ["birch", "kmeans 3"]
    assert compared.failures["birch"].startswith("distance 'gower' is not served by birch")
    assert compared.failures["kmeans 3"] == (
        "n_clusters must be at most the 200 customers there are, not 300."
    )


@pytest.mark.parametrize(
    ("candidate", "sentence"),
    [
        ("kmeens", "algorithm 'kmeens' is not known: did you mean 'kmeans'?"),
        (BASE.changed(params={"n_int": 3}), "did you mean 'n_init'?"),
        (BASE.changed(features=("Agee",)), "did you mean 'Age'?"),
        (BASE.changed(weights={"Agee": 2.0}), "did you mean"),
    ],
)
def test_what_is_not_known_is_refused_at_once(
    mall: Table, candidate: Settings | str, sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        compare(mall, ["kmeans", candidate], BASE, n_bootstraps=0)
    assert sentence in str(caught.value)


def test_a_line_for_each_candidate(compared: Comparison) -> None:
    first, *lines = repr(compared).splitlines()
    assert first == "Comparison: 4 of 6 candidates have a result."
    assert len(lines) == 6
    assert lines[0].startswith("  kmeans: 5 segments, silhouette 0.55, stability 0.9")
    noise = compared.results["hdbscan"].n_noise
    assert f", {noise} noise, " in lines[2]
    assert lines[3].startswith("  birch: distance 'gower'")


def test_that_nothing_but_noise_comes_back_is_not_stable(mall: Table) -> None:
    settings = BASE.changed(algorithm="dbscan", params={"eps": 0.001})
    found = compare(mall, [settings], n_bootstraps=2)
    assert found.results["dbscan"].n_clusters == 0
    assert np.isnan(found.scores.loc["dbscan", "stability"])


def test_an_error_that_is_none_of_ours_is_named(
    mall: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("by chance")

    monkeypatch.setattr("mall_app.evidence.candidate.fit_features", broken)
    assert compare(mall, ["kmeans"], BASE).failures == {
        "kmeans": "kmeans failed: ZeroDivisionError: by chance"
    }


def test_scores_side_by_side(compared: Comparison) -> None:
    row = compared.scores.loc["kmeans"]
    assert row["silhouette_score"] == compared.results["kmeans"].silhouette_score
    assert row["stability"] > 0.8
    assert row["seconds"] > 0
    assert compared.scores.loc["hdbscan", "n_noise"] == compared.results["hdbscan"].n_noise
    assert compared.scores.loc["birch"].isna().all()


def test_agreement_is_the_index_of_scikit_learn_without_noise(compared: Comparison) -> None:
    one, two = (compared.results[name].labels for name in ("kmeans", "hdbscan"))
    both = (one >= 0) & (two >= 0)
    expected = adjusted_rand_score(one[both], two[both])
    assert compared.agreement.loc["kmeans", "hdbscan"] == pytest.approx(expected)
    assert np.diag(compared.agreement).tolist() == [1.0] * 4
    assert compared.agreement.equals(compared.agreement.T)


def test_customers_that_one_left_out_do_not_count() -> None:
    table = table_of(a=[1.0, 2.0, 9.0, 10.0, 1.5, 9.5], b=[1.0, 1.0, 7.0, 7.0, np.nan, np.nan])
    candidates = [Settings(n_clusters=2, features=own) for own in (("a",), ("a", "b"))]
    found = compare(table, candidates, n_bootstraps=0)
    assert found.agreement.iloc[0, 1] == 1.0


def test_json_and_pickle(compared: Comparison) -> None:
    document = json.loads(json.dumps(compared.to_dict(), allow_nan=False))
    assert [own["name"] for own in document["candidates"]] == list(compared.candidates)
    assert document["agreement"]["kmeans"]["kmeans"] == 1.0
    assert document["candidates"][3]["result"] is None
    assert list(pickle.loads(pickle.dumps(compared)).candidates) == list(compared.candidates)
    assert compared.nbytes > 0


def test_progress(mall: Table) -> None:
    told: list[tuple[int, int]] = []
    compare(
        mall, ["kmeans", "dbscan"], BASE, n_bootstraps=0, progress=lambda *own: told.append(own)
    )
    assert told == [(1, 2), (2, 2)]
