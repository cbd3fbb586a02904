"""From a body on the wire to what the core understands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from api import records, strict_json
from api.problem import Problem, fault, unprocessable
from api.sentences import told
from api.validation import faults
from mall_app.algorithms import algorithms
from mall_app.checks import shown
from mall_app.data import load_customers
from mall_app.data.library import MALL, dataset_library
from mall_app.data.report import DataReport
from mall_app.data.table import Table
from mall_app.errors import (
    DataError,
    DatasetNotFound,
    InputError,
    SettingsError,
    did_you_mean,
)
from mall_app.settings import Settings

_SETTINGS = (
    "algorithm",
    "n_clusters",
    "features",
    "scaling",
    "missing",
    "random_state",
    "params",
    "distance",
    "weights",
    "numbering",
    "edits",
    "engine",
    "strategy",
)
FEWEST_ON_DASK = 10_000
_NO_ROWS = (
    "labels and doubts of {n_rows:,} customers are not sent; POST /datasets/{{id}}/labelled writes "
    "the segment of each to a new dataset."
)
_LONGEST_SEARCHED = 100  # a name may be megabytes: more is neither searched nor sent back


@dataclass(frozen=True, slots=True)
class ClusterCall:
    """A request to cluster that has passed every check the table itself is not needed for.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        What to do with them.
    plot : bool
        Whether the picture is wanted in a JSON answer.
    doubts : bool
        Whether it is to say how sure the segment of each row is.
    report : DataReport or None
        What reading inline rows did to them.
    notes : tuple of str
        What the caller should know, in sentences.
    """

    table: Table
    settings: Settings
    plot: bool
    doubts: bool
    report: DataReport | None
    notes: tuple[str, ...]


@cache
def mall_table() -> Table:
    """Give the built-in Mall Customers table."""
    return Table.from_frame(load_customers())


def read_cluster_call(body: bytes, algorithm: str | None) -> ClusterCall:
    """Read the body of ``POST /cluster``, or of ``POST /cluster/{algorithm}``.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    InputError
        The rows cannot be made a table.
    """
    document, settings = read_settings(body, algorithm, "ClusterBody")
    return cluster_call(document, settings, *read_table(document))


def cluster_call(
    document: Mapping[str, Any], settings: Settings, table: Table, report: DataReport | None
) -> ClusterCall:
    """Put together what a body that was read asks for, with notes on what plays no part."""
    check_engine(table, settings)
    key = settings.algorithm
    notes: tuple[str, ...] = ()
    if "n_clusters" in document and not algorithms()[key].needs_n_clusters:
        notes = (f"n_clusters is not used: {key} finds the number of segments itself.",)
    plot, doubts = document.get("plot", False), document.get("doubts", False)
    if table.whole is not None:
        doubts = False
        notes += (_NO_ROWS.format(n_rows=table.n_customers),)
    return ClusterCall(table, settings, plot, doubts, report, notes)


def check_engine(table: Table, settings: Settings) -> None:
    """Refuse to start a cluster for a small table, which it would only make slower.

    Raises
    ------
    SettingsError
        The engine is Dask, and the table is held in memory and has fewer than 10,000 rows.
    """
    if settings.engine == "dask" and table.whole is None and len(table) < FEWEST_ON_DASK:
        raise SettingsError(
            f"engine must be 'auto' or 'local' for fewer than {FEWEST_ON_DASK:,} customers, and "
            f"there are {len(table):,}.",
            ("engine",),
        )


def unused(document: Mapping[str, Any], names: Iterable[str], reason: str) -> tuple[str, ...]:
    """Say of each member that is there but plays no part that it is not used, and why."""
    return tuple(f"{name} is not used: {reason}" for name in names if name in document)


def read_settings(
    body: bytes, algorithm: str | None, kind: str
) -> tuple[Mapping[str, Any], Settings]:
    """Read a body and the settings in it.

    Parameters
    ----------
    body : bytes
        As it came.
    algorithm : str or None
        The one in the path, if there is one.
    kind : str
        Name of the schema in openapi.yaml of what such requests have in common.

    Raises
    ------
    Problem
        400 when it is not JSON, 422 when it breaks a rule.
    """
    document = strict_json.loads(body)
    key = _algorithm(document, algorithm)
    found = faults(document, key, kind)
    if found:
        raise unprocessable(found)
    settings = Settings.from_mapping(
        {name: document[name] for name in _SETTINGS if name in document} | {"algorithm": key}
    )
    return document, settings


def require_algorithm(key: str) -> str:
    """Give the key from the path back if there is such an algorithm.

    Raises
    ------
    Problem
        Status 404.
    """
    if key not in algorithms():
        raise Problem(404, _no_algorithm(key))
    return key


def _algorithm(document: Any, in_path: str | None) -> str:
    """Find which algorithm's schema the body answers to, before it is validated.

    An unknown one is refused at once, since there is no schema to hold the rest to.
    """
    default = in_path or "kmeans"
    asked = document.get("algorithm", default) if isinstance(document, Mapping) else default
    if in_path is not None and asked != in_path:
        detail = f"algorithm must be {in_path!r} as in the path, not {told(asked)}."
        raise _refusal("algorithm", detail)
    if not isinstance(asked, str):
        options = ", ".join(map(repr, algorithms()))
        raise _refusal("algorithm", f"algorithm must be one of {options}, not {told(asked)}.")
    if asked not in algorithms():
        raise _refusal("algorithm", _no_algorithm(asked))
    return asked


def _no_algorithm(key: str) -> str:
    cut = key[:_LONGEST_SEARCHED]
    return f"There is no algorithm {shown(cut)}: {did_you_mean(cut, algorithms())}"


def read_table(document: Mapping[str, Any]) -> tuple[Table, DataReport | None]:
    """Give the table that a body has or names, and what reading it did.

    Raises
    ------
    Problem
        404 for an unknown dataset, 422 for rows that cannot be made a table.
    """
    if "records" in document:
        try:
            table, report = records.table_of(document["records"])
        except InputError as error:
            raise _refusal("records", error.detail) from error
        _ = table.sha256  # worked out here, in the thread a long table is read in
        return table, report
    return read_dataset(document.get("dataset", "mall")), None


def read_dataset(name: str) -> Table:
    """Give a table that the server has.

    Raises
    ------
    Problem
        404 for an unknown one, 422 for one that cannot be read.
    """
    if name == MALL:
        return mall_table()
    try:
        return dataset_library().table(name)
    except DatasetNotFound as error:
        raise Problem(404, str(error), [fault(("dataset",), str(error))]) from error
    except DataError as error:
        raise _refusal("dataset", error.detail) from error


def _refusal(name: str, detail: str) -> Problem:
    return unprocessable([fault((name,), detail)])
