"""Parquet, Arrow, Feather and tables of other libraries: found by content, read by column."""

from __future__ import annotations

import io
from decimal import Decimal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mall_app import ClusteringModel, load_customers, open_table, read_table
from mall_app.data import Table, data_report
from mall_app.errors import DataError

MALL = pa.Table.from_pandas(load_customers(), preserve_index=False)


def as_parquet(table):
    content = io.BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


def as_feather(table):
    content = io.BytesIO()
    pa.feather.write_feather(table, content, compression="zstd")
    return content.getvalue()


def as_stream(table):
    content = io.BytesIO()
    with pa.ipc.new_stream(content, table.schema) as writer:
        writer.write_table(table, max_chunksize=70)
    return content.getvalue()


WRITERS = {"Parquet": as_parquet, "Arrow file": as_feather, "Arrow stream": as_stream}


@pytest.fixture(params=WRITERS)
def form(request):
    return request.param


def refusal(source, **options):
    with pytest.raises(DataError) as caught:
        read_table(source, **options)
    return str(caught.value)


def test_a_file_is_what_its_content_says_whatever_its_name(tmp_path, form):
    path = tmp_path / "customers.csv"
    path.write_bytes(WRITERS[form](MALL))
    with path.open("rb") as file:
        frames = [read_table(path), read_table(path.read_bytes()), read_table(file)]
    for frame in [*frames, open_table(path).frame]:
        pd.testing.assert_frame_equal(frame, load_customers())
        report = data_report(frame)
        assert (report.format, report.rows_kept, len(report.columns)) == (form, 200, 5)
    assert (
        ClusteringModel(str(path)).result.labels.tolist()
        == ClusteringModel().result.labels.tolist()
    )


def test_only_the_columns_asked_for_are_read_and_in_that_order(form):
    wide = MALL.append_column("broken", pa.array([[1]] * 200))
    frame = read_table(WRITERS[form](wide), columns=["Gender", "Age"])
    assert list(frame) == [each.name for each in data_report(frame).columns] == ["Gender", "Age"]
    said = refusal(WRITERS[form](wide), columns=["Agee"])
    assert said == "There is no column 'Agee': did you mean 'Age'?"
    assert "list of names" in refusal(WRITERS[form](wide), columns="Age")


def test_a_csv_file_and_a_frame_give_the_columns_asked_for():
    frame = read_table(b"a;b;c\n1;2,5;x\n2;3,5;y\n", columns=["b"])
    assert frame["b"].tolist() == [2.5, 3.5] and list(frame) == ["b"]
    assert [each.name for each in data_report(frame).columns] == ["b"]
    assert list(read_table(pd.DataFrame({"a": [1], "b": [2]}), columns=["b"])) == ["b"]


@pytest.mark.parametrize("share", [0.02, 0.3, 0.7, 0.95])
def test_a_file_that_was_cut_off_is_refused(form, share):
    whole = WRITERS[form](pa.table({"x": np.arange(5_000.0), "t": ["text"] * 5_000}))
    said = refusal(whole[: max(int(len(whole) * share), 16)])
    assert "is damaged: " in said and form.split()[0] in said


def test_old_and_encrypted_files_are_named():
    assert "Feather file of version 1" in refusal(b"FEA1\0\0\0\0" + bytes(40))
    assert "encrypted Parquet file" in refusal(b"PARE" + bytes(40))


def test_text_that_starts_like_another_format_is_text():
    assert list(read_table(b"PAR1,b\n1,2\n3,4\n")) == ["PAR1", "b"]
    assert list(read_table(b"ARROW1,b\n1,2\n3,4\n")) == ["ARROW1", "b"]


def test_every_type_has_a_role(form):
    table = pa.table(
        {
            "small": pa.array([1, 2, 3], pa.int8()),
            "narrow": pa.array([0.5, np.inf, None], pa.float32()),
            "price": pa.array([Decimal("1.50"), None, Decimal("3.25")]),
            "gaps": pa.array([1, None, 3]),
            "code": pa.array(["a", "b", "a"]).dictionary_encode(),
            "yes": pa.array([True, None, False]),
            "day": pa.array([0, 1, 2], pa.date32()),
            "moment": pa.array([0, None, 2], pa.timestamp("us", "UTC")),
            "list": pa.array([[1], None, [2, 3]]),
            "struct": pa.array([{"a": 1}, {"a": 2}, None]),
            "bytes": pa.array([b"\xff", b"\x00", None]),
            "nothing": pa.nulls(3),
            "huge": pa.array([2**60 + 1, None, 3]),
            "customer_id": pa.array([7, 8, 9]),
        }
    )
    own = Table.from_frame(read_table(WRITERS[form](table)))
    assert own.numeric == ("small", "narrow", "price", "gaps")
    assert set(own.categorical) >= {"code", "yes"} and own.identifiers == ("customer_id",)
    assert {"moment", "list", "struct", "nothing", "day"} <= set(own.other)
    kinds = own.frame.dtypes.astype(str)
    assert [kinds[name] for name in own.numeric] == ["int8", "float32", "float64", "float64"]
    assert kinds["code"] == "category" and own.frame["huge"][0] == "1152921504606846977"
    assert data_report(own.frame).columns[3].missing == 1
    assert len(own.sha256) == 64


def test_rows_that_pandas_numbered_are_no_column():
    frame = pd.DataFrame({"a": [1, 2]}, index=[5, 7])
    assert list(read_table(as_parquet(pa.Table.from_pandas(frame)))) == ["a"]


def test_equal_names_are_refused(form):
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    if form == "Parquet":
        assert "must be unique" in refusal(as_parquet(twice))
    else:
        assert refusal(as_stream(twice)) == "Column names must be unique, but 'a' stands twice."


def test_tables_of_other_libraries_are_read_through_arrow():
    reader = pa.RecordBatchReader.from_batches(MALL.schema, MALL.to_batches(max_chunksize=30))
    relation = duckdb.connect().from_arrow(MALL)
    for source in (MALL, reader, relation):
        frame = read_table(source, columns=["Age", "Gender"])
        pd.testing.assert_frame_equal(frame, load_customers()[["Age", "Gender"]])
        assert data_report(frame).format == "table"


def test_a_stream_that_fails_is_an_error():
    def batches():
        yield MALL.to_batches()[0]
        raise OSError("the connection was lost")

    reader = pa.RecordBatchReader.from_batches(MALL.schema, batches())
    assert "the connection was lost" in refusal(reader)
