"""Column names: cleaned, made unique, and the Mall table's own in many spellings."""

import pytest

from mall_app.data import data_report, load_customers, read_table

MALL = list(load_customers())


@pytest.mark.parametrize(
    "header",
    [
        "CustomerID,Genre,Age,Annual Income (k$),Spending Score (1-100)",
        "customer_id,gender,age,Annual_Income,Spending_Score",
        "Customer ID,Sex,AGE,AnnualIncome,SpendingScore",
        " CustomerId , Gender , Age , annual_income_k , spending_score ",
        "CUSTOMERID,GENDER,AGE,ANNUAL INCOME (K$),SPENDING SCORE (1-100)",
        "customer-id,gender,age,annual income k$,Spending Score (1 to 100)",
    ],
)
def test_spellings_of_the_mall_table(header):
    frame = read_table(f"{header}\n1,Male,19,15,39\n2,Female,21,16,81\n".encode())
    assert list(frame) == MALL
    written = [field.lstrip() for field in header.split(",")]
    changed = {old: new for old, new in zip(written, MALL, strict=True) if old != new}
    assert data_report(frame).renamed == changed


def test_a_table_that_is_not_the_mall_one_keeps_its_names():
    frame = read_table(b"Genre,Annual_Income,age\nRock,15,3\nJazz,16,4\n")
    assert list(frame) == ["Genre", "Annual_Income", "age"]
    assert data_report(frame).renamed == {}


def test_an_income_in_dollars_is_not_called_thousands():
    frame = read_table(b"age,AnnualIncome,Spending_Score\n19,15000,39\n20,16000,40\n")
    assert list(frame) == ["Age", "AnnualIncome", "Spending Score (1-100)"]
    assert data_report(frame).notes == (
        "Column 'AnnualIncome' keeps its name: its values go beyond what an income in thousands "
        "of dollars would.",
    )


def test_of_two_spellings_the_exact_one_wins():
    frame = read_table(b"Genre,Gender,Annual_Income,Spending_Score\nx,Male,15,3\ny,Male,16,4\n")
    assert list(frame)[:2] == ["Genre", "Gender"]


def test_equal_and_empty_names_are_told_apart():
    frame = read_table(b"a,a,,a (2),a\n1,2,3,4,5\n")
    assert list(frame) == ["a", "a (3)", "column 3", "a (2)", "a (4)"]
    assert data_report(frame).notes == (
        "Column 2 repeats the name 'a'; it became 'a (3)'.",
        "Column 3 has no name; it became 'column 3'.",
        "Column 5 repeats the name 'a'; it became 'a (4)'.",
    )


def test_line_breaks_in_names_become_spaces():
    frame = read_table(b'"Annual\n income",b\n1,2\n')
    assert data_report(frame).renamed == {"Annual\n income": "Annual income"}


@pytest.mark.parametrize("start", [0, 1])
@pytest.mark.parametrize("name", ["", "Unnamed: 0"])
def test_a_nameless_counter_of_rows_is_dropped(start, name):
    frame = read_table(f"{name},a,a\n{start},5,6\n{start + 1},7,8\n".encode())
    assert list(frame) == ["a", "a (2)"]
    assert data_report(frame).notes == (
        "The first column has no name and only counts the rows; it was dropped.",
        "Column 3 repeats the name 'a'; it became 'a (2)'.",
    )


def test_a_nameless_first_column_that_says_something_stays():
    assert list(read_table(b",a\n3,5\n9,7\n")) == ["column 1", "a"]


def test_years_may_be_names():
    assert list(read_table(b"Region,2019,2020\nN,1,2\nS,3,4\n")) == ["Region", "2019", "2020"]


def test_names_that_python_uses_are_ordinary_names():
    frame = read_table(b"self,index,columns\n1,2,3\n,,\n4,5,6\n")
    assert frame.to_dict("list") == {"self": [1, 4], "index": [2, 5], "columns": [3, 6]}
