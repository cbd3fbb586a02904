"""Tables of customers: read, checked and reported on."""

from mall_app.data.mall import load_customers
from mall_app.data.reading import read_table
from mall_app.data.report import DataReport, data_report
from mall_app.data.table import Table

__all__ = ["DataReport", "Table", "data_report", "load_customers", "read_table"]
