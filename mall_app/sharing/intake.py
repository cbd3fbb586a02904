"""From a file a person brings to its first clustering, in one call a worker can run."""

from __future__ import annotations

from mall_app.data import read_table
from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.result import ClusteringResult
from mall_app.settings import Settings


def read_and_fit(data: bytes, settings: Settings) -> tuple[Table, ClusteringResult]:
    """Read a CSV and cluster it; see `settings_for`.

    Parameters
    ----------
    data : bytes
        Content of the file.
    settings : Settings
        What is done to the table at hand.

    Raises
    ------
    DataError, SettingsError
        The file cannot be read, or cannot be clustered with these settings.
    """
    table = Table.from_frame(read_table(data))
    return table, fit(table, settings_for(table, settings).unedited())


def settings_for(table: Table, settings: Settings) -> Settings:
    """Give the settings for another table.

    Returns
    -------
    Settings
        With the same features if the table has them all, else with None, its numeric columns; and
        with the weights of columns it has. Numbers are left to be found by matching.
    """
    known = set(settings.features or ()) <= set(table.features)
    return settings.changed(
        features=settings.features if known else None,
        weights={name: own for name, own in settings.weights.items() if name in table.features},
        numbering=None,
    )
