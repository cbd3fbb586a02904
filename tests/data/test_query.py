"""What a query to a database gives."""

from __future__ import annotations

import sqlite3

import duckdb
import pytest

from mall_app import ClusteringModel, load_customers, read_query
from mall_app.data import data_report
from mall_app.errors import DataError

QUERY = 'SELECT * FROM mall WHERE "Age" < 40'


@pytest.fixture(params=["duckdb", "sqlite3"])
def connection(request):
    frame = load_customers()
    with (duckdb if request.param == "duckdb" else sqlite3).connect(":memory:") as own:
        if request.param == "duckdb":
            own.register("mall", frame)
        else:
            frame.to_sql("mall", own, index=False)
        yield own
    own.close()


def test_its_rows_are_a_table(connection):
    frame = read_query(QUERY, connection)
    expected = load_customers().query("Age < 40").reset_index(drop=True)
    assert frame.astype(object).equals(expected.astype(object))
    assert data_report(frame).format == "query" and data_report(frame).rows_kept == len(frame)
    assert ClusteringModel(frame, n_clusters=3).result.n_clusters == 3
    assert list(read_query(QUERY, connection, columns=["Age", "Gender"])) == ["Age", "Gender"]


def test_gaps_and_decimals_are_numbers(connection):
    query = "SELECT 1.5 AS x, CAST(NULL AS INTEGER) AS n UNION ALL SELECT NULL, 3"
    frame = read_query(query, connection)
    assert frame.dtypes.astype(str).tolist() == ["float64", "float64"]
    assert frame.isna().sum().tolist() == [1, 1]


def test_what_the_database_refuses_is_told(connection):
    with pytest.raises(DataError, match=r"^The database refuses the query: .*mool"):
        read_query("SELECT * FROM mool", connection)
    with pytest.raises(DataError, match="no column 'Agee': did you mean 'Age'"):
        read_query(QUERY, connection, columns=["Agee"])
    with pytest.raises(DataError, match="gives no rows"):
        read_query("CREATE TABLE other (n INTEGER)", connection)


def test_what_is_no_connection_is_refused():
    with pytest.raises(DataError, match="must be one of DuckDB, DB-API 2 or SQLAlchemy, not of ty"):
        read_query(QUERY, "customers.db")
