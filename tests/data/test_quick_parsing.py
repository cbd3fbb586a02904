"""What is read quickly is read as pandas would: the same values, types, report and refusals."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mall_app.data import data_report, parsing
from mall_app.data.quick_parsing import quick_parse
from mall_app.data.reading import read_table
from mall_app.errors import DataError

FIELDS = (
    ["", "0", "1", "-3", "+4", "007", "00", "-07", "1.5", "0.25", ".5", "5.", "1e3", "1E-2", "-0"]
    + ["1_000", "0x1F", "9007199254740993", "12345678901234567", "99999999999999999999", "1e400"]
    + ["nan", "NaN", "inf", "-Infinity", "NA", "?", "null", "true", "False", "2026-01-02", "12:30"]
    + ["x", "Wien", "ä ö", "a\tb", "50%", "$5", "1 000", "1\u00a0000", "\u22125", "x ", "1 ", "'1'"]
)


def both_ways(content):
    """Read with the quick reader and without it; a refusal counts as an outcome."""
    outcomes = []
    for reader in (quick_parse, lambda *_: None):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(parsing, "quick_parse", reader)
            try:
                frame = read_table(content)
            except DataError as error:
                outcomes.append(str(error))
            else:
                values = [[told(own) for own in frame[name]] for name in frame]
                outcomes.append((list(frame), frame.dtypes.tolist(), values, data_report(frame)))
    return outcomes


def told(value):
    return "0.0" if value == 0.0 else repr(value)  # the sign of nothing may differ


columns = st.sampled_from(FIELDS) | st.integers().map(str) | st.floats(allow_nan=False).map(repr)
fields = st.lists(columns, min_size=1, max_size=6).flatmap(
    lambda few: st.lists(st.sampled_from(few), min_size=1, max_size=12)
)


@settings(max_examples=100, deadline=None)
@given(st.lists(fields, min_size=2, max_size=4), st.sampled_from([",", "\t", "|"]), st.booleans())
def test_every_kind_of_field_comes_to_the_same(table, delimiter, windows):
    n_rows = min(map(len, table))
    rows = [
        [f"name {n}" for n in range(len(table))],
        *zip(*(own[:n_rows] for own in table), strict=True),
    ]
    text = ("\r\n" if windows else "\n").join(delimiter.join(row) for row in rows) + "\n"
    quick, slow = both_ways(text.encode())
    assert quick == slow


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,2\n3\n",
        "a,b\n1,2\n3,4,5\n",
        "a,b\n1,2\n\n3,4",
        "\n\na,b\n1,2\n",
        "a,b\n1,2\n  \n3,4\n",
        "a,b\n1, 2\n3,4\n",
        'a,b\n1,"2\n3",4\n',
        "a,b\r1,2\r3,4\r",
        "a,b\n1,2\r\n3,4\n",
        "sep=,\na,b\n1,2\n3,4\n",
        "a,b\n1,x\x1a",
        ",b\n0,5\n1,6\n",
        "a,b\n1,\n2,\n",
    ],
)
def test_every_kind_of_record_comes_to_the_same(text):
    quick, slow = both_ways(text.encode())
    assert quick == slow


def test_many_rows_come_to_the_same():
    draw = random.Random(0)
    rows = [
        f"{n:07d},{n},{draw.random()},name {n},{draw.choice(['f', 'm', ''])},{draw.random():.2f}"
        for n in range(30_000)
    ]
    rows[20_000] = "0020000,20000,?, name,NA,"
    rows[25_000] = "0025000,25000,1.5,Straße ,m,7"
    for text in (
        "\n".join(["id,n,x,name,sex,y", *rows[:20_000]]),
        "\n".join(["id,n,x,name,sex,y", *rows]),
    ):
        quick, slow = both_ways(text.encode())
        assert quick == slow
