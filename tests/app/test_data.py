"""Files brought in and taken out, refusals, and the selection, with no server."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from bokeh.models import ColumnDataSource

from mall_app.data import read_table
from mall_app.sharing.export import to_csv
from tests.app.bench import Bench, csv
from tests.event_loop import run_apart


def german() -> bytes:
    """A file as a German spreadsheet writes it."""
    lines = ["Stadt;Alter;Umsatz (EUR)"]
    lines += [f"{'Köln' if own % 2 else 'Bonn'};{20 + own};1.{own:03d},5" for own in range(60)]
    return "\r\n".join(lines).encode("latin-1")


def test_a_semicolon_file_is_reported_and_clustered(bench: Bench) -> None:
    bench.upload(german(), "umsatz.csv")
    assert bench.alerts() == []
    assert bench.model.table.numeric == ("Alter", "Umsatz (EUR)")
    assert bench.model.table.frame["Umsatz (EUR)"].iloc[2] == 1002.5
    assert "60 of 60 rows kept" in bench.text()
    assert "semicolon, decimal &#x27;,&#x27;" in bench.text()
    assert "<b>umsatz.csv</b>" in bench.text()
    assert bench.html(bench.workbench.segments).count("data-segment=") == 5
    assert len(bench.table().value) == 60


def test_axes_and_features_are_those_of_the_new_table(bench: Bench) -> None:
    bench.upload(german())
    assert (bench.state.x, bench.state.y) == ("Alter", "Umsatz (EUR)")
    assert bench.widget("Vertical axis").value == "Umsatz (EUR)"
    assert bench.widget("Vertical axis").options == [
        "Alter",
        "Umsatz (EUR)",
        "Projection 1",
        "Projection 2",
    ]
    features = bench.widget("Features")
    assert features.value == ["Alter", "Umsatz (EUR)"]
    assert features.options == ["Stadt", "Alter", "Umsatz (EUR)"]
    assert "▲" not in bench.html(bench.workbench.scores)  # nothing to compare with


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0", "mine.csv"),
        (b"Age,Income\n", "no rows"),
        (b"Age,Income\n30,40\n", "at least two are needed"),
        (b"Age,Income\n" + b"30,40\n" * 30, "customers are equal in"),
        (b"a,b\n" + b"".join(b"x%d,y%d\n" % (own, own) for own in range(60)), "no numeric column"),
    ],
    ids=["empty", "png", "header only", "one row", "constant", "all text"],
)
def test_a_file_that_cannot_be_used_is_refused_and_changes_nothing(
    bench: Bench, data: bytes, told: str
) -> None:
    before, shown = bench.model.result, bench.html(bench.workbench.scores)
    bench.upload(data)
    [said] = bench.alerts()
    assert "mine.csv was not opened." in said
    assert told in said
    assert said.endswith("The last good result is shown below.")
    assert bench.model.result is before
    assert bench.html(bench.workbench.scores) == shown
    assert bench.state.busy == ""
    bench.upload(german())
    assert bench.alerts() == []
    assert len(bench.model.table) == 60


def test_features_emptied_is_said_and_the_last_result_stays(bench: Bench) -> None:
    before = bench.model.result
    bench.widget("Features").value = []
    [said] = bench.alerts()
    assert "features" in said
    assert bench.model.result is before
    assert bench.html(bench.workbench.segments).count("data-segment=") == 5
    bench.widget("Features").value = ["Age"]
    assert bench.alerts() == []
    assert bench.model.result.settings.features == ("Age",)


def test_a_file_can_be_opened_after_a_setting_was_refused(bench: Bench) -> None:
    bench.widget("Features").value = []
    bench.upload(german())
    assert bench.alerts() == []
    assert bench.widget("Features").value == ["Alter", "Umsatz (EUR)"]


def test_more_segments_than_rows_is_said_with_both_numbers() -> None:
    bench = Bench(pd.DataFrame({"Age": [20.0, 30, 40, 50, 60, 70]}), n_clusters=2)
    bench.model.n_clusters = 9
    [said] = bench.alerts()
    assert "n_clusters must be at most the 6 customers" in said
    assert "not 9" in said
    assert bench.model.result.n_clusters == 2
    bench.model.n_clusters = 3
    assert bench.alerts() == []


def rows_of(source: ColumnDataSource) -> list[int]:
    """The rows of the table that are selected in a plot."""
    return sorted(int(source.data["row"][index]) for index in source.selected.indices)


@pytest.mark.drawn
@pytest.mark.parametrize("field", ["up", "silhouette"])
def test_a_selection_in_a_plot_is_one_everywhere(bench: Bench, field: str) -> None:
    source = bench.source(field)
    source.selected.indices = [4, 9, 17]
    chosen = sorted(int(source.data["row"][index]) for index in (4, 9, 17))
    assert bench.state.selection == chosen
    assert rows_of(bench.source("up")) == rows_of(bench.source("silhouette")) == chosen
    assert bench.table().value["CustomerID"].tolist() == [row + 1 for row in chosen]
    source.selected.indices = []
    assert bench.state.selection == []
    assert rows_of(bench.source("up")) == rows_of(bench.source("silhouette")) == []
    assert len(bench.table().value) == 200


@pytest.mark.drawn
def test_ticks_in_the_table_are_marked_in_the_plots_one_after_the_other(bench: Bench) -> None:
    table = bench.table()
    table.selection = [3]
    table.selection = [3, 8]
    assert rows_of(bench.source("up")) == rows_of(bench.source("silhouette")) == [3, 8]
    assert len(table.value) == 200
    table.selection = []
    assert rows_of(bench.source("up")) == []


@pytest.mark.drawn
def test_ticks_within_a_selection_narrow_it_and_give_it_back(bench: Bench) -> None:
    bench.source("up").selected.indices = [4, 9, 17]
    table = bench.table()
    table.selection = [1]
    assert rows_of(bench.source("silhouette")) == [9]
    assert table.value["CustomerID"].tolist() == [5, 10, 18]
    table.selection = []
    assert rows_of(bench.source("silhouette")) == [4, 9, 17]


def test_the_table_is_filled_again_for_a_look_at_it_when_it_lags_alone(bench: Bench) -> None:
    view, table = bench.workbench.customers, bench.table()
    table.selection = [3]
    rows = table.value
    view.active = False
    view.active = True
    assert table.value is rows
    assert table.selection == [3]
    view.active = False
    bench.model.n_clusters = 3
    assert table.value is rows
    view.active = True
    assert table.value["CustomerID"].tolist() == [4]
    assert table.value["segment"].tolist() == [bench.model.result.labels[3]]


@pytest.mark.drawn
def test_a_selection_survives_a_refit_and_another_table_ends_it(bench: Bench) -> None:
    bench.state.selection = [4, 9]
    bench.model.n_clusters = 3
    assert rows_of(bench.source("up")) == rows_of(bench.source("silhouette")) == [4, 9]
    bench.upload(german())
    assert bench.state.selection == []
    assert len(bench.table().value) == 60


def downloaded(bench: Bench) -> bytes:
    """What the download button gives."""
    button = bench.workbench.customers.__panel__()[0][-1]
    given = run_apart(button.callback())
    return bytes(given.getvalue())


def test_the_download_is_the_labelled_table(bench: Bench) -> None:
    given = downloaded(bench)
    assert given == to_csv(bench.model.table, bench.model.result)
    frame = pd.read_csv(BytesIO(given))
    assert frame["segment"].tolist() == bench.model.result.labels.tolist()
    assert frame.drop(columns="segment").equals(pd.DataFrame(bench.model.table.frame))


def test_the_download_runs_no_formula(bench: Bench) -> None:
    ages: list[Any] = list(np.arange(20) % 7 - 3)
    names = [f"=1+{own % 3}" for own in range(20)]
    bench.upload(csv({"@Name": names, "Age": ages}))
    given = downloaded(bench).decode()
    assert given.splitlines()[0].startswith("'@Name")
    assert all(line.startswith("'=1+") for line in given.splitlines()[1:])
    assert read_table(BytesIO(given.encode()))["Age"].tolist() == ages  # numbers stay numbers
