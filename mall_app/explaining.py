"""The explanation of a finished clustering, in one call a worker can run."""

from __future__ import annotations

from mall_app.data.table import Table
from mall_app.explanation import Explanation, explain
from mall_app.features import build_features
from mall_app.result import ClusteringResult


def explain_result(table: Table, result: ClusteringResult) -> Explanation:
    """Work out rules, typical and doubtful customers and contributions for a result.

    Parameters
    ----------
    table : Table
        The customers the result is of.
    result : ClusteringResult
        Its names and notes are in the result alone; the segments here go by the same numbers.

    Examples
    --------
    >>> import pandas as pd
    >>> from mall_app.fit import fit
    >>> from mall_app.settings import Settings
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20.0, 21.0, 60.0, 61.0, 65.0]}))
    >>> found = explain_result(table, fit(table, Settings(n_clusters=2)))
    >>> [own.rule.text for own in found.segments]
    ['Age > 40', 'Age <= 40']
    """
    features = build_features(table, result.settings)
    return explain(
        table,
        result.rows,
        result.labels,
        features.points,
        result.settings.features or (),
        result.settings.random_state,
    )
