"""A table reaches a worker as it was, and nothing of it stays behind on the disk."""

from __future__ import annotations

import gc
import os
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine, parcel
from mall_app.engine.parcel import LARGE_TABLES_KEPT, Parcel, Parcels, unpacked
from mall_app.errors import StoreFull
from mall_app.fit import fit
from mall_app.settings import Settings

N_LARGE = 60_000


def table_of(n_rows: int, seed: int = 0) -> Table:
    generator = np.random.default_rng(seed)
    values = generator.normal(0, 1, (n_rows, 3))
    frame = pd.DataFrame(values, columns=["Age", "Income", "Score"])
    frame.loc[0, "Age"] = np.nan
    frame["City"] = np.array(["Köln", "Oslo", None], dtype=object)[np.arange(n_rows) % 3]
    return Table.from_frame(frame.astype({"City": "str"}))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where files without a place of their own go."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize("n_rows", [10, N_LARGE])
def test_what_is_unpacked_is_what_was_packed(n_rows: int) -> None:
    table = table_of(n_rows)
    packed = Parcel.of(table)
    assert bool(packed.path) is (n_rows == N_LARGE)
    there = unpacked(pickle.loads(pickle.dumps(packed)))
    pd.testing.assert_frame_equal(there.frame, table.frame)
    np.testing.assert_array_equal(there.numbers, table.numbers)
    assert there.sha256 == table.sha256
    assert there.categories["City"].values == ("Köln", "Oslo")
    np.testing.assert_array_equal(there.categories["City"].codes, table.categories["City"].codes)


def test_what_a_worker_writes_reaches_nobody_else() -> None:
    packed = Parcel.of(table_of(N_LARGE))
    own, other = list(packed.arrays()), list(packed.arrays())
    own[1][:8] = bytes(8)
    assert bytes(other[1][:8]) != bytes(8)
    assert all(len(array) == size for array, size in zip(own, packed.sizes, strict=True))


def test_a_large_table_costs_the_server_no_second_copy() -> None:
    packed = Parcel.of(table_of(N_LARGE))
    assert packed.nbytes < 10_000
    assert sum(packed.sizes) > N_LARGE * 3 * 8


def test_the_file_goes_with_the_parcel_and_has_no_name(folder: Path) -> None:
    packed = Parcel.of(table_of(N_LARGE))
    path = packed.path
    assert os.stat(path).st_size >= sum(packed.sizes)
    assert list(folder.iterdir()) == []
    del packed
    gc.collect()
    assert not os.path.exists(path)


def test_a_full_disk_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    full = open("/dev/full", "wb", buffering=0)
    monkeypatch.setattr(parcel, "_nameless", lambda: (full, "/dev/full"))
    with pytest.raises(
        StoreFull, match=r"^A table of \d+ MB could not be handed to a worker, for "
    ):
        Parcel.of(table_of(N_LARGE))
    assert full.closed


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
