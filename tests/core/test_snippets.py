"""What is copied from a page runs, and gives the same labels."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from api.schema import read_cluster_call
from mall_app.data import load_customers, read_table
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.model.model import ClusteringModel
from mall_app.settings import Settings
from mall_app.sharing.links import LONGEST_QUERY, link_query, read_query
from mall_app.sharing.snippets import curl_command, python_code, records_of

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]
CHOICES: list[dict[str, Any]] = [
    {},
    {"features": FEATURES, "scaling": "none", "random_state": 3, "params": {"n_init": 2}},
    {"algorithm": "dbscan", "features": FEATURES, "params": {"eps": 0.3}},
    {"features": ["Age", "Gender"], "weights": {"Gender": 2.5}, "missing": "median"},
    {"algorithm": "hdbscan", "distance": "gower", "features": ["Age", "Gender"]},
    {"features": FEATURES, "numbering": [4, 0, 1, 7, 2]},
    {
        "features": FEATURES,
        "edits": [
            {"action": "split", "segment": 0, "into": 2},
            {"action": "pin", "segment": 1, "rows": list(range(60))},
            {"action": "rename", "segment": 2, "name": 'O\'Neil "VIP" $HOME `ls`', "note": "é\n"},
        ],
    },
]
NAMES = ["defaults", "raw", "dbscan", "weights", "gower", "numbering", "edits"]
FILE = "Stadt;Alter;Umsatz (EUR);Größe\n" + "\n".join(
    f"{'Köln' if own % 3 else 'Bonn'};{20 + own};1.{own:03d},5;{own % 7 if own % 5 else ''}"
    for own in range(60)
)


def ran(code: str) -> ClusteringModel:
    """Run a program; give the model it made."""
    names: dict[str, Any] = {}
    exec(compile(code, "copied", "exec"), names)
    model = names["model"]
    assert isinstance(model, ClusteringModel)
    return model


@pytest.fixture(params=CHOICES, ids=NAMES)
def model(request: pytest.FixtureRequest) -> ClusteringModel:
    return ClusteringModel(**request.param)


def test_the_python_gives_the_same_labels(
    model: ClusteringModel, capsys: pytest.CaptureFixture[str]
) -> None:
    again = ran(python_code(model.result.settings))
    assert again.result.labels.tolist() == model.result.labels.tolist()
    assert again.result.settings == model.result.settings
    assert model.result.profiles[0].name in capsys.readouterr().out


def test_the_command_asks_the_api_for_the_same_labels(model: ClusteringModel) -> None:
    command = curl_command(model.result.settings, "http://localhost:5006")
    assert command is not None
    words = shlex.split(command)
    assert words[:3] == ["curl", "-sS", "http://localhost:5006/cluster"]
    call = read_cluster_call(words[-1].encode(), None)
    assert fit(call.table, call.settings).labels.tolist() == model.result.labels.tolist()


def test_the_link_is_read_back_as_the_same_settings(model: ClusteringModel) -> None:
    start = ClusteringModel(features=FEATURES).result.settings
    query = link_query(model.result.settings, start, {"x": "Age"})
    assert query is not None
    settings, axes = read_query(parse_qs(query, strict_parsing=True), start)
    result = fit(model.table, settings)
    assert result.settings == model.result.settings
    assert result.labels.tolist() == model.result.labels.tolist()
    assert axes == {"x": "Age"}


def test_a_link_says_only_what_differs() -> None:
    start = ClusteringModel(features=FEATURES).result.settings
    assert link_query(start, start) == ""
    assert link_query(start.changed(n_clusters=7), start) == "n_clusters=7"


def test_a_table_of_ones_own_is_read_or_sent_along(tmp_path: Path) -> None:
    path = tmp_path / "kunden; 'x'.csv"
    path.write_text(FILE, "latin-1")
    model = ClusteringModel(read_table(str(path)), n_clusters=3)
    code = python_code(model.result.settings, str(path))
    assert ran(code).result.labels.tolist() == model.result.labels.tolist()
    command = curl_command(model.result.settings, "http://localhost:5006", model.table)
    assert command is not None
    call = read_cluster_call(shlex.split(command)[-1].encode(), None)
    assert call.table.roles == model.table.roles
    assert fit(call.table, call.settings).labels.tolist() == model.result.labels.tolist()


def test_records_keep_every_digit() -> None:
    frame = load_customers().assign(Spend=[own / 3 + 1e-9 for own in range(200)])
    records = json.loads(json.dumps(records_of(Table.from_frame(frame))))
    assert [own["Spend"] for own in records] == frame["Spend"].tolist()


def test_a_table_too_large_for_a_command_has_none() -> None:
    frame = load_customers().sample(20_000, replace=True, random_state=0)
    table = Table.from_frame(frame.reset_index(drop=True))
    assert curl_command(Settings(), "http://localhost:5006", table) is None


def test_edits_of_too_many_customers_have_no_link() -> None:
    edits = [{"action": "pin", "segment": 0, "rows": list(range(5_000))}]
    settings = Settings.from_mapping({"edits": edits})
    assert link_query(settings, Settings()) is None
    assert LONGEST_QUERY < 8_000  # what proxies commonly take


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("n_clusters=1", "n_clusters must be an integer from 2 to 1000, not 1."),
        ("n_clusters=many", "n_clusters must be an integer from 2 to 1000, not 'many'."),
        ("n_clusters=3&n_clusters=4", "The link names 'n_clusters' more than once."),
        ("n_cluster=4", "The link has 'n_cluster', which is no setting: did you mean 'n_clusters'"),
        ("weights.Age=0", "The weight of 'Age' must be more than 0"),
        ("numbering=1,1", "numbering must not repeat a number"),
        ("edits=[", "edits must be a list"),
        ("scaling=7", "scaling '7' is not known"),
        ("%00=1", "which is no setting"),
    ],
)
def test_a_broken_link_is_refused_in_a_sentence(query: str, told: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read_query(parse_qs(query), Settings())
    assert told in refused.value.detail


def test_what_panel_puts_into_a_query_is_left_to_it() -> None:
    query = {"theme": ["dark"], "bokeh-session-id": ["x"]}
    assert read_query(query, Settings()) == (Settings(), {})
