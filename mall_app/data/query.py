"""What a query to a database gives, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from mall_app.data.arrow import from_stream
from mall_app.data.frames import to_frame
from mall_app.data.parts import told
from mall_app.data.reading import reported, selected
from mall_app.errors import DataError


def read_query(query: str, connection: Any, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """Read the rows that a query gives.

    Parameters
    ----------
    query : str
        In the language of the database; it is sent as it is, so never put together from what
        somebody else wrote.
    connection : connection
        One of DuckDB, of any driver that follows DB-API 2 (PEP 249), such as `sqlite3`, or an
        SQLAlchemy engine or connection. It stays open.
    columns : sequence of str, optional
        The columns of the answer that are wanted; the database itself is quicker at leaving
        columns out.

    Returns
    -------
    pandas.DataFrame of shape (n_rows, n_columns)
        With the types the database gives; see `read_table`.

    Raises
    ------
    DataError
        The database refuses the query, or it gives no rows.

    Examples
    --------
    >>> import sqlite3
    >>> with sqlite3.connect(":memory:") as database:
    ...     frame = read_query("SELECT 20 AS Age UNION SELECT 30", database)
    >>> frame["Age"].tolist()
    [20, 30]
    """
    if type(connection).__module__.partition(".")[0] == "sqlalchemy":
        read = _by_pandas
    elif hasattr(connection, "sql"):
        read = _by_duckdb
    elif hasattr(connection, "cursor"):
        read = _by_cursor
    else:
        raise DataError(
            "A connection must be one of DuckDB, DB-API 2 or SQLAlchemy, not of type "
            f"{type(connection).__name__}."
        )
    try:
        frame = read(query, connection)
    except DataError:
        raise
    except Exception as error:  # every driver has errors of its own
        raise DataError(f"The database refuses the query: {told(error)}") from error
    if frame.empty:
        raise DataError("The query gives no rows.")
    return selected(reported(frame, "query"), columns)


def _by_duckdb(query: str, connection: Any) -> pd.DataFrame:
    relation = connection.sql(query)
    return pd.DataFrame() if relation is None else to_frame(from_stream(relation, None))


def _by_cursor(query: str, connection: Any) -> pd.DataFrame:
    cursor = connection.cursor()
    try:
        cursor.execute(query)
        if cursor.description is None:  # it was none that selects
            return pd.DataFrame()
        names = [str(column[0]) for column in cursor.description]
        return pd.DataFrame.from_records(cursor.fetchall(), columns=names, coerce_float=True)
    finally:
        cursor.close()


def _by_pandas(query: str, connection: Any) -> pd.DataFrame:
    return pd.read_sql(query, connection)
