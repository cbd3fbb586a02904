"""From a path, bytes or an open file to the bytes of the table."""

from __future__ import annotations

import os
from pathlib import Path
from typing import IO, Any

from mall_app.errors import DataError

Source = str | os.PathLike[str] | bytes | bytearray | memoryview | IO[bytes] | IO[str]


def source_bytes(source: Source, max_bytes: int) -> bytes | str:
    """Read everything `source` has: bytes, or text when it is a file open as text.

    A string is always a path on this machine: nothing is ever fetched from a web address.

    Raises
    ------
    DataError
        It cannot be opened or read, or is larger than `max_bytes`.
    """
    content: Any
    if isinstance(source, (bytes, bytearray, memoryview)):
        content = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        content = _read_path(source, max_bytes)
    elif hasattr(source, "read"):
        content = _read_file(source, max_bytes)
    else:
        raise DataError(
            "A table is read from a path, bytes or an open file, not from a value of type "
            f"{type(source).__name__}."
        )
    if len(content) > max_bytes:
        raise DataError(f"The table is larger than the limit of {max_bytes:,} bytes.")
    return content  # type: ignore[no-any-return]


def _read_path(path: str | os.PathLike[str], max_bytes: int) -> bytes:
    shown = shorten(os.fspath(path))
    try:
        with Path(path).open("rb") as file:
            return file.read(max_bytes + 1)
    except FileNotFoundError:
        if "://" in str(path):
            raise DataError(
                f"{shown} is a web address, and nothing is fetched from the web: save the file "
                "and give its path."
            ) from None
        raise DataError(f"There is no file {shown}.") from None
    except IsADirectoryError:
        raise DataError(f"{shown} is a directory, not a CSV file.") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL character in the path
        reason = getattr(error, "strerror", None) or str(error)
        raise DataError(f"The file {shown} cannot be read: {reason}.") from error


def _read_file(file: Any, max_bytes: int) -> bytes | str:
    try:
        content = file.read(max_bytes + 1)
    except UnicodeDecodeError as error:
        raise DataError(
            f"The file was opened as {error.encoding} text, but it is not: open it as binary, "
            "and its encoding will be found."
        ) from error
    except (OSError, ValueError) as error:  # ValueError: the file is closed
        closed = getattr(file, "closed", False)
        reason = "it is closed" if closed else "it is not open for reading"
        reason = getattr(error, "strerror", None) or reason
        raise DataError(f"The open file cannot be read: {reason}.") from error
    if not isinstance(content, (bytes, str)):
        raise DataError(
            f"Reading the open file gave a value of type {type(content).__name__}, not bytes or "
            "text."
        )
    return content


def shorten(value: object, length: int = 60) -> str:
    """Quote a value for a message, cut when it is long.

    Examples
    --------
    >>> shorten("Age")
    "'Age'"
    """
    text = str(value)
    return repr(text if len(text) <= length else text[: length - 3] + "...")
