from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.settings import Settings
from mall_app.sweep import Sweep, sweep
from tests.core.tables import INCOME_AND_SPENDING, table_of

AGREED = Settings(features=INCOME_AND_SPENDING, scaling="none", params={"n_init": 10})


@pytest.fixture(scope="module")
def agreed(mall: Table) -> Sweep:
    return sweep(mall, AGREED, range(1, 6))


def test_the_agreed_inertias(agreed: Sweep) -> None:
    expected = [269981.28, 181363.60, 106348.37, 73679.79, 44448.46]
    assert agreed.scores["inertia"].tolist() == pytest.approx(expected, abs=0.005)


def test_the_agreed_scores_at_five(agreed: Sweep) -> None:
    row = agreed.scores.loc[5]
    assert row["silhouette_score"] == pytest.approx(0.553932, abs=5e-7)
    assert row["davies_bouldin_score"] == pytest.approx(0.572563, abs=5e-7)
    assert row["calinski_harabasz_score"] == pytest.approx(247.358993, abs=5e-7)


def test_one_segment_has_an_inertia_and_no_score(agreed: Sweep) -> None:
    assert agreed.scores.loc[1].isna().tolist() == [True, True, True, False]
    assert agreed.results[1].metrics["silhouette_score"].reason == (
        "There is one segment only; the score compares at least two."
    )


def test_each_fit_is_the_fit_one_gets_alone(agreed: Sweep, mall: Table) -> None:
    for k in (2, 5):
        assert agreed.results[k].to_dict() == fit(mall, AGREED.changed(n_clusters=k)).to_dict()


def test_order_and_repeats_do_not_matter(mall: Table) -> None:
    assert list(sweep(mall, AGREED, [4, 2, 4]).results) == [2, 4]


def test_what_the_settings_say_about_k_does_not_matter(mall: Table) -> None:
    found = sweep(mall, AGREED.changed(n_clusters=None), [2])
    assert found.results[2].n_clusters == 2


def test_numbers_above_the_distinct_customers_are_left_out() -> None:
    table = table_of(a=[1.0, 1.0, 2.0, 3.0])
    assert list(sweep(table, Settings(), range(1, 9)).results) == [1, 2, 3]


@pytest.mark.parametrize("key", ["bisecting_kmeans", "gaussian_mixture", "agglomerative"])
def test_every_algorithm_that_takes_a_number_sweeps(mall: Table, key: str) -> None:
    assert np.isfinite(sweep(mall, Settings(key), [2, 3]).scores.to_numpy()).all()


@pytest.mark.parametrize(
    ("settings", "ks", "sentence"),
    [
        (
            Settings("dbscan"),
            [2],
            "dbscan finds the number of segments itself; there is nothing to sweep over.",
        ),
        (Settings(), [0, 2], "n_clusters must be an integer from 1 to 1000, not 0."),
        (Settings(), [True], "n_clusters must be an integer from 1 to 1000, not true."),
        (Settings(), ["3"], "n_clusters must be an integer from 1 to 1000, not '3'."),
        (Settings(), [1001], "n_clusters must be an integer from 1 to 1000, not 1001."),
        (
            Settings(),
            [300],
            "n_clusters must be at most the 200 customers that differ, but the "
            "sweep starts at 300.",
        ),
        (Settings(), [], "The sweep names no number of segments."),
        (Settings("kmeens"), [2], "algorithm 'kmeens' is not known: did you mean 'kmeans'?"),
    ],
)
def test_refusals_word_for_word(
    mall: Table, settings: Settings, ks: list[Any], sentence: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        sweep(mall, settings, ks)
    assert str(caught.value) == sentence


def test_a_sweep_is_read_only_and_survives_pickling(agreed: Sweep) -> None:
    again = pickle.loads(pickle.dumps(agreed))
    assert again.scores.equals(agreed.scores)
    for own in (agreed, again):
        with pytest.raises(TypeError):
            own.results[9] = own.results[2]
    assert agreed.nbytes == sum(own.nbytes for own in agreed.results.values())
