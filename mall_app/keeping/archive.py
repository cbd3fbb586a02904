"""One model in one file: the customers, the choices, the segments, and how to place others."""

from __future__ import annotations

import io
import json
import os
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import skops.io

from mall_app.assigners import Assigner, from_state, relabelled
from mall_app.checks import shown
from mall_app.data.table import Table
from mall_app.errors import InputError, ModelFileError
from mall_app.features import build_features
from mall_app.fit import resolve
from mall_app.keeping.container import MOST_BYTES, read_container, read_manifest, write_container
from mall_app.keeping.frames import pack_table, unpack_table
from mall_app.outcome import Found, conclude, revise
from mall_app.points import IntArray
from mall_app.prediction import Predictor
from mall_app.receipt import versions
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

SUFFIX = ".mall"
_ABOUT = ("name", "saved", "versions", "algorithm", "n_clusters", "rows", "data_sha256")
_SAVED_WITH = "This model was saved with "
# What the parts of a file may raise that were made to look complete.
_MISFITS = (InputError, LookupError, TypeError, ValueError, AttributeError, OSError)
_MISFITS += (zipfile.BadZipFile, pa.ArrowException)


@dataclass(frozen=True, eq=False)
class Archive:
    """A model as it is kept.

    Parameters
    ----------
    table : Table
        The customers.
    base_labels : ndarray of shape (n_used,)
        Their segments as the algorithm found them, before any numbers and edits.
    base_warnings : tuple of str
        What was said about them.
    assigner : Assigner or None
        Gives new customers these labels.
    labels : ndarray of shape (n_used,)
        Segments with numbers and edits.
    settings : Settings
        As they were used, `numbering` and `edits` included.
    names, notes : dict of int to str
        Of each segment.
    warnings : tuple of str
        What was said about the segments in the end.
    receipt : dict
        Of the fit.
    asked : dict
        Settings that the model keeps though the fit did not use them.
    about : dict
        When and with which versions it was saved, and its name.
    """

    table: Table
    base_labels: IntArray
    base_warnings: tuple[str, ...]
    assigner: Assigner | None
    labels: IntArray
    settings: Settings
    names: dict[int, str]
    notes: dict[int, str]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
    asked: dict[str, Any]
    about: dict[str, Any]

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know about versions, in sentences."""
        saved, here = self.about["versions"], versions()
        other = [name for name in here if saved.get(name) != here[name] and name != "mall_app"]
        if not other:
            return ()
        told = ", ".join(
            f"{name} {saved.get(name, 'unknown')} (here {here[name]})" for name in other
        )
        return (f"{_SAVED_WITH}{told}; its segments are as they were saved, a new fit may differ.",)

    def predictor(self) -> Predictor:
        """Give what places new customers; nothing is fitted or scored for it."""
        assigner = relabelled(self.assigner, self.base_labels, self.labels)
        return Predictor(self.table, self.settings, self.labels, assigner, self.names)

    def base(self) -> ClusteringResult:
        """Give the result before numbers and edits, scored and described anew, not fitted."""
        settings = self.settings.unedited()
        features = build_features(self.table, settings)
        found = Found(self.base_labels, self.base_warnings, self.assigner)
        result = conclude(self.table, features, settings, found)
        kept = {name: self.receipt[name] for name in ("versions", "threads")}
        receipt = {**result.receipt, **kept}
        return replace(result, warnings=self.base_warnings, receipt=receipt)

    def result(self, base: ClusteringResult) -> ClusteringResult:
        """Give the result itself, with the numbers, names and edits it was saved with."""
        settings = self.settings
        result = revise(self.table, base, settings.numbering, settings.edits)
        if not np.array_equal(result.labels, self.labels):
            result = self._as_saved()
        profiles = [
            replace(
                own,
                name=self.names.get(own.segment, own.name),
                note=self.notes.get(own.segment, own.note),
            )
            for own in result.profiles
        ]
        kept = [own for own in self.warnings if not own.startswith(_SAVED_WITH)]
        return replace(
            result,
            settings=settings,
            profiles=tuple(profiles),
            warnings=(*kept, *self.remarks),
            receipt=self.receipt,
        )

    def _as_saved(self) -> ClusteringResult:
        """Describe the saved labels, which an edit gives otherwise with the versions here."""
        plain = self.settings.unedited()
        assigner = relabelled(self.assigner, self.base_labels, self.labels)
        features = build_features(self.table, plain)
        return conclude(self.table, features, plain, Found(self.labels, (), assigner))


def save_archive(
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
    about = {
        "name": name,
        "saved": datetime.now(UTC).isoformat(timespec="microseconds"),
        "versions": {**versions(), "skops": version("skops")},
        "algorithm": result.settings.algorithm,
        "n_clusters": result.n_clusters,
        "rows": len(table),
        "data_sha256": table.sha256,
    }
    parts = {
        **pack_table(table),
        "model.json": json.dumps(model, ensure_ascii=False, allow_nan=False).encode("utf-8"),
        "fitted.skops": skops.io.dumps(fitted),
    }
    try:
        write_container(path, about, parts)
    except OSError as error:
        raise ModelFileError(f"{shown(str(path))} cannot be written: {_reason(error)}.") from error


def load_archive(path: str | os.PathLike[str]) -> Archive:
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
    try:
        return _understood(manifest, parts)
    except ModelFileError as error:
        raise ModelFileError(f"{shown(path.name)} {error.detail}") from error
    except _MISFITS as error:
        raise ModelFileError(
            f"{shown(path.name)} is complete, but what it holds does not fit together."
        ) from error


def about_archive(path: Path) -> dict[str, Any]:
    """Give the name, age, versions and size of a model, reading no more of its file.

    Raises
    ------
    ModelFileError
        It is no model, is damaged or from a later version.
    OSError
        It cannot be read.
    """
    manifest = read_manifest(path)
    return {name: manifest[name] for name in _ABOUT}


def _understood(manifest: Mapping[str, Any], parts: Mapping[str, bytes]) -> Archive:
    table = unpack_table(parts)
    if table.sha256 != manifest["data_sha256"]:
        raise ModelFileError("holds other customers than the model was made with.")
    model = json.loads(parts["model.json"])
    fitted = _fitted(parts["fitted.skops"])
    settings = resolve(table, Settings.from_mapping(model["settings"]))
    points = build_features(table, settings).points
    labels, base_labels = (_labels(fitted[name], len(points)) for name in ("labels", "base_labels"))
    assigner = None if fitted["assigner"] is None else from_state(fitted["assigner"])
    if assigner is not None:
        assigner.assign(points.take(slice(0, 1)))  # fails at once if it is for other features
    return Archive(
        table=table,
        base_labels=base_labels,
        base_warnings=tuple(model["base_warnings"]),
        assigner=assigner,
        labels=labels,
        settings=settings,
        names={int(number): str(name) for number, name, _ in model["segments"]},
        notes={int(number): str(note) for number, _, note in model["segments"]},
        warnings=tuple(model["warnings"]),
        receipt=model["receipt"],
        asked=_asked(model["asked"]),
        about={name: manifest[name] for name in _ABOUT},
    )


def _asked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Check settings that a model has beside those of its fit."""
    checked = Settings.from_mapping(values).to_dict()
    return {name: checked[name] for name in values if checked[name] is not None}


def _fitted(content: bytes) -> dict[str, Any]:
    """Read arrays, numbers and texts with skops, and nothing that is of any other type."""
    with zipfile.ZipFile(io.BytesIO(content)) as inner:
        if sum(own.file_size for own in inner.infolist()) > MOST_BYTES:
            raise ModelFileError(f"holds more than {MOST_BYTES:,} bytes, the most that is read.")
    strange = skops.io.get_untrusted_types(data=content)
    if strange:
        raise ModelFileError(f"holds objects of types that are not read: {', '.join(strange[:5])}.")
    fitted: dict[str, Any] = skops.io.loads(content, trusted=[])
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
