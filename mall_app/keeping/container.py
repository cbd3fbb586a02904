"""A file of several parts, each with its hash: written whole or not at all, read with bounds."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Never

from mall_app.checks import shown
from mall_app.errors import ModelFileError

FORMAT = "mall-app model"
FORMAT_VERSION = 1
MOST_BYTES = 2 * 2**30
_MANIFEST = "manifest.json"
_MOST_MANIFEST_BYTES = 2**20
_MOST_PARTS = 20


def write_container(path: Path, about: Mapping[str, Any], parts: Mapping[str, bytes]) -> None:
    """Write parts and a manifest; a file that is there is replaced only by a finished one.

    Parameters
    ----------
    path : Path
        Where to.
    about : mapping
        Goes into the manifest, JSON-ready.
    parts : mapping of str to bytes
        By name.

    Raises
    ------
    ModelFileError
        The parts are larger than a reader would take.
    OSError
        The file cannot be written.
    """
    sizes = sum(map(len, parts.values()))
    if sizes > MOST_BYTES:
        raise ModelFileError(
            f"The model would take {sizes:,} bytes, and at most {MOST_BYTES:,} can be read back; "
            "make it with a sample of the customers."
        )
    described = {
        name: {"bytes": len(part), "sha256": hashlib.sha256(part).hexdigest()}
        for name, part in parts.items()
    }
    manifest = json.dumps(
        {"format": FORMAT, "format_version": FORMAT_VERSION, **about, "parts": described},
        ensure_ascii=False,
        allow_nan=False,
    ).encode("utf-8")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        archive.writestr(_MANIFEST, manifest)
        for name, part in parts.items():
            archive.writestr(name, part)
        archive.comment = hashlib.sha256(manifest).hexdigest().encode("ascii")
    _replace(path, packed.getvalue())


def _replace(path: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}-", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def read_manifest(path: Path) -> dict[str, Any]:
    """Read what a file says of itself, and nothing else of it.

    Raises
    ------
    ModelFileError
        It is no file of a model, is damaged, or from a later version.
    OSError
        It cannot be read.
    """
    with _opened(path) as archive:
        return _manifest(path, archive)


def read_container(path: Path) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Read the manifest and every part.

    Raises
    ------
    ModelFileError
        It is no file of a model, is damaged, too large, or from a later version.
    OSError
        It cannot be read.
    """
    with _opened(path) as archive:
        manifest = _manifest(path, archive)
        return manifest, _parts(path, archive, manifest["parts"])


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            yield archive
    except (zipfile.BadZipFile, EOFError) as error:
        if not zipfile.is_zipfile(path):
            raise ModelFileError(
                f"{shown(path.name)} is not the file of a model, or was cut short."
            ) from error
        raise _damaged(path) from error
    except (NotImplementedError, RuntimeError, zlib.error) as error:
        raise _damaged(path) from error


def _manifest(path: Path, archive: zipfile.ZipFile) -> dict[str, Any]:
    sizes = {own.filename: own.file_size for own in archive.infolist()}
    if _MANIFEST not in sizes or sizes[_MANIFEST] > _MOST_MANIFEST_BYTES:
        raise ModelFileError(f"{shown(path.name)} is not the file of a model.")
    content = archive.read(_MANIFEST)
    try:
        manifest = read_json(content)
    except ValueError as error:
        raise _damaged(path) from error
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ModelFileError(f"{shown(path.name)} is not the file of a model.")
    version = manifest.get("format_version")
    if isinstance(version, int) and version > FORMAT_VERSION:
        raise ModelFileError(
            f"{shown(path.name)} is of format {version}, from a later version of this package; "
            f"this one reads up to {FORMAT_VERSION}."
        )
    if hashlib.sha256(content).hexdigest().encode("ascii") != archive.comment:
        raise _damaged(path)
    if version != FORMAT_VERSION or not _lists_parts(manifest.get("parts")):
        raise _damaged(path)
    return manifest


def _lists_parts(described: Any) -> bool:
    return isinstance(described, dict) and all(isinstance(own, dict) for own in described.values())


def read_json(content: bytes) -> Any:
    """Read JSON that anybody may have written.

    Raises
    ------
    ValueError
        It is none, is nested too deeply, or holds a number or a text that JSON does not have.

    Examples
    --------
    >>> read_json(b'{"rows": NaN}')
    Traceback (most recent call last):
    ...
    ValueError: NaN is not a JSON number.
    """
    try:
        found = json.loads(content, parse_constant=_refuse_constant)
        if b"\\u" in content:
            json.dumps(found, ensure_ascii=False).encode("utf-8")  # fails for half a character
    except RecursionError as error:
        raise ValueError("It is nested too deeply.") from error
    return found


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not a JSON number.")


def _parts(path: Path, archive: zipfile.ZipFile, described: Mapping[str, Any]) -> dict[str, bytes]:
    entries = [own for own in archive.infolist() if own.filename != _MANIFEST]
    names = [own.filename for own in entries]
    if len(names) > _MOST_PARTS or sorted(names) != sorted(described):
        raise _damaged(path)
    # What is declared here is what is read at most, however far the bytes would unfold.
    if sum(own.file_size for own in entries) > MOST_BYTES:
        raise ModelFileError(
            f"{shown(path.name)} holds more than {MOST_BYTES:,} bytes, the most that is read."
        )
    parts = {name: archive.read(name) for name in names}
    for name, part in parts.items():
        if hashlib.sha256(part).hexdigest() != described[name].get("sha256"):
            raise ModelFileError(
                f"{shown(path.name)} was changed since it was saved: its part {shown(name)} does "
                "not have the hash it was saved with."
            )
    return parts


def _damaged(path: Path) -> ModelFileError:
    return ModelFileError(f"{shown(path.name)} is damaged, or was changed since it was saved.")
