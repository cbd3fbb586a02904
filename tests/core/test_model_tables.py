from __future__ import annotations

import pandas as pd
from sklearn.metrics import adjusted_rand_score

from mall_app import ClusteringModel
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.core.tables import blobs, table_of
from tests.core.watching import assert_refused


def test_loading_another_table_is_one_fit_and_one_event(
    model: ClusteringModel, fits: list[Settings]
) -> None:
    model.features = ["Age"]
    fits.clear()
    seen: list[tuple[int, int]] = []
    model.param.watch(
        lambda *_: seen.append((len(model.table), model.result.n_rows)), ["table", "result"]
    )
    model.use(pd.DataFrame({"x": [1.0, 2, 30, 31], "y": [4.0, 5, 6, 7]}), n_clusters=2)
    assert len(fits) == 1
    assert seen == [(4, 4)]
    assert model.features == ["x", "y"]
    model.n_clusters = 3
    assert model.result.n_clusters == 3


def test_loading_with_another_algorithm_starts_from_its_defaults(model: ClusteringModel) -> None:
    model.use(table_of(x=[1.0, 2, 30, 31]), algorithm="dbscan", params={"min_samples": 2})
    assert model.result.settings.params == {"eps": 0.5, "min_samples": 2}
    assert model.method.params() == {"eps": 0.5, "min_samples": 2}


def test_a_table_that_cannot_be_loaded_leaves_everything_as_it_was(model: ClusteringModel) -> None:
    assert_refused(
        model,
        lambda: model.use(pd.DataFrame({"x": [1.0, 2.0]})),
        "n_clusters must be at most the 2 customers there are, not 5.",
    )


def test_a_failed_change_after_loading_goes_back_to_the_loaded_table(
    model: ClusteringModel,
) -> None:
    model.use(table_of(x=[1.0, 2, 30, 31]), n_clusters=2)
    assert_refused(
        model,
        lambda: setattr(model, "n_clusters", 5),
        "n_clusters must be at most the 4 customers there are, not 5.",
    )


def test_changing_the_frame_afterwards_does_not_reach_the_model() -> None:
    frame = pd.DataFrame({"x": [1.0, 2, 30, 31]})
    model = ClusteringModel(frame, n_clusters=2)
    frame.loc[0, "x"] = 99.0
    assert model.labelled()["x"].tolist() == [1.0, 2.0, 30.0, 31.0]


def test_a_runner_takes_over_and_hands_back(mall: Table, fits: list[Settings]) -> None:
    due: list[ClusteringModel] = []
    model = ClusteringModel(mall, runner=due.append)
    before = model.result
    fits.clear()
    model.n_clusters = 4
    model.method.n_init = 2
    assert due == [model, model]
    assert fits == []
    assert model.result is before
    finished = fit(model.table, model.settings)
    model.accept(finished)
    assert model.result.settings.unedited() == finished.settings
    assert adjusted_rand_score(model.result.labels, finished.labels) == 1.0
    assert (finished.n_clusters, finished.settings.params["n_init"]) == (4, 2)


def test_a_runner_can_refuse_and_the_last_result_stays(mall: Table) -> None:
    model = ClusteringModel(mall, runner=lambda model: model.refuse(SettingsError("No.")))
    before = model.result
    model.n_clusters = 4
    assert str(model.error) == "No."
    assert model.result is before
    model.accept(before)
    assert model.error is None


def test_taking_a_result_runs_nothing(mall: Table) -> None:
    due: list[ClusteringModel] = []
    model = ClusteringModel(mall, runner=due.append)
    table = table_of(x=[1.0, 2, 30, 31])
    model.take(table, fit(table, Settings("dbscan", params={"min_samples": 2})))
    assert due == []
    assert (model.algorithm, model.features, model.table) == ("dbscan", ["x"], table)
    model.scaling = "none"
    assert due == [model]


def test_what_was_chosen_automatically_for_one_table_is_chosen_anew_for_the_next() -> None:
    model = ClusteringModel(blobs()[0], n_clusters=3)
    assert (model.result.settings.engine, model.result.settings.strategy) == ("local", "full")
    assert (model.engine, model.strategy) == ("auto", "auto")
    model.use(blobs(300)[0], strategy="sample")
    assert model.strategy == "sample" == model.result.settings.strategy
    model.update(strategy="auto")
    assert (model.strategy, model.result.settings.strategy) == ("auto", "full")
