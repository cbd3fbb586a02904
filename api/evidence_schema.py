"""From the body of ``POST /evidence`` to what the core understands."""

from __future__ import annotations

from dataclasses import dataclass

from api.schema import check_engine, read_settings, read_table, unused
from mall_app.data.report import DataReport
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.evidence.question import DEFAULT_BOOTSTRAPS, DEFAULT_KS, check_range
from mall_app.settings import Settings

MOST_CLUSTERINGS = 2000  # of customers drawn anew: the caller waits for all of them
_ABOUT_ONE_NUMBER = ("n_clusters", "numbering", "edits", "plot", "doubts")
_ABOUT_EVERY_NUMBER = "evidence is about every number of segments from k_min to k_max."


@dataclass(frozen=True, slots=True)
class EvidenceCall:
    """A request for evidence that has passed every check the table itself is not needed for.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        What to do with them; `n_clusters` plays no part.
    ks : range or None
        Numbers of segments; None is left to the table.
    n_bootstraps : int
        Times the customers are drawn anew.
    minimum_size : float or None
        Customers, or share of them, that each segment must have.
    report : DataReport or None
        What reading inline rows did to them.
    notes : tuple of str
        What the caller should know, in sentences.
    """

    table: Table
    settings: Settings
    ks: range | None
    n_bootstraps: int
    minimum_size: float | None
    report: DataReport | None
    notes: tuple[str, ...]


def read_evidence_call(body: bytes) -> EvidenceCall:
    """Read the body of ``POST /evidence``.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    InputError
        The numbers of segments are no range, or the rows cannot be made a table.
    """
    document, settings = read_settings(body, None, "EvidenceBody")
    ks = check_range(document.get("k_min"), document.get("k_max"))
    n_bootstraps = int(document.get("n_bootstraps", DEFAULT_BOOTSTRAPS))
    _check_work(len(ks or DEFAULT_KS), n_bootstraps, "n_bootstraps" in document)
    table, report = read_table(document)
    check_engine(table, settings)
    return EvidenceCall(
        table,
        settings,
        ks,
        n_bootstraps,
        document.get("minimum_size"),
        report,
        unused(document, _ABOUT_ONE_NUMBER, _ABOUT_EVERY_NUMBER),
    )


def _check_work(n_ks: int, n_bootstraps: int, given: bool) -> None:
    if n_ks * n_bootstraps <= MOST_CLUSTERINGS:
        return
    most = MOST_CLUSTERINGS // n_ks
    left_out = "" if given else ", the default"
    raise SettingsError(
        f"n_bootstraps must be at most {most} with {n_ks} numbers of segments to look at, so that "
        f"the customers are clustered at most {MOST_CLUSTERINGS} times, not {n_bootstraps}"
        f"{left_out}.",
        ("n_bootstraps",),
    )
