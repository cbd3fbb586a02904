"""From the body of ``POST /datasets/{id}/labelled`` to what the core understands."""

from __future__ import annotations

from dataclasses import dataclass

from api.schema import check_engine, read_dataset, read_settings
from mall_app.data.table import Table
from mall_app.settings import Settings


@dataclass(frozen=True, slots=True)
class LabelledCall:
    """A request to write the segments of a table.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        How they are clustered.
    confidence : bool
        Whether to write how clear each choice was.
    """

    table: Table
    settings: Settings
    confidence: bool


def read_labelled_call(body: bytes, dataset: str) -> LabelledCall:
    """Read a body; `dataset` is the id in the path.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    InputError
        The table cannot be read.
    """
    document, settings = read_settings(body, None, "LabelledBody")
    table = read_dataset(dataset)
    check_engine(table, settings)
    return LabelledCall(table, settings, document.get("confidence", False))
