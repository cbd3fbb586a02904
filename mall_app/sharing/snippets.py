"""A clustering as something to carry elsewhere: Python code and a curl command."""

from __future__ import annotations

import json
import shlex
from pprint import pformat
from textwrap import indent
from typing import Any

import pandas as pd

from mall_app.algorithms import algorithms, build_algorithm
from mall_app.data.table import Table
from mall_app.settings import Settings

LONGEST_RECORDS = 60_000  # characters; shells take about twice that as one argument
_WIDTH = 88
_ALWAYS = ("algorithm", "n_clusters", "features", "scaling", "random_state")


def spoken(settings: Settings) -> dict[str, Any]:
    """Give what has to be said to get the same segments: the main choices and what is no default.

    Examples
    --------
    >>> spoken(Settings(algorithm="hdbscan", n_clusters=None, features=("Age",)))
    {'algorithm': 'hdbscan', 'features': ['Age'], 'scaling': 'standard', 'random_state': 0}
    """
    values, defaults = settings.to_dict(), Settings().to_dict()
    values["params"] = own_params(settings)
    if settings.distance == "gower":
        values["scaling"] = defaults["scaling"]
    names = [name for name in values if name in _ALWAYS or values[name] != defaults[name]]
    said = {name: values[name] for name in names if values[name] is not None}
    if values["numbering"] == list(range(len(values["numbering"] or ()))):
        del said["numbering"]  # as they would be numbered anyway
    if settings.distance == "gower":
        del said["scaling"]  # not used then
    return said


def python_code(settings: Settings, file: str | None = None) -> str:
    """Write a program that gives the same segments.

    Parameters
    ----------
    settings : Settings
        Of a result.
    file : str, optional
        Name of the CSV file the customers were read from; None for the Mall customers.

    Examples
    --------
    >>> print(python_code(Settings(n_clusters=3, features=("Age",))))
    from mall_app import ClusteringModel
    <BLANKLINE>
    model = ClusteringModel(
        algorithm='kmeans',
        n_clusters=3,
        features=['Age'],
        scaling='standard',
        random_state=0,
    )
    print(model.result.segments[["name", "size"]])
    """
    names = "ClusteringModel" if file is None else "ClusteringModel, read_table"
    data = [] if file is None else [f"    read_table({file!r}),"]
    choices = [f"    {_written(name, value)}," for name, value in spoken(settings).items()]
    lines = [
        f"from mall_app import {names}",
        "",
        "model = ClusteringModel(",
        *data,
        *choices,
        ")",
        'print(model.result.segments[["name", "size"]])',
    ]
    return "\n".join(lines)


def _written(name: str, value: Any) -> str:
    if name == "edits":
        entries = [pformat(own, width=_WIDTH, compact=True, sort_dicts=False) for own in value]
        return "\n".join([f"{name}=[", *(f"{indent(own, ' ' * 8)}," for own in entries), "    ]"])
    text = pformat(value, width=_WIDTH - 8, compact=True, sort_dicts=False)
    if "\n" in text:
        return f"{name}=(\n{indent(text, ' ' * 8)}\n    )"
    return f"{name}={text}"


def request_body(settings: Settings, table: Table | None = None) -> dict[str, Any]:
    """Give the body of ``POST /cluster`` that is answered with the same labels.

    Parameters
    ----------
    settings : Settings
        Of a result.
    table : Table, optional
        Sent as ``records``; None for the Mall customers, which every server has.
    """
    body = spoken(settings)
    return body if table is None else {**body, "records": records_of(table)}


def curl_command(settings: Settings, origin: str, table: Table | None = None) -> str | None:
    """Write a shell command that asks the API for the same segments.

    Parameters
    ----------
    settings : Settings
        Of a result.
    origin : str
        Where the server is, such as ``http://localhost:5006``.
    table : Table, optional
        As in `request_body`.

    Returns
    -------
    str or None
        None when the table is too large for a command.

    Examples
    --------
    >>> print(curl_command(Settings(n_clusters=3, features=("Age",)), "http://localhost:5006"))
    curl -sS http://localhost:5006/cluster -H 'Content-Type: application/json' -d '{
      "algorithm": "kmeans",
      "n_clusters": 3,
      "features": ["Age"],
      "scaling": "standard",
      "random_state": 0
    }'
    """
    if table is not None and table.frame.size > LONGEST_RECORDS:
        return None
    body = request_body(settings, table)
    fields = [f"  {json.dumps(n)}: {json.dumps(own)}" for n, own in body.items()]
    document = "\n".join(("{", ",\n".join(fields), "}"))
    if table is not None and len(document) > LONGEST_RECORDS:
        return None
    address = shlex.quote(f"{origin}/cluster")
    return f"curl -sS {address} -H 'Content-Type: application/json' -d {shlex.quote(document)}"


def records_of(table: Table) -> list[dict[str, Any]]:
    """Give the rows of a table as JSON-ready mappings that are read back as the same table.

    Examples
    --------
    >>> records_of(Table.from_frame(pd.DataFrame({"Age": [20.5, None], "City": ["Rome", "Oslo"]})))
    [{'Age': 20.5, 'City': 'Rome'}, {'Age': None, 'City': 'Oslo'}]
    """
    columns = {str(name): _plain(table.frame[name]) for name in table.frame}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def _plain(column: pd.Series) -> list[Any]:
    gaps = column.isna().tolist()
    return [
        None if gap else own if isinstance(own, bool | int | float | str) else str(own)
        for own, gap in zip(column.tolist(), gaps, strict=True)
    ]


def own_params(settings: Settings) -> dict[str, Any]:
    """Give the algorithm's own parameters that are not at their default.

    Examples
    --------
    >>> own_params(Settings(params={"n_init": 3, "max_iter": 300}))
    {'n_init': 3}
    """
    if settings.algorithm not in algorithms():
        return dict(settings.params)
    defaults = build_algorithm(settings.algorithm, {}).params()
    return {name: own for name, own in settings.params.items() if own != defaults.get(name)}
