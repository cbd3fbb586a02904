"""Any encoding, delimiter and line end a person would bring gives the same table."""

import io

import pandas as pd
import pytest

from mall_app.data import data_report, read_table

ROWS = 'Name,Größe\n"Müller, Jo",12.5\n"Ann\nLee",3\n'
EXPECTED = {"Name": ["Müller, Jo", "Ann\nLee"], "Größe": [12.5, 3.0]}


def columns(source):
    return read_table(source).to_dict("list")


@pytest.mark.parametrize(
    ("encoding", "named"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8 with byte order mark"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
        ("latin-1", "latin-1"),
    ],
)
def test_encodings(encoding, named):
    frame = read_table(ROWS.encode(encoding))
    assert frame.to_dict("list") == EXPECTED
    assert data_report(frame).encoding == named


def test_windows_1252_is_told_from_latin_1_by_its_own_characters():
    frame = read_table("Name,Preis\n“Jo”,5\nAnn,6\n".encode("cp1252"))
    assert frame["Name"][0] == "“Jo”"
    report = data_report(frame)
    assert report.encoding == "windows-1252"
    assert report.notes == (
        "The bytes are not UTF-8, so they were read as windows-1252: look at accented letters.",
    )


def test_bytes_that_windows_1252_lacks_are_latin_1():
    frame = read_table(b"Name,n\n\x81x\x93,5\ny,6\n")
    assert data_report(frame).encoding == "latin-1"
    assert frame["Name"][0] == "\x81x\x93"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(delimiter, line_end):
    text = line_end.join(["a b", "1 x", "2 y"]).replace(" ", delimiter)
    frame = read_table(text.encode())
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert data_report(frame).delimiter == delimiter


def test_delimiter_is_not_taken_from_quoted_text_or_decimals():
    frame = read_table(b'who;"income, k$";score\n"a, b, c";1,5;2,5\n"d, e, f";3,5;4,5\n')
    assert frame.to_dict("list") == {
        "who": ["a, b, c", "d, e, f"],
        "income, k$": [1.5, 3.5],
        "score": [2.5, 4.5],
    }


def test_excel_may_state_the_delimiter():
    frame = read_table(b"sep=;\r\na,x;b\r\n1;2\r\n")
    assert frame.to_dict("list") == {"a,x": [1], "b": [2]}


def test_a_single_column_of_numbers_is_a_table():
    frame = read_table(b"Income\n12,5\n13,25\n")
    assert frame.to_dict("list") == {"Income": [12.5, 13.25]}
    assert data_report(frame).delimiter == ""


def test_every_kind_of_source_gives_the_same(tmp_path):
    path = tmp_path / "table.csv"
    path.write_bytes(ROWS.encode())
    sources = [str(path), path, ROWS.encode(), bytearray(ROWS.encode()), memoryview(ROWS.encode())]
    sources += [io.BytesIO(ROWS.encode()), io.StringIO(ROWS)]
    for source in sources:
        assert columns(source) == EXPECTED
    with path.open("rb") as file:
        assert columns(file) == EXPECTED
    with path.open(encoding="utf-8-sig") as file:
        assert columns(file) == EXPECTED


def test_text_may_start_with_a_byte_order_mark():
    assert columns(io.StringIO("\ufeffa,b\n1,2\n")) == {"a": [1], "b": [2]}


def test_blank_lines_and_spaces_after_delimiters_do_not_count():
    frame = read_table(b'\n\na, b\n\n1, "x, y"\n   \n2, z\n\n')
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x, y", "z"]}
    assert data_report(frame).rows_read == 2


def test_short_rows_are_filled_up_and_named():
    frame = read_table(b'a,b,c\n1,2,3\n\n4\n"5\n",6\n')
    assert frame["b"].isna().tolist() == [False, True, False]
    assert data_report(frame).notes == (
        "2 rows have fewer fields than the header, and the rest was taken as missing (lines 4, 5).",
    )


def test_a_quote_inside_a_value_does_not_hide_a_short_row():
    frame = read_table(b'a,b\n5" disk,1\n6" disk,2\n7\n')
    assert frame["a"].tolist() == ['5" disk', '6" disk', "7"]
    assert "(line 4)" in data_report(frame).notes[0]


def test_reading_is_the_same_every_time():
    content = b"a;b\n1,5;x\n?;y\n"
    first, second = read_table(content), read_table(content)
    pd.testing.assert_frame_equal(first, second)
    assert first.attrs == second.attrs
