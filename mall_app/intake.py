"""From a file a person brings to its first clustering, in one call a worker can run."""

from __future__ import annotations

from mall_app.data import read_table
from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.result import ClusteringResult
from mall_app.settings import Settings


def read_and_fit(data: bytes, settings: Settings) -> tuple[Table, ClusteringResult]:
    """Read a CSV and cluster its numeric columns.

    Parameters
    ----------
    data : bytes
        Content of the file.
    settings : Settings
        What to do; `features` is replaced, for another table has other columns.

    Raises
    ------
    DataError, SettingsError
        The file cannot be read, or cannot be clustered with these settings.
    """
    table = Table.from_frame(read_table(data))
    return table, fit(table, settings.changed(features=None))
