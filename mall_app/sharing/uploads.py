"""Files a person brings to a model: a saved one, or new customers; in calls a worker can run."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd

from mall_app.data import read_table
from mall_app.data.table import Table
from mall_app.errors import DataError
from mall_app.identity.lineage import Lineage
from mall_app.keeping.model_file import SUFFIX, load_model
from mall_app.predict.prediction import Prediction, predict
from mall_app.result import ClusteringResult

LARGEST_FILE_MB = 100


def check_size(data: bytes) -> None:
    """Refuse a file that is too large to be brought in a message.

    Raises
    ------
    DataError
        It is.
    """
    if len(data) > LARGEST_FILE_MB * 2**20:
        raise DataError(
            f"The file must be at most {LARGEST_FILE_MB} MB, not {len(data) / 2**20:.0f} MB."
        )


def open_model(data: bytes, name: str) -> tuple[Lineage, dict[str, Any]]:
    """Read a saved model.

    Parameters
    ----------
    data : bytes
        Content of the file; no code of it is run.
    name : str
        What the file is called, for the sentence that refuses it.

    Returns
    -------
    lineage : Lineage
        Its customers and segments.
    asked : dict
        Settings that the model keeps though the fit did not use them.

    Raises
    ------
    ModelFileError
        It is no model, is damaged or from a later version.
    """
    stem = "".join(own for own in Path(name).stem if own.isalnum() or own in " -_")[:60]
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{stem or 'model'}{SUFFIX}"
        path.write_bytes(data)
        archive = load_model(path)
    base = archive.base()
    return Lineage(archive.table, base, archive.result(base)), archive.asked


def predict_file(
    data: bytes, table: Table, result: ClusteringResult
) -> tuple[pd.DataFrame, Prediction]:
    """Read a CSV of new customers and give each a segment.

    Returns
    -------
    frame : pandas.DataFrame
        The customers as they were read.
    prediction : Prediction
        A segment for each.

    Raises
    ------
    DataError
        The file cannot be read, lacks a feature, or has values of another kind in one.
    """
    frame = read_table(data)
    return frame, predict(table, result, frame)
