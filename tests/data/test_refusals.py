"""What cannot be used is refused in one sentence that says where, which rule and what value."""

import io
import os

import pytest

from mall_app.data import read_table
from mall_app.errors import DataError


def refusal(source, **options):
    with pytest.raises(DataError) as caught:
        read_table(source, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The table is empty: it holds no text at all."),
        (b" \r\n\n", "The table is empty: it holds no text at all."),
        (b"\xef\xbb\xbf", "The table is empty: it holds no text at all."),
        (b"sep=;\n", "The table is empty: it has no header line."),
        (b"a,b\n", "The table has a header but no rows below it."),
        (b"a,b\n\n  \n", "The table has a header but no rows below it."),
        (b"a,b\n?,\n-,NA\n", "Every value of the table is missing."),
        (
            b"a,b\n1,2\n\n3,4,5\n",
            "Line 4 has 3 fields, but the header has 2: a value that holds a comma must be quoted.",
        ),
        (
            b"a;b\n1;2;3\n4;5;6\n",
            "Line 2 has 3 fields, but the header has 2: a value that holds a semicolon must be "
            "quoted.",
        ),
        (
            b'sep=,\na,b\n"x\ny",2\n0,1,2\n',
            "Line 5 has 3 fields, but the header has 2: a value that holds a comma must be quoted.",
        ),
        (
            b'a,b\n1,2\n"x,3\n4,5\n',
            "A quote in the row that starts on line 3 is never closed.",
        ),
        (
            b"\n15,39\n16,81\n",
            "Line 2, '15,39', is a row of values and not a header: put a line with the names of "
            "the columns above it.",
        ),
        (
            b"1,Male,19,15,39\n2,Female,21,16,81\n3,Male,20,16,6\n",
            "Line 1, '1,Male,19,15,39', is a row of values and not a header: put a line with the "
            "names of the columns above it.",
        ),
        (
            b"Report of May\n\nage,score\n1,2\n",
            "Line 1, 'Report of May', holds no comma, semicolon, tab or bar that would separate "
            "columns, and what is below it is not numbers: this is not a CSV table with a header.",
        ),
        (
            b"a,b\n1e999,2\n",
            "Column 'a' holds '1e999', which is too large to be a number here.",
        ),
        (
            b"a,b\n1,2\x00\n",
            "Line 2 holds a NUL byte: this is binary data, not the text of a CSV file.",
        ),
        (
            b"a,b\n1,\x01\n",
            "Line 2 holds the control character 0x01: this is binary data, not the text of a CSV "
            "file.",
        ),
        (
            b"," * 3_000 + b"\n1\n",
            "The table has 3,001 columns; at most 2,000 can be read.",
        ),
        (
            b"\xff\xfea\x00,",
            "The file starts with the byte order mark of utf-16, but its bytes are not.",
        ),
    ],
)
def test_content(content, sentence):
    assert refusal(content) == sentence


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"\x89PNG\r\n\x1a\n", "a PNG picture"),
        (b"\xff\xd8\xff\xe0", "a JPEG picture"),
        (b"PK\x03\x04xl/", "an Excel workbook (.xlsx) or another zip archive"),
        (b"\xd0\xcf\x11\xe0", "an old Excel workbook (.xls)"),
        (b"\x1f\x8b\x08", "a gzip archive"),
        (b"%PDF-1.7", "a PDF document"),
        (b"SQLite format 3\x00", "an SQLite database"),
        (b"\n<!DOCTYPE html><html>", "an HTML page"),
        (b"<html><body>", "an HTML page"),
        (b"<?xml version='1.0'?>", "an XML document"),
        (b'{"age": 1}', "JSON"),
        (b'[\n {"age": 1}]', "JSON"),
    ],
)
def test_other_formats_are_named(content, name):
    expected = f"This is {name}, not a CSV file: export the table as CSV first."
    assert refusal(content) == expected


def test_names_in_brackets_are_not_json():
    assert list(read_table(b"[Age],[Score]\n1,2\n")) == ["[Age]", "[Score]"]


def test_paths(tmp_path):
    missing = str(tmp_path / "no.csv")
    assert refusal("no.csv") == "There is no file 'no.csv'."
    assert "There is no file '" in refusal(missing)
    assert refusal("").endswith("is a directory, not a CSV file.")
    assert refusal("a\0b") == "The file 'a\\x00b' cannot be read: embedded null byte."


def test_web_addresses_are_never_fetched():
    assert refusal("http://localhost/a.csv") == (
        "'http://localhost/a.csv' is a web address, and nothing is fetched from the web: save the "
        "file and give its path."
    )


def test_a_file_that_cannot_be_opened_is_named(tmp_path):
    loop = tmp_path / "loop.csv"
    os.symlink(loop, loop)
    sentence = refusal(loop)
    assert sentence.startswith("The file '") and "cannot be read: Too many levels" in sentence


@pytest.mark.parametrize(("value", "kind"), [(None, "NoneType"), (5, "int"), ([b"a"], "list")])
def test_what_is_no_source(value, kind):
    assert refusal(value) == (
        f"A table is read from a path, bytes or an open file, not from a value of type {kind}."
    )


def test_broken_files(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes("Größe\n1\n".encode("latin-1"))
    with path.open(encoding="utf-8") as file:
        assert refusal(file) == (
            "The file was opened as utf-8 text, but it is not: open it as binary, and its encoding "
            "will be found."
        )
    assert refusal(file) == "The open file cannot be read: it is closed."
    with path.open("ab") as file:
        assert refusal(file) == "The open file cannot be read: it is not open for reading."


def test_half_a_character_in_text():
    assert refusal(io.StringIO("a,b\n\ud800,1\n")) == (
        "The text holds '\\ud800' at character 5, which is half of a character: open the file as "
        "binary, and its encoding will be found."
    )


def test_size_limit_holds_for_every_source(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(b"a,b\n1,2\n")
    for source in (path, b"a,b\n1,2\n", io.BytesIO(b"a,b\n1,2\n"), io.StringIO("a,b\n1,2\n")):
        assert refusal(source, max_bytes=7) == "The table is larger than the limit of 7 bytes."
    assert len(read_table(path, max_bytes=8)) == 1


def test_long_values_are_cut_in_messages():
    sentence = refusal(b"x" * 5_000 + b"\nword\n")
    assert len(sentence) < 300 and "xxx...'" in sentence


def test_an_endless_field_is_refused_not_read_as_a_table():
    assert refusal(b'a,b\n"' + b"x" * 200_000 + b"\n") == (
        "The row on line 2 holds a field too long to read; a quote may have been left open there."
    )
