from __future__ import annotations

import json
import pickle

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from mall_app.data.table import Table
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
        "kmeens",
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
    assert compared.failures == {
        "kmeens": "algorithm 'kmeens' is not known: did you mean 'kmeans'?",
        "kmeans 3": "n_clusters must be at most the 200 customers there are, not 300.",
    }


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
    assert compared.scores.loc["kmeens"].isna().all()


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
