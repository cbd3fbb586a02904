"""Tables in many Parquet files: which belong together, and what is refused."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from mall_app import open_table, read_table
from mall_app.data import data_report
from mall_app.data.partitioned import PartitionedTable, read_part
from mall_app.errors import DataError

AGES = pa.table({"Age": pa.array([20, 30], pa.int32()), "City": ["Graz", "Linz"]})


def write(folder, **tables):
    for name, table in tables.items():
        path = folder / f"{name}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(table, path)
    return folder


def refusal(path, **options):
    with pytest.raises(DataError) as caught:
        PartitionedTable.open(path, **options).read()
    return str(caught.value)


def read(path):
    """Both ways of reading a table come to the same."""
    whole = PartitionedTable.open(path)
    parts = [read_part(part, whole.columns) for part in whole.parts]
    assert len({part.schema for part in parts}) == 1
    assert sum(part.num_rows for part in parts) == whole.n_rows
    frame = whole.read()
    pd.testing.assert_frame_equal(whole.sample(), frame)
    return frame


def test_widths_codes_and_order_of_columns_may_differ(tmp_path):
    one = pa.table({"n": pa.array([1, 2], pa.int32()), "x": pa.array([0.5, 1], pa.float32())})
    one = one.append_column("t", pa.array(["a", "b"]).dictionary_encode())
    two = pa.table({"t": ["c", None], "x": [0.1, np.nan], "n": pa.array([2**40, 3])})
    three = pa.table({"t": pa.nulls(1), "n": pa.array([1.0]), "x": pa.array([2], pa.int8())})
    frame = read(write(tmp_path, a=one, b=two, c=three))
    assert frame["n"].tolist() == [1, 2, 2**40, 3, 1]
    assert frame["x"].tolist()[:3] == [0.5, 1, 0.1]
    assert frame["t"].isna().tolist() == [False, False, False, True, True]
    assert list(frame) == ["n", "x", "t"]


def test_narrow_types_stay_narrow_where_all_files_have_them(tmp_path):
    own = pa.table({"x": pa.array([1.5, 2], pa.float32()), "n": pa.array([1, 2], pa.int8())})
    frame = read(write(tmp_path, a=own, b=own))
    assert frame.dtypes.astype(str).to_dict() == {"x": "float32", "n": "int8"}


def test_types_without_anything_in_common_are_named_with_file_and_column(tmp_path):
    text = AGES.set_column(0, "Age", pa.array(["20", "thirty"]))
    assert refusal(write(tmp_path, a=AGES, b=AGES, c=text)) == (
        "Column 'Age' is large_string in 'c.parquet', but int32 in 'a.parquet': write it as one "
        "type in all files."
    )


def test_columns_that_come_and_go_are_named(tmp_path):
    other = AGES.rename_columns(["Alter", "City"])
    assert refusal(write(tmp_path, a=AGES, b=other)) == (
        "The files of a table must have the same columns, but 'b.parquet' lacks 'Age' and adds "
        "'Alter', compared with 'a.parquet'."
    )


def test_a_number_that_the_common_type_would_spoil_is_refused(tmp_path):
    large = pa.table({"n": pa.array([2**60 + 1])})
    said = refusal(write(tmp_path, a=large, b=pa.table({"n": [0.5]})))
    assert "'a.parquet' cannot be read" in said and "1152921504606846977" in said


def test_keys_in_the_names_of_folders_are_columns(tmp_path):
    folder = write(
        tmp_path,
        **{
            "year=2025/shop=Graz%20S%C3%BCd/a": AGES,
            "year=2026/shop=__HIVE_DEFAULT_PARTITION__/a": AGES,
        },
    )
    frame = read(folder)
    assert frame["year"].tolist() == [2025, 2025, 2026, 2026]
    assert frame["shop"].tolist()[:2] == ["Graz Süd"] * 2 and frame["shop"].isna().sum() == 2
    narrow = PartitionedTable.open(folder, columns=["year"])
    assert [read_part(part, ["year"]).num_rows for part in narrow.parts] == [2, 2]
    write(folder, **{"year=2027/a": AGES})
    assert "must have the same keys" in refusal(folder)


def test_what_is_no_part_of_the_table_is_left_out(tmp_path):
    folder = write(tmp_path, **{"a": AGES, "_temporary/b": AGES, ".hidden/c": AGES, "_d": AGES})
    (folder / "_SUCCESS").touch()
    (folder / ".a.parquet.crc").write_bytes(b"crc")
    (folder / "README.txt").write_text("About the customers")
    (folder / "part-0").write_bytes((folder / "a.parquet").read_bytes())  # its name says nothing
    assert PartitionedTable.open(folder).n_rows == 4


def test_files_and_row_groups_without_rows_play_no_part(tmp_path):
    with pq.ParquetWriter(tmp_path / "a.parquet", AGES.schema) as writer:
        for table in (AGES.slice(0, 0), AGES, AGES.slice(0, 0), AGES):
            writer.write_table(table)
    folder = write(tmp_path, b=AGES.slice(0, 0), c=AGES)
    assert len(read(folder)) == 6
    assert {part.n_rows for part in PartitionedTable.open(folder, part_rows=1).parts} == {2}
    for name in ("a", "c"):
        (folder / f"{name}.parquet").unlink()
    assert refusal(folder).endswith("is empty: its files have no rows.")


@pytest.mark.parametrize("content", [b"", b"PAR1", b"PAR1\x15\x04", b"no Parquet at all, but text"])
def test_a_file_that_is_not_whole_is_named(tmp_path, content):
    folder = write(tmp_path, a=AGES)
    (folder / "b.parquet").write_bytes(content)
    assert refusal(folder).startswith("'b.parquet' is no whole Parquet file: ")


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_truncated_file_is_refused_at_every_length(tmp_path, kept):
    whole = (write(tmp_path, a=AGES) / "a.parquet").read_bytes()
    (tmp_path / "a.parquet").write_bytes(whole[: int(len(whole) * kept)])
    assert "'a.parquet' is no whole Parquet file" in refusal(tmp_path)


def test_a_page_that_was_damaged_is_an_error_and_no_row(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(pa.table({"x": np.arange(5000.0)}), path, write_page_checksum=True)
    content = bytearray(path.read_bytes())
    content[2000] ^= 1
    path.write_bytes(content)
    assert refusal(tmp_path).startswith("The Parquet file 'a.parquet' cannot be read: ")


def test_a_file_that_changes_after_it_was_opened_gives_no_wrong_rows(tmp_path):
    folder = write(tmp_path, a=AGES)
    whole = PartitionedTable.open(folder)
    write(folder, a=AGES.slice(1))
    with pytest.raises(DataError, match="'a.parquet' was changed after the table was opened"):
        read_part(whole.parts[0], ["Age"])
    assert PartitionedTable.open(folder).sha256 != whole.sha256
    (folder / "a.parquet").unlink()
    with pytest.raises(DataError, match="cannot be read: No such file"):
        whole.sample()


def test_a_huge_row_group_is_cut_into_parts(tmp_path):
    pq.write_table(pa.table({"n": np.arange(300_000)}), tmp_path / "a.parquet")
    whole = PartitionedTable.open(tmp_path, part_rows=90_000)
    assert [part.n_rows for part in whole.parts] == [75_000] * 4
    assert whole.read()["n"].tolist() == list(range(300_000))
    assert pickle.loads(pickle.dumps(whole)) == whole


def test_a_sample_is_even_and_repeats(tmp_path):
    for name, start in (("a", 0), ("b", 60_000)):
        table = pa.table({"n": np.arange(start, start + 60_000)})
        pq.write_table(table, tmp_path / f"{name}.parquet", row_group_size=7_000)
    whole = PartitionedTable.open(tmp_path, part_rows=20_000)
    drawn = whole.sample(12_000)["n"].to_numpy()
    assert (np.diff(drawn) > 0).all()
    assert abs(np.histogram(drawn, 10, (0, 120_000))[0] - 1200).max() < 150
    assert whole.sample(12_000)["n"].tolist() == drawn.tolist()
    assert whole.sample(3, random_state=1)["n"].tolist() != whole.sample(3)["n"].tolist()


def test_only_the_columns_asked_for_are_there(tmp_path):
    folder = write(tmp_path, a=AGES, b=AGES)
    assert PartitionedTable.open(folder, columns=["Age"]).columns == ("Age",)
    assert refusal(folder, columns=["Aeg"]) == "There is no column 'Aeg': did you mean 'Age'?"
    assert "each of them once" in refusal(folder, columns=["Age", "Age"])


def test_a_folder_that_cannot_be_used_is_told(tmp_path):
    assert refusal(tmp_path / "no").startswith("There is no file ")
    (tmp_path / "a.csv").write_text("a\n1\n")
    assert "has no Parquet file" in refusal(tmp_path)
    twice = pa.Table.from_arrays([pa.array([1]), pa.array([2])], names=["a", "a"])
    pq.write_table(twice, tmp_path / "b.parquet")
    assert refusal(tmp_path).startswith("'b.parquet' cannot be used. Column names must be unique")


def test_a_file_that_cannot_be_opened_is_told(tmp_path):
    (tmp_path / "a.parquet").symlink_to(tmp_path / "a.parquet")
    assert refusal(tmp_path) == (
        "'a.parquet' is no whole Parquet file: Too many levels of symbolic links."
    )


def test_a_folder_is_read_and_opened_by_its_path(tmp_path):
    folder = write(tmp_path, a=AGES, b=AGES)
    frame = read_table(folder, columns=["Age"])
    assert frame["Age"].tolist() == [20, 30, 20, 30]
    assert data_report(frame).notes == ("Read from 2 files.",)
    held, files = open_table(folder), open_table(folder, held_rows=3)
    assert held.whole is None and files.n_customers == 4
    assert files.report.rows_read == 4 and files.report.format == "Parquet"
    assert held.frame.equals(files.frame)
