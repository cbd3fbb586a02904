"""Empty rows and columns go; equal rows go only when an identifier shows them to be copies."""

from mall_app.data import data_report, read_table


def test_empty_rows_are_dropped_and_whole_numbers_stay_whole():
    frame = read_table(b"a,b\n1,x\n,\n?, \n2,y\n")
    assert frame.to_dict("list") == {"a": [1, 2], "b": ["x", "y"]}
    assert frame["a"].dtype == "int64"
    assert frame.index.tolist() == [0, 1]
    report = data_report(frame)
    assert (report.rows_read, report.rows_kept) == (4, 2)
    assert report.notes == ("2 rows were empty and dropped.",)


def test_empty_columns_are_dropped():
    frame = read_table(b"a,b,c,\n1,,NA,\n2,,?,\n")
    assert list(frame) == ["a"]
    assert data_report(frame).notes == (
        "Column 4 has no name; it became 'column 4'.",
        "3 columns had no values and were dropped: 'b', 'c', 'column 4'.",
    )


def test_copies_are_dropped_when_an_identifier_shows_them():
    frame = read_table(b"customer_id,v\n1,5\n2,6\n1,5\n1,5\n")
    assert frame.to_dict("list") == {"customer_id": [1, 2], "v": [5, 6]}
    assert frame.index.tolist() == [0, 1]
    assert data_report(frame).notes == ("2 rows were exact copies of an earlier one and dropped.",)


def test_equal_customers_without_an_identifier_stay():
    frame = read_table(b"age,v\n1,5\n2,6\n1,5\n")
    assert len(frame) == 3
    assert data_report(frame).notes == (
        "1 row is equal to an earlier one; kept, as no identifier shows them to be copies.",
    )


def test_equal_rows_stay_when_the_identifier_repeats_anyway():
    frame = read_table(b"customer_id,v\n1,5\n1,6\n1,5\n")
    assert len(frame) == 3
    assert data_report(frame).rows_kept == 3


def test_an_identifier_that_repeats_with_other_values_is_reported():
    frame = read_table(b"customer_id,v\n1,5\n1,6\n2,5\n")
    assert len(frame) == 3
    assert data_report(frame).notes == (
        "1 row repeats an earlier 'customer_id' with other values; kept.",
    )
