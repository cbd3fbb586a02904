"""The ways people write numbers, and what must not become one."""

import math

import pytest

from mall_app.data import data_report, read_table


def read_column(values, delimiter=",", others=()):
    """Read `values` as column v beside a counter, and further columns if given."""
    lines = [delimiter.join(["n", "v", *(f"o{i}" for i, _ in enumerate(others))])]
    for position, value in enumerate(values):
        fields = [f"row {position}", value, *(other[position] for other in others)]
        lines.append(delimiter.join(f'"{field}"' for field in fields))
    return read_table("\n".join(lines).encode())


def note(frame, name="v"):
    return next(c.note for c in data_report(frame).columns if c.name == name)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["1", "2"], [1, 2]),
        (["1.0", "2.0"], [1, 2]),
        (["1.5", "2"], [1.5, 2.0]),
        (["-1", "+2"], [-1, 2]),
        (["\u22121", "2"], [-1, 2]),
        ([".5", "5."], [0.5, 5.0]),
        (["1e3", "2.5E-1"], [1000.0, 0.25]),
        (["12,5", "7,25"], [12.5, 7.25]),
        (["1.234,5", "2"], [1234.5, 2.0]),
        (["1,234.5", "2"], [1234.5, 2.0]),
        (["1.234.567", "1.000"], [1234567, 1000]),
        (["1,234,567", "1,000"], [1234567, 1000]),
        (["12,34,567", "1,000"], [1234567, 1000]),
        (["1 234", "22 345 678"], [1234, 22345678]),
        (["1'234", "5"], [1234, 5]),
        (["1’234.5", "5"], [1234.5, 5.0]),
        (["1\u00a0234,5", "5"], [1234.5, 5.0]),
        (["1\u202f234", "5"], [1234, 5]),
        (["0,123", "0,456"], [0.123, 0.456]),
        (["1234,567", "1"], [1234.567, 1.0]),
        (["$1,200.50", "$3"], [1200.5, 3.0]),
        (["-$5", "$-6"], [-5, -6]),
        (["1.200,50 €", "3,10 €"], [1200.5, 3.1]),
        (["12.5%", "3 %"], [12.5, 3.0]),
    ],
)
def test_written_numbers(values, expected):
    frame = read_column(values)
    assert frame["v"].tolist() == expected
    assert frame["v"].dtype == ("int64" if isinstance(expected[0], int) else "float64")


@pytest.mark.parametrize(
    "values",
    [
        ["12", "dozen"],
        ["2024-01-05", "2024-02-06"],
        ["10.05.2024", "11.05.2024"],
        ["12:30", "13:45"],
        ["$5", "5%"],
        ["$5", "€5"],
        ["1.2.3", "4.5.6"],
        ["1,2,3", "4,5,6"],
        ["12.5", "12,5"],
        ["true", "false"],
        ["0x10", "0x11"],
        ["1_000", "2_000"],
        ["192.168.1.1", "10.0.0.1"],
    ],
)
def test_what_is_not_a_number_stays_as_written(values):
    assert read_column(values)["v"].tolist() == values


@pytest.mark.parametrize(
    "values",
    [["007", "123"], ["00", "1"], ["99999999999999999999", "1"], ["18446744073709551615", "1"]],
)
def test_codes_stay_text(values):
    frame = read_column(values)
    assert frame["v"].tolist() == values
    assert note(frame).startswith("kept as text: ")


def test_the_code_that_made_a_column_text_is_shown():
    assert note(read_column(["5", "007"])) == "kept as text: zero-padded codes, such as '007'"
    assert note(read_column(["5", "12345678901234567890"])) == (
        "kept as text: codes with too many digits for a number, such as '12345678901234567890'"
    )


def test_long_codes_with_missing_values_keep_every_digit():
    frame = read_table(b"a,v\n1,9007199254740993\n2,\n3,9007199254740995\n")
    assert frame["v"].tolist()[::2] == ["9007199254740993", "9007199254740995"]
    assert read_table(b"a,v\n1,9007199254740993\n")["v"].tolist() == [9007199254740993]


def test_zero_padded_ids_leave_the_other_columns_alone():
    frame = read_table(b"id,v\n0001,5\n0002,6\n")
    assert frame.to_dict("list") == {"id": ["0001", "0002"], "v": [5, 6]}


@pytest.mark.parametrize(
    ("value", "delimiter", "expected"),
    [("1,234", ",", 1234), ("1,234", ";", 1.234), ("1.234", ",", 1.234), ("1.234", ";", 1.234)],
)
def test_a_mark_that_could_be_either_is_guessed_from_the_file(value, delimiter, expected):
    assert read_column([value], delimiter)["v"].tolist() == [expected]


def test_a_guess_is_reported():
    assert note(read_column(["1,234", "22,000"])) == (
        "decimal point, a guess, as '1,234' can be read in two ways; "
        "thousands separators were taken out"
    )


def test_another_column_settles_what_a_mark_means():
    frame = read_column(["1.234", "2.345"], ";", others=[["1,5", "2,5"]])
    assert frame["v"].tolist() == [1234, 2345]
    assert data_report(frame).decimal == ","
    frame = read_column(["1,234", "2,345"], ";", others=[["1.5", "2.5"]])
    assert frame["v"].tolist() == [1234, 2345]
    assert data_report(frame).decimal == "."


def test_one_stray_word_keeps_the_column_as_text_and_is_named():
    frame = read_column(["1", "2", "3", "soon"])
    assert note(frame) == "read as text: 1 value is not a number, such as 'soon'"


@pytest.mark.parametrize(
    "marker", ["", "?", "-", "--", "NA", "na", "N/A", "n/a", "null", "NULL", "NaN", "#N/A", " ? "]
)
def test_missing_markers(marker):
    numbers = read_column(["1", marker, "3"])["v"]
    assert numbers.dtype == "float64" and math.isnan(numbers[1])
    words = read_column(["x", marker, "y"])["v"]
    assert words.isna().tolist() == [False, True, False]


@pytest.mark.parametrize("marker", ["None", "unknown", "missing", ".", "inf", "-Infinity"])
def test_words_that_are_missing_only_among_numbers(marker):
    assert math.isnan(read_column(["1", marker, "3"])["v"][1])
    assert read_column(["x", marker, "y"])["v"].tolist() == ["x", marker, "y"]


def test_missing_values_are_counted_and_their_spelling_told():
    frame = read_column(["1", "?", "NA", "", "5"])
    column = data_report(frame).columns[1]
    assert (column.missing, column.note) == (3, "'?', 'NA' read as missing")


def test_spaces_around_words_are_taken_off():
    frame = read_table(b"a,v\n1,Male \n2, Male\n3,Female\n")
    assert frame["v"].tolist() == ["Male", "Male", "Female"]
    assert note(frame) == "spaces around values were taken off"
