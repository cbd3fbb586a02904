"""Any table to Parquet, in pieces: whole or not at all."""

from __future__ import annotations

import io
import tracemalloc

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pytest

from mall_app import load_customers, open_table, read_table, write_parquet
from mall_app.errors import DataError

MALL = pa.Table.from_pandas(load_customers(), preserve_index=False)


def test_every_source_comes_to_the_same_rows(tmp_path):
    frame = load_customers()
    frame.to_csv(tmp_path / "mall.csv", index=False)
    pa.feather.write_feather(MALL, tmp_path / "mall.feather")
    with pa.ipc.new_stream(tmp_path / "mall.arrows", MALL.schema) as writer:
        writer.write_table(MALL)
    pa.parquet.write_table(MALL, tmp_path / "mall.parquet")
    sources = [tmp_path / f"mall.{end}" for end in ("csv", "feather", "arrows", "parquet")]
    for number, source in enumerate([*sources, MALL, MALL.to_reader(70)]):
        whole = write_parquet(source, tmp_path / f"out {number}", part_rows=60)
        assert [part.n_rows for part in whole.parts] == [60, 60, 60, 20]
        pd.testing.assert_frame_equal(whole.read(), frame, check_dtype=False)
    assert not [path for path in tmp_path.iterdir() if "unfinished" in path.name]
    assert open_table(whole.path, engine="dask").whole.n_rows == 200


def test_only_the_columns_asked_for_are_written(tmp_path):
    whole = write_parquet(MALL, tmp_path / "out", columns=["Age", "Gender"])
    assert whole.columns == ("Age", "Gender")
    with pytest.raises(DataError, match="did you mean 'Age'"):
        write_parquet(MALL, tmp_path / "other", columns=["Aeg"])
    assert not (tmp_path / "other").exists()


def test_a_csv_file_keeps_its_dialect_and_what_is_missing(tmp_path):
    text = "Kunde;Größe;Ort\r\n" + "".join(
        f'{n:05d};{n / 4:.2f};"Graz; Süd"\r\n'.replace(".", ",") for n in range(2_000)
    )
    text += "02000;?;NA\r\n"
    path = tmp_path / "kunden.csv"
    path.write_bytes(text.encode("cp1252"))
    found, expected = write_parquet(path, tmp_path / "out").read(), read_table(path)
    pd.testing.assert_frame_equal(found, expected)
    assert found["Kunde"][7] == "00007" and found["Größe"].isna().sum() == 1


def test_a_fraction_below_whole_numbers_is_no_error(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("n,t\n" + "1,x\n" * 300_000 + "2.5,y\n")
    frame = write_parquet(path, tmp_path / "out").read()
    assert frame["n"].iloc[-1] == 2.5 and len(frame) == 300_001


def test_text_below_numbers_is_told_and_nothing_is_left(tmp_path):
    path = tmp_path / "long.csv"
    path.write_text("n,t\n" + "1,x\n" * 300_000 + "many,y\n")
    with pytest.raises(DataError, match="many"):
        write_parquet(path, tmp_path / "out")
    assert [own.name for own in tmp_path.iterdir()] == ["long.csv"]


def test_numbers_that_are_not_plain_are_told_at_once(tmp_path):
    path = tmp_path / "shop.csv"
    path.write_text("price,n\n$5.00,1\n$7.50,2\n")
    with pytest.raises(DataError, match="'price' holds numbers that are not plain"):
        write_parquet(path, tmp_path / "out")


def test_a_folder_of_files_is_one_table(tmp_path):
    folder = tmp_path / "months"
    folder.mkdir()
    (folder / "01.csv").write_text("n,t\n1,x\n2,y\n")
    (folder / "02.csv").write_text("t,n\nz,2.5\n")
    (folder / "_SUCCESS").touch()
    frame = write_parquet(folder, tmp_path / "out").read()
    assert frame["n"].tolist() == [1, 2, 2.5] and frame["t"].tolist() == ["x", "y", "z"]
    pa.feather.write_feather(MALL, folder / "03.feather")
    with pytest.raises(DataError, match="several formats: Arrow file and CSV"):
        write_parquet(folder, tmp_path / "other")


def test_a_source_that_fails_leaves_nothing(tmp_path):
    def batches():
        yield MALL.to_batches()[0]
        raise OSError("the connection was lost")

    reader = pa.RecordBatchReader.from_batches(MALL.schema, batches())
    with pytest.raises(DataError, match="the connection was lost"):
        write_parquet(reader, tmp_path / "out", part_rows=50)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_only_replaced_when_that_is_said(tmp_path):
    write_parquet(MALL, tmp_path / "out")
    with pytest.raises(DataError, match="is there already"):
        write_parquet(MALL.slice(100), tmp_path / "out")
    assert write_parquet(MALL.slice(100), tmp_path / "out", overwrite=True).n_rows == 100
    with pytest.raises(DataError, match="has no rows"):
        write_parquet(MALL.slice(0, 0), tmp_path / "out", overwrite=True)
    assert len(read_table(tmp_path / "out")) == 100
    with pytest.raises(DataError, match="streamed from a path or from __arrow_c_stream__"):
        write_parquet(io.BytesIO(), tmp_path / "other")


def test_little_is_held_at_a_time(tmp_path):
    def batches():
        for start in range(0, 4_000_000, 50_000):
            yield pa.record_batch({"n": np.arange(start, start + 50_000)})

    schema = pa.schema([("n", pa.int64())])
    before = pa.total_allocated_bytes()
    tracemalloc.start()
    seen = []

    def watched():
        for batch in batches():
            seen.append(pa.total_allocated_bytes() - before + tracemalloc.get_traced_memory()[0])
            yield batch

    reader = pa.RecordBatchReader.from_batches(schema, watched())
    assert write_parquet(reader, tmp_path / "out", part_rows=500_000).n_rows == 4_000_000
    tracemalloc.stop()
    assert max(seen) < 16_000_000  # half of the 32 MB that there are
