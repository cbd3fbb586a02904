"""What a large fit holds at its highest, what is given back, and what is not searched."""

import gc
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mall_app import memory
from mall_app.data.opening import open_table
from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.memory import MANY_ROWS, give_back, lasting_imports
from mall_app.plots.picture import render_png
from mall_app.settings import Settings

LINUX = sys.platform == "linux"


def free_on_the_heap() -> bytes:
    """Free 50 MB in blocks too small for a mapping of their own, under one that stays."""
    blocks = [bytes(100_000) for _ in range(500)]
    last = bytes(100_000)
    del blocks
    return last


@pytest.mark.skipif(not LINUX, reason="other libraries of C keep memory in other ways")
def test_after_many_rows_freed_memory_is_given_back() -> None:
    last = free_on_the_heap()
    assert give_back(MANY_ROWS + 1)
    assert len(last) == 100_000


def test_after_few_rows_it_is_kept_for_the_next_fit() -> None:
    last = free_on_the_heap()
    assert not give_back(MANY_ROWS)
    assert len(last) == 100_000


def test_another_library_of_c_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "_trim", lambda: None)
    assert not give_back(MANY_ROWS + 1)


def customers(n_rows: int, kind: str) -> pd.DataFrame:
    generator = np.random.default_rng(0)
    values = generator.normal(generator.choice([20, 50, 80], size=(n_rows, 1)), 8, (n_rows, 3))
    return pd.DataFrame(values.round(), columns=["Age", "Income", "Score"]).astype(kind)


@pytest.mark.parametrize("kind", ["float64", "int64"])
def test_a_million_customers_take_less_than_four_times_their_table(
    kind: str, tmp_path: Path
) -> None:
    def peak(n_rows: int) -> int:
        path = tmp_path / f"{n_rows}.parquet"
        customers(n_rows, kind).to_parquet(path, index=False)
        tracemalloc.start()
        table = open_table(path)
        assert len(render_png(table, fit(table, Settings(n_clusters=3)))) > 1000
        highest = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return highest

    peak(MANY_ROWS + 1)  # loads what is loaded once
    assert peak(1_000_000) < 4 * 3 * 8 * 1_000_000


def test_whole_numbers_of_many_rows_are_not_kept_as_floats_too() -> None:
    table = Table.from_frame(customers(MANY_ROWS + 1, "int64"))
    fit(table, Settings(n_clusters=3))
    assert table.number("Age").dtype == np.float64
    assert "numbers" not in vars(table)


def test_an_import_that_fails_leaves_the_collector_on() -> None:
    gc.unfreeze()
    with pytest.raises(ImportError), lasting_imports():
        assert not gc.isenabled()
        raise ImportError
    assert gc.isenabled() and not gc.get_freeze_count()
