"""Tables of customers: read, checked and reported on."""

from mall_app.data.mall import load_customers
from mall_app.data.opening import open_table
from mall_app.data.query import read_query
from mall_app.data.reading import read_table
from mall_app.data.report import DataReport, data_report
from mall_app.data.table import Table
from mall_app.data.writing import write_parquet

__all__ = [
    "DataReport",
    "Table",
    "data_report",
    "load_customers",
    "open_table",
    "read_query",
    "read_table",
    "write_parquet",
]
