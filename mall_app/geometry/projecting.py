"""The projection of what a clustering was made on, in one call a worker can run."""

from __future__ import annotations

from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.encoding import Encoding
from mall_app.geometry.points import IntArray
from mall_app.geometry.projection import Projection, project
from mall_app.settings import Settings


def project_table(
    table: Table, settings: Settings, encoding: Encoding | None = None
) -> tuple[IntArray, Projection]:
    """Lay the customers of a table out in two dimensions, as the settings see them.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        Of a result: its features, scaling, distance and weights count.
    encoding : Encoding, optional
        Learned from the whole that the table is a sample of; by default from the table.

    Returns
    -------
    rows : ndarray of shape (n_used,)
        Positions in the table of the customers that are laid out.
    projection : Projection
        Where each of them lies.

    Examples
    --------
    >>> import pandas as pd
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20.0, None, 40.0], "City": ["a", "b", "c"]}))
    >>> rows, projection = project_table(table, Settings(features=("Age",), scaling="none"))
    >>> rows.tolist(), projection.coordinates[:, 0].tolist()
    ([0, 2], [10.0, -10.0])
    """
    features = build_features(table, settings, encoding)
    return features.rows, project(features.points, settings.random_state)
