"""What a model keeps of a table that stays in its files: the numbers that are of all its rows.

Its file has the sample of the table that is held, and results as they were found, for nothing of
them can be worked out anew without the files. Of these it has the name and the hash only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mall_app.assigners import Assigner, from_state
from mall_app.data.partitioned import Part, PartitionedTable
from mall_app.data.table import Table
from mall_app.errors import DataError, ModelFileError
from mall_app.features import build_features
from mall_app.geometry.encoding import Encoding
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.keeping.container import read_json
from mall_app.keeping.plain import from_plain, to_plain
from mall_app.metrics import Score
from mall_app.population import Population
from mall_app.result import ClusteringResult
from mall_app.segments.members import Doubt
from mall_app.segments.segment import Segment
from mall_app.settings import Settings

PART = "whole.json"


@dataclass(frozen=True)
class _Files:
    path: str
    n_rows: int
    columns: tuple[str, ...]
    sha256: str
    n_bytes: int


@dataclass(frozen=True)
class _Numbers:
    """What a result has beside settings, labels and arrays."""

    metrics: dict[str, Score]
    profiles: tuple[Segment, ...]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
    contributions: dict[str, float]
    edits_done: tuple[str, ...]
    population: Population


@dataclass(frozen=True)
class _Kept:
    files: _Files
    base: _Numbers
    result: _Numbers


@dataclass(frozen=True, eq=False)
class KeptWhole:
    """Both results of a model, as they were saved.

    Parameters
    ----------
    base, result : ClusteringResult
        As found, and with numbers and edits.
    """

    base: ClusteringResult
    result: ClusteringResult

    @property
    def encoding(self) -> Encoding | None:
        """How columns become coordinates, learned from all rows."""
        return None if self.base.population is None else self.base.population.encoding


def pack_whole(table: Table, base: ClusteringResult, result: ClusteringResult) -> dict[str, bytes]:
    """Write the numbers of a table that stays in its files; nothing for one that is held."""
    whole = table.whole
    if whole is None or base.population is None or result.population is None:
        return {}
    files = _Files(whole.path, whole.n_rows, whole.columns, whole.sha256, whole.n_bytes)
    kept = to_plain(_Kept(files, _numbers(base), _numbers(result)))
    return {PART: json.dumps(kept, ensure_ascii=False, allow_nan=False).encode("utf-8")}


def arrays_of(result: ClusteringResult) -> dict[str, Any]:
    """Give what a result of a whole has for each customer held, and what places others."""
    return {
        "silhouette": result.silhouette,
        **vars(result.doubt),
        "assigner": None if result.assigner is None else result.assigner.state(),
    }


def with_files(table: Table, parts: Mapping[str, bytes]) -> Table:
    """Give a table that was read its size and hash, if it is the sample of one in files.

    The files cannot be read by it: whoever wrote the model could name any. See `reopened`.
    """
    if PART not in parts:
        return table
    own = from_plain(_Kept, read_json(parts[PART])).files
    nowhere = (Part("", (), own.n_rows),)
    whole = PartitionedTable(own.path, nowhere, own.columns, own.sha256, own.n_bytes)
    return replace(table, whole=whole)


def reopened(table: Table) -> Table:
    """Give a table its files back, if they are where they were and as they were."""
    if table.whole is None:
        return table
    try:
        whole = PartitionedTable.open(table.whole.path, columns=table.whole.columns)
    except DataError:  # moved or gone; what is done without the files can be done still
        return table
    return replace(table, whole=whole) if whole.sha256 == table.whole.sha256 else table


def unpack_whole(
    table: Table,
    settings: Settings,
    parts: Mapping[str, bytes],
    fitted: Mapping[str, Any],
) -> KeptWhole | None:
    """Read the results of a table that stays in its files; None for one that is held.

    Raises
    ------
    ModelFileError
        An array is of other customers.
    TypeError, ValueError, LookupError
        The parts do not fit together.
    """
    if PART not in parts:
        return None
    kept: _Kept = from_plain(_Kept, read_json(parts[PART]))
    features = build_features(table, settings, kept.base.population.encoding)

    def result(
        numbers: _Numbers, used: Settings, labels: IntArray, arrays: Mapping[str, Any]
    ) -> ClusteringResult:
        columns = {name: arrays[name] for name in ("silhouette", *Doubt.__annotations__)}
        if any(np.shape(own) != (len(features.rows),) for own in (labels, *columns.values())):
            raise ModelFileError("does not have a silhouette and a doubt for each customer.")
        silhouette: FloatArray = columns.pop("silhouette")
        return ClusteringResult(
            settings=used,
            labels=labels,
            rows=features.rows,
            n_rows=len(table),
            silhouette=silhouette,
            doubt=Doubt(**columns),
            assigner=_assigner(arrays["assigner"]),
            **vars(numbers),
        )

    arrays = fitted["whole"]
    return KeptWhole(
        result(kept.base, settings.unedited(), fitted["base_labels"], arrays["base"]),
        result(kept.result, settings, fitted["labels"], arrays["result"]),
    )


def encoding_of(parts: Mapping[str, bytes]) -> Encoding | None:
    """Give how columns become coordinates, if that was learned from rows not held."""
    if PART not in parts:
        return None
    kept: _Kept = from_plain(_Kept, read_json(parts[PART]))
    return kept.base.population.encoding


def _numbers(result: ClusteringResult) -> _Numbers:
    names = _Numbers.__annotations__
    return _Numbers(**{name: getattr(result, name) for name in names})


def _assigner(state: Mapping[str, Any] | None) -> Assigner | None:
    return None if state is None else from_state(dict(state))
