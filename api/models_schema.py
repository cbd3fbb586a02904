"""From the bodies of ``POST /models`` and ``POST /models/{id}/predict`` to what the core takes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from api import records, strict_json
from api.problem import fault, unprocessable
from api.schema import ClusterCall, cluster_call, read_dataset, read_settings, read_table
from api.validation import faults_against
from mall_app.data.report import ATTRIBUTE
from mall_app.data.table import Table


@dataclass(frozen=True, slots=True)
class KeepCall:
    """A request to cluster and keep the model.

    Parameters
    ----------
    cluster : ClusterCall
        What to cluster.
    name : str or None
        What the model is to be called.
    """

    cluster: ClusterCall
    name: str | None

    def table_to_keep(self) -> Table:
        """Give the table with what is answered of how it was read, which is kept along."""
        table, report = self.cluster.table, self.cluster.report
        frame = table.frame.copy(deep=False)
        frame.attrs = {} if report is None else {ATTRIBUTE: report.to_dict()}
        return replace(table, frame=frame)


@dataclass(frozen=True, slots=True)
class PredictCall:
    """A request to place customers.

    Parameters
    ----------
    frame : pandas.DataFrame
        The customers.
    place : str
        Where in the body they came from.
    """

    frame: pd.DataFrame
    place: str


def read_keep_call(body: bytes) -> KeepCall:
    """Read the body of ``POST /models``.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    """
    document, settings = read_settings(body, None, "ModelBody")
    call = cluster_call(document, settings, *read_table(document))
    return KeepCall(call, document.get("name"))


def read_predict_call(body: bytes) -> PredictCall:
    """Read the body of ``POST /models/{id}/predict``.

    Raises
    ------
    Problem
        400 when it is not JSON, 404 for an unknown dataset, 422 when it breaks a rule.
    """
    document = strict_json.loads(body)
    found = faults_against(document, "PredictBody")
    if found:
        raise unprocessable(found)
    if "records" in document:
        return PredictCall(records.frame_of(document["records"]), "records")
    if "dataset" in document:
        return PredictCall(read_dataset(document["dataset"]).frame, "dataset")
    raise unprocessable([fault((), "The body must have records or dataset.")])
