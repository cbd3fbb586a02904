"""The file of a model: written from a clustering, read back as an `Archive`."""

from __future__ import annotations

import io
import json
import os
import zipfile
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import pyarrow as pa

from mall_app.algorithms import algorithms
from mall_app.assigners import from_state
from mall_app.checks import shown
from mall_app.data.table import Table
from mall_app.errors import InputError, ModelFileError
from mall_app.features import build_features
from mall_app.fit import resolve
from mall_app.geometry.points import IntArray
from mall_app.keeping.archive import Archive
from mall_app.keeping.container import (
    MOST_BYTES,
    read_container,
    read_json,
    read_manifest,
    write_container,
)
from mall_app.keeping.frames import pack_table, unpack_table
from mall_app.keeping.replay import check_receipt
from mall_app.keeping.whole import (
    arrays_of,
    encoding_of,
    pack_whole,
    unpack_whole,
    with_files,
)
from mall_app.receipt import versions
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

__all__ = ["SUFFIX", "Archive", "about_model", "load_model", "save_model"]

SUFFIX = ".mall"
_ABOUT: Mapping[str, tuple[type, ...]] = MappingProxyType(
    {
        "name": (str, type(None)),
        "saved": (str,),
        "versions": (dict,),
        "algorithm": (str,),
        "n_clusters": (int,),
        "rows": (int,),
        "data_sha256": (str,),
    }
)
# What the parts of a file may raise that were made to look complete.
_MISFITS: tuple[type[Exception], ...] = (
    InputError,
    LookupError,
    ArithmeticError,
    TypeError,
    ValueError,
    AttributeError,
    OSError,
) + (RuntimeError, EOFError, zlib.error, zipfile.BadZipFile, pa.ArrowException)


def save_model(
    path: str | os.PathLike[str],
    table: Table,
    base: ClusteringResult,
    result: ClusteringResult,
    *,
    asked: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> None:
    """Keep a model in a file; one that is there is replaced once the new one is complete.

    Parameters
    ----------
    path : path-like
        Where to.
    table : Table
        The customers.
    base, result : ClusteringResult
        The clustering as it was found, and with numbers and edits; may be the same.
    asked : mapping, optional
        Settings that a model keeps though the fit did not use them.
    name : str, optional
        What a person calls it.

    Raises
    ------
    ModelFileError
        The file cannot be written; what was there before is still there.
    """
    path = Path(path)
    segments = {own.segment: (own.name, own.note) for own in result.profiles}
    model = {
        "settings": result.settings.to_dict(),
        "segments": [[number, *texts] for number, texts in segments.items()],
        "base_warnings": list(base.warnings),
        "warnings": list(result.warnings),
        "receipt": result.receipt,
        "asked": dict(asked or {}),
    }
    state = None if base.assigner is None else base.assigner.state()
    fitted = {"labels": result.labels, "base_labels": base.labels, "assigner": state}
    whole = pack_whole(table, base, result)
    if whole:
        fitted["whole"] = {"base": arrays_of(base), "result": arrays_of(result)}
    about = {
        "name": name,
        "saved": datetime.now(UTC).isoformat(timespec="microseconds"),
        "versions": {**versions(), "skops": version("skops")},
        "algorithm": result.settings.algorithm,
        "n_clusters": result.n_clusters,
        "rows": table.n_customers,
        "data_sha256": table.sha256,
    }
    parts = {
        **pack_table(table),
        **whole,
        "model.json": json.dumps(model, ensure_ascii=False, allow_nan=False).encode("utf-8"),
        "fitted.skops": _skops().dumps(fitted),
    }
    try:
        write_container(path, about, parts)
    except OSError as error:
        raise ModelFileError(f"{shown(str(path))} cannot be written: {_reason(error)}.") from error


def load_model(path: str | os.PathLike[str]) -> Archive:
    """Read a model from a file. No code is run by it, whoever wrote it.

    Raises
    ------
    ModelFileError
        The file cannot be read, is no model, is damaged or from a later version.
    """
    path = Path(path)
    try:
        manifest, parts = read_container(path)
    except OSError as error:
        raise ModelFileError(f"{shown(str(path))} cannot be read: {_reason(error)}.") from error
    about = _about(path, manifest)
    try:
        return _understood(about, parts)
    except ModelFileError as error:
        raise ModelFileError(f"{shown(path.name)} {error.detail}") from error
    except _MISFITS as error:
        raise ModelFileError(
            f"{shown(path.name)} is complete, but what it holds does not fit together."
        ) from error


def about_model(path: Path) -> dict[str, Any]:
    """Give the name, age, versions and size of a model, reading no more of its file.

    Raises
    ------
    ModelFileError
        It is no model, is damaged or from a later version.
    OSError
        It cannot be read.
    """
    return _about(path, read_manifest(path))


def _about(path: Path, manifest: Mapping[str, Any]) -> dict[str, Any]:
    for name, kinds in _ABOUT.items():
        if name not in manifest or type(manifest[name]) not in kinds:
            raise ModelFileError(f"{shown(path.name)} does not say what its {name} is.")
    if manifest["algorithm"] not in algorithms():
        raise ModelFileError(
            f"{shown(path.name)} was made by {shown(manifest['algorithm'])}, which is no algorithm "
            "of this version."
        )
    return {name: manifest[name] for name in _ABOUT}


def _understood(about: dict[str, Any], parts: Mapping[str, bytes]) -> Archive:
    table = with_files(unpack_table(parts), parts)
    if table.sha256 != about["data_sha256"]:
        raise ModelFileError("holds other customers than the model was made with.")
    model = read_json(parts["model.json"])
    fitted = _fitted(parts["fitted.skops"])
    settings = resolve(table, Settings.from_mapping(model["settings"]))
    points = build_features(table, settings, encoding_of(parts)).points
    labels, base_labels = (_labels(fitted[name], len(points)) for name in ("labels", "base_labels"))
    assigner = None if fitted["assigner"] is None else from_state(fitted["assigner"])
    if assigner is not None:
        assigner.assign(points.take(slice(0, 1)))  # fails at once if it is for other features
    return Archive(
        table=table,
        base_labels=base_labels,
        base_warnings=_texts(model["base_warnings"]),
        assigner=assigner,
        labels=labels,
        settings=settings,
        names={int(number): str(name) for number, name, _ in model["segments"]},
        notes={int(number): str(note) for number, _, note in model["segments"]},
        warnings=_texts(model["warnings"]),
        receipt=check_receipt(model["receipt"]),
        asked=_asked(model["asked"]),
        about=about,
        whole=unpack_whole(table, settings, parts, fitted),
    )


def _asked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check settings that a model has beside those of its fit."""
    checked = Settings.from_mapping(values).to_dict()
    return {name: checked[name] for name in values if checked[name] is not None}


def _texts(values: Any) -> tuple[str, ...]:
    if not isinstance(values, list) or not all(isinstance(own, str) for own in values):
        raise ModelFileError("does not have its warnings as texts.")
    return tuple(values)


def _skops() -> Any:
    """Import skops when a model is kept or read: with it comes all of scikit-learn, in seconds."""
    import skops.io

    return skops.io


def _fitted(content: bytes) -> dict[str, Any]:
    """Read arrays, numbers and texts with skops, and nothing that is of any other type."""
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        if sum(own.file_size for own in inner.infolist()) > MOST_BYTES:
            raise ModelFileError(f"holds more than {MOST_BYTES:,} bytes, the most that is read.")
    strange = _skops().get_untrusted_types(data=content)
    if strange:
        raise ModelFileError(f"holds objects of types that are not read: {', '.join(strange[:5])}.")
    fitted: dict[str, Any] = _skops().loads(content, trusted=[])
    return fitted


def _labels(values: Any, n_used: int) -> IntArray:
    labels = np.asarray(values)
    if labels.dtype != np.int64 or labels.shape != (n_used,) or labels.min() < -1:
        raise ModelFileError("does not have one segment for each customer.")
    labels.setflags(write=False)
    return labels


def _reason(error: OSError) -> str:
    text = error.strerror or str(error) or type(error).__name__
    return text[0].lower() + text[1:]
