"""Whatever a person writes comes back; whatever a machine writes is read or refused."""

import csv
import io
import json

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from mall_app.data import data_report, read_table
from mall_app.errors import DataError

UNHURRIED = settings(deadline=None)  # a busy machine is no failure
INTEGERS = st.integers(-(10**15), 10**15)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, width=64)
WORDS = st.text(
    st.characters(
        codec="utf-8", exclude_categories=("C", "Zs", "Zl", "Zp"), exclude_characters="\x85"
    ),
    min_size=1,
).map(lambda word: f"w{word}")
DIALECTS = [(",", "."), (";", ","), (";", "."), ("\t", "."), ("\t", ","), ("|", "."), (",", ",")]


def written(rows, delimiter, line_end="\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator=line_end).writerows(rows)
    return text.getvalue()


@UNHURRIED
@given(
    rows=st.lists(st.tuples(WORDS, INTEGERS, FLOATS), min_size=1, max_size=20),
    dialect=st.sampled_from(DIALECTS),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    line_end=st.sampled_from(["\n", "\r\n"]),
)
def test_values_come_back_from_any_dialect(rows, dialect, encoding, line_end):
    delimiter, decimal = dialect
    texts = [(w, i, f"{f!r}".replace(".", decimal)) for w, i, f in rows]
    # one number that can be read in one way only, as nearly any real column has
    texts.append(("w", 0, f"0{decimal}5"))
    content = written([("word", "whole", "real"), *texts], delimiter, line_end).encode(encoding)
    frame = read_table(content)
    assert frame["word"].tolist() == [word for word, *_ in texts]
    assert frame["whole"].tolist() == [whole for _, whole, _ in rows] + [0]
    assert frame["real"].tolist() == [real for *_, real in rows] + [0.5]


@UNHURRIED
@given(st.lists(st.integers(-(10**12), 10**12), min_size=1), st.sampled_from(list(", '\u00a0")))
def test_grouped_thousands_come_back(values, mark):
    rows = [("word", "v"), *(("w", f"{value:,}".replace(",", mark)) for value in values)]
    assert read_table(written(rows, ",").encode())["v"].tolist() == values


@UNHURRIED
@given(st.lists(st.from_regex(r"0[0-9]{1,8}", fullmatch=True), min_size=1))
def test_zero_padded_codes_come_back_as_text(codes):
    rows = [("word", "code"), *(("w", code) for code in codes)]
    assert read_table(written(rows, ",").encode())["code"].tolist() == codes


@UNHURRIED
@given(st.lists(st.none() | INTEGERS, min_size=1), st.sampled_from(["", "?", "NA", "null", "-"]))
def test_missing_values_come_back_as_missing(values, marker):
    rows = [("word", "v"), *(("w", marker if value is None else value) for value in values)]
    frame = read_table(written(rows, ",").encode())
    expected = pd.Series(values, dtype="float64")
    if expected.isna().all():
        assert "v" not in frame
    else:
        pd.testing.assert_series_equal(frame["v"].astype("float64"), expected, check_names=False)


def read_or_refused(content):
    """Read `content`; any error but a DataError with a sentence fails the test."""
    try:
        frame = read_table(content)
    except DataError as error:
        assert str(error)[0].isupper() or str(error)[0] == "'"
        assert str(error).endswith(".")
        return
    assert len(frame) and frame.columns.is_unique
    assert {str(dtype) for dtype in frame.dtypes} <= {"int64", "float64", "str"}
    assert frame.notna().any(axis=1).all() and frame.notna().any(axis=0).all()
    report = data_report(frame)
    assert [column.name for column in report.columns] == list(frame)
    assert report.rows_kept == len(frame) <= report.rows_read
    json.dumps(report.to_dict(), allow_nan=False)


@UNHURRIED
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(content):
    read_or_refused(content)


@UNHURRIED
@given(st.text(st.sampled_from(list("a0 1.5,;\t|\"'\n\r-?e$%€é\u00a0ab")), max_size=120))
def test_any_text_is_read_or_refused(text):
    read_or_refused(("name,v\n" + text).encode())


@UNHURRIED
@given(st.text(st.sampled_from(list('ab01 .,;\t|"\n\r')), max_size=80))
def test_any_header_is_read_or_refused(text):
    read_or_refused(text.encode("utf-16"))
