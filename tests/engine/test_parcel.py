"""Tables and results reach the other process as they were, and nothing stays on the disk."""

from __future__ import annotations

import gc
import os
import pickle
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine, shared_file
from mall_app.engine.parcel import LARGE_TABLES_KEPT, Parcel, Parcels, unpacked
from mall_app.engine.shared_file import Packed, SharedFile
from mall_app.errors import StoreFull
from mall_app.fit import fit
from mall_app.settings import Settings
from tests.engine.tasks import give_back

N_LARGE = 60_000


def table_of(n_rows: int, seed: int = 0) -> Table:
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 1, (n_rows, 3))
    frame = pd.DataFrame(values, columns=["Age", "Income", "Score"])
    frame.loc[0, "Age"] = np.nan
    frame["City"] = np.array(["Köln", "Oslo", None], dtype=object)[np.arange(n_rows) % 3]
    return Table.from_frame(frame.astype({"City": "str"}))


def sent(value: Any) -> Any:
    """Give what another process would unpack."""
    file = SharedFile()
    return pickle.loads(pickle.dumps(Packed.of(value, file))).value()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files without a place of their own go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("n_rows", [10, N_LARGE])
def test_what_is_unpacked_is_what_was_packed(n_rows: int) -> None:
    table = table_of(n_rows)
    packed = Parcel.of(table)
    assert bool(packed.content.layout) is (n_rows == N_LARGE)
    there = unpacked(pickle.loads(pickle.dumps(packed)))
    pd.testing.assert_frame_equal(there.frame, table.frame)
    np.testing.assert_array_equal(there.numbers, table.numbers)
    assert there.sha256 == table.sha256
    assert there.categories["City"].values == ("Köln", "Oslo")
    np.testing.assert_array_equal(there.categories["City"].codes, table.categories["City"].codes)


@pytest.mark.parametrize("n", [0, 1, 7, 300_001])
def test_arrays_of_any_size_and_kind_come_through(n: int) -> None:
    fixed = np.arange(n, dtype=np.int16)
    fixed.setflags(write=False)
    value = {"a": np.arange(n, dtype=np.float64), "b": [fixed, np.zeros((0, 3)), None], "c": "Köln"}
    there = sent(value)
    np.testing.assert_array_equal(there["a"], value["a"])
    np.testing.assert_array_equal(there["b"][0], fixed)
    assert there["b"][1].shape == (0, 3)
    assert (there["c"], there["b"][2]) == ("Köln", None)
    assert there["a"].flags.writeable
    assert not there["b"][0].flags.writeable


def test_what_one_process_writes_reaches_no_other() -> None:
    file = SharedFile()
    packed = Packed.of(np.ones(300_000), file)
    one, other = packed.value(), packed.value()
    one[:] = 7
    assert (other == 1).all()
    assert (packed.value() == 1).all()


def test_a_large_table_costs_the_server_no_second_copy() -> None:
    packed = Parcel.of(table_of(N_LARGE))
    assert packed.nbytes < 10_000
    assert sum(own.n_bytes for own in packed.content.layout) > N_LARGE * 3 * 8


def test_the_file_goes_with_who_made_it_and_has_no_name(folder: Path) -> None:
    packed = Packed.of(np.ones(300_000), SharedFile())
    path = packed.file.path
    value = packed.value()
    assert os.stat(path).st_size >= 300_000 * 8
    assert list(folder.iterdir()) == []
    del packed
    gc.collect()
    assert not os.path.exists(path)
    assert value.sum() == 300_000  # what is mapped stays


def test_a_full_disk_is_told() -> None:
    full = SharedFile()
    full.path = "/dev/full"
    with pytest.raises(StoreFull, match=r"^2 MB could not be handed from one process to another, "):
        Packed.of(np.ones(300_000), full)


def test_a_full_disk_in_a_worker_is_told_and_the_next_call_works(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = Engine(1)
    try:
        with monkeypatch.context() as patch:
            patch.setattr(shared_file, "_opened", lambda: (open("/dev/null", "rb"), "/dev/full"))
            with pytest.raises(StoreFull, match="Make room there"):
                engine.call(give_back, np.ones(300_000)).result()
        assert engine.call(give_back, np.ones(300_000)).result().sum() == 300_000
    finally:
        engine.close()


def test_each_table_is_packed_once_and_few_large_ones_are_kept() -> None:
    parcels = Parcels(1_000_000)
    small, large = table_of(10), [table_of(N_LARGE, seed) for seed in range(LARGE_TABLES_KEPT + 1)]
    first = parcels.of(large[0])
    assert parcels.of(large[0]) is first
    assert parcels.of(small) is parcels.of(small)
    for own in large[1:]:
        parcels.of(own)
    again = parcels.of(large[0])
    assert again == first
    assert again is not first


def test_a_large_table_is_fitted_by_a_worker_as_it_is_here() -> None:
    table = table_of(N_LARGE)
    settings = Settings(n_clusters=3, features=("Age", "Income", "City"), random_state=1)
    engine = Engine(2)
    try:
        found = engine.fit(table, settings).result()
        more = engine.fit(table, settings.changed(n_clusters=4)).result()
    finally:
        engine.close()
    wanted = fit(table, settings)
    np.testing.assert_array_equal(found.labels, wanted.labels)
    assert found.metrics["silhouette_score"] == wanted.metrics["silhouette_score"]
    assert more.n_clusters == 4
