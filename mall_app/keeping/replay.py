"""The same fit again: the same labels, or exactly why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from mall_app.checks import shown
from mall_app.data.table import Table, listed
from mall_app.errors import InputError, SettingsError
from mall_app.fit import fit
from mall_app.geometry.points import IntArray
from mall_app.receipt import labels_sha256, versions
from mall_app.settings import Settings

_PARTS = ("data", "settings", "versions", "threads", "labels_sha256")


@dataclass(frozen=True)
class Replay:
    """How a fit done again compares.

    Parameters
    ----------
    same : bool
        Whether every customer is in the same segment as before.
    reasons : tuple of str
        Why not, in sentences; empty when they are the same.
    n_different : int or None
        Customers in another segment; None when that cannot be counted.
    """

    same: bool
    reasons: tuple[str, ...] = ()
    n_different: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values."""
        return {
            "same": self.same,
            "reasons": list(self.reasons),
            "n_different": self.n_different,
        }


def replay(
    table: Table | pd.DataFrame, receipt: Mapping[str, Any], labels: IntArray | None = None
) -> Replay:
    """Fit anew from a receipt and compare.

    Parameters
    ----------
    table : Table or pandas.DataFrame
        The customers.
    receipt : mapping
        As a result has it, or as read from JSON, such as an answer of ``POST /cluster``.
    labels : ndarray of shape (n_used,), optional
        The labels it led to; without them only their hash is compared.

    Raises
    ------
    SettingsError
        The receipt is none.
    DataError
        The customers are no table.

    Examples
    --------
    >>> customers = pd.DataFrame({"Age": [20, 21, 60, 61, 62]})
    >>> receipt = fit(Table.from_frame(customers), Settings(n_clusters=2)).receipt
    >>> replay(customers, receipt)
    Replay(same=True, reasons=(), n_different=0)
    """
    check_receipt(receipt)
    if not isinstance(table, Table):
        table = Table.from_frame(table)
    unlike = _unlike_data(table, receipt["data"])
    if unlike:
        return Replay(False, unlike)
    try:
        result = fit(table, Settings.from_mapping(receipt["settings"]))
    except InputError as error:
        return Replay(False, (f"It cannot be fitted here: {error.detail}", *_surroundings(receipt)))
    again, threads = result.labels, result.receipt["threads"]
    if labels_sha256(again) == receipt["labels_sha256"]:
        return Replay(True, (), 0)
    if labels is None or len(labels) != len(again):
        told = "The labels are others than those of the receipt."
        return Replay(False, (told, *_surroundings(receipt, threads)))
    n_different = int((labels != again).sum())
    if n_different == 0:
        return Replay(False, ("The labels at hand are not those of the receipt.",), 0)
    told = f"{n_different:,} of {len(labels):,} customers are in another segment."
    return Replay(False, (told, *_surroundings(receipt, threads)), n_different)


def check_receipt(receipt: Any) -> dict[str, Any]:
    """Give a receipt back if it has all that replaying it takes.

    Raises
    ------
    SettingsError
        It has not.
    """
    if not isinstance(receipt, Mapping):
        raise SettingsError(f"A receipt must be a mapping, not {shown(receipt)}.")
    for name in _PARTS:
        if name not in receipt:
            raise SettingsError(f"The receipt has no {name!r}, so it cannot be replayed.", (name,))
    for name in ("data", "settings", "versions", "threads"):
        if not isinstance(receipt[name], Mapping):
            raise SettingsError(
                f"{name} of the receipt must be a mapping, not {shown(receipt[name])}.", (name,)
            )
    return dict(receipt)


def _unlike_data(table: Table, data: Mapping[str, Any]) -> tuple[str, ...]:
    if data.get("sha256") == table.sha256:
        return ()
    reasons = [
        f"The customers are others: their SHA-256 is {table.sha256}, and the receipt has "
        f"{shown(data.get('sha256'))}."
    ]
    if data.get("rows") != len(table):
        reasons.append(f"There are {len(table):,} rows, not {shown(data.get('rows'))}.")
    columns = data.get("columns")
    here = list(map(str, table.frame))
    if isinstance(columns, list) and columns != here:
        lost = [str(name) for name in columns if name not in here]
        new = [name for name in here if name not in columns]
        parts = [f"{listed(lost)} are missing"] if lost else []
        parts += [f"{listed(new)} are new"] if new else []
        reasons.append(f"Columns differ: {'; '.join(parts) or 'they stand in another order'}.")
    return tuple(reasons)


def _surroundings(
    receipt: Mapping[str, Any], threads: Mapping[str, int] | None = None
) -> tuple[str, ...]:
    """Say what else is not as it was, which may be the cause; threads only of a fit."""
    reasons = []
    saved, here = receipt["versions"], versions()
    names = [name for name in {**here, **saved} if saved.get(name) != here.get(name)]
    if names:
        told = (f"{name} {here.get(name, 'none')}, not {saved.get(name, 'none')}" for name in names)
        reasons.append(f"Versions differ: {'; '.join(told)}.")
    if threads is None:
        return tuple(reasons) or ("Versions are as they were.",)
    if dict(receipt["threads"]) != threads:
        reasons.append(f"Threads differ: {_threads(threads)}, not {_threads(receipt['threads'])}.")
    return tuple(reasons) or ("Versions and threads are as they were.",)


def _threads(own: Mapping[str, Any]) -> str:
    return ", ".join(f"{count} for {name}" for name, count in own.items())
