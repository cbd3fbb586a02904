"""The menu of the server's datasets, and how large tables are told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from mall_app.data.partitioned import PartitionedTable
from mall_app.data.table import Table
from mall_app.errors import DatasetNotFound
from mall_app.settings import Settings
from mall_app.views.data import size_of
from mall_app.views.datasets import DatasetMenu, opened
from tests.app.bench import CountingEngine


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MALL_DATA_DIR", str(tmp_path))
    return tmp_path


def test_the_menu_is_there_once_there_is_a_choice(folder: Path) -> None:
    chosen: list[tuple[str, str]] = []
    menu = DatasetMenu(lambda own, name: chosen.append((own, name)))
    select = menu.__panel__()
    assert not select.visible
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    menu.refresh()
    assert select.visible
    offered = {"Mall customers · 200 customers": "mall", "shop.csv": "shop.csv"}
    assert select.options == {"None chosen": "", **offered}
    select.value = "shop.csv"
    menu.clear()
    select.value = "mall"
    assert chosen == [("shop.csv", "shop.csv"), ("mall", "Mall customers")]


def test_nothing_is_opened_that_nobody_chose(folder: Path) -> None:
    chosen: list[str] = []
    menu = DatasetMenu(lambda own, _: chosen.append(own))
    drawn = menu.__panel__().get_root()
    assert drawn.data.value == "None chosen"
    menu.refresh()
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    menu.refresh()
    menu.__panel__().value = "shop.csv"
    menu.clear()
    assert drawn.data.value == "None chosen"
    (folder / "shop.csv").unlink()
    menu.refresh()
    assert chosen == ["shop.csv"]


def test_a_dataset_is_read_and_clustered_beside_the_page(folder: Path) -> None:
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    engine, wanted = CountingEngine(), Settings(n_clusters=2, features=("Age",))
    table, fit = opened(engine, "shop.csv", wanted).result(30)
    assert table.features == ("n",) and fit.result().labels.tolist() == [0, 0, 1]
    with pytest.raises(DatasetNotFound, match="did you mean 'shop.csv'"):
        opened(engine, "shop", wanted).result(30)


def test_a_large_table_says_how_many_are_drawn(tmp_path: Path) -> None:
    pd.DataFrame({"n": range(60_000)}).to_parquet(tmp_path / "large.parquet")
    table = Table.from_parts(PartitionedTable.open(tmp_path))
    assert size_of(table) == "60,000 customers, 50,000 drawn"
