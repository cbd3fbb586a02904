"""What worker processes do with models that are kept."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import pandas as pd

from mall_app.data.table import Table
from mall_app.errors import ModelNotFound
from mall_app.keeping.store import ModelStore
from mall_app.outcome import revise
from mall_app.predict.prediction import Prediction, Predictor
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

_PREDICTORS_KEPT = 4


def revised(table: Table, base: ClusteringResult, settings: Settings) -> ClusteringResult:
    """Give a clustering the numbers and edits of some settings."""
    return revise(table, base, settings.numbering, settings.edits)


def predict_kept(folder: Path, own: str, frame: pd.DataFrame) -> Prediction:
    """Place new customers among the segments of a model that is kept.

    Raises
    ------
    ModelNotFound
        There is none of that id.
    DataError
        The customers do not have what the model needs.
    """
    return _predictor(folder, own, _stamp(folder, own)).predict(frame)


def describe_kept(folder: Path, own: str) -> dict[str, Any]:
    """Give the whole result of a model that is kept, JSON-ready, and how its table was read.

    Raises
    ------
    ModelNotFound
        There is none of that id.
    """
    archive = ModelStore(folder).get(own)
    report = archive.table.report
    answer = archive.result(archive.base()).to_dict()
    return {**answer, "data_report": None if report is None else report.to_dict()}


def _stamp(folder: Path, own: str) -> tuple[int, int]:
    """Tell one file from another that came in its place."""
    try:
        status = os.stat(ModelStore(folder).path(own))
    except FileNotFoundError as error:
        raise ModelNotFound(f"There is no model {own!r}.") from error
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=_PREDICTORS_KEPT)
def _predictor(folder: Path, own: str, stamp: tuple[int, int]) -> Predictor:
    return ModelStore(folder).get(own).predictor()
