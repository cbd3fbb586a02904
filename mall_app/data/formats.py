"""Which format a file is in, told by its content and not by its name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from mall_app.errors import DataError

Format = Literal["CSV", "Parquet", "Arrow file", "Arrow stream"]
HEAD = 8
_CONTINUED = b"\xff\xff\xff\xff"  # ahead of every message of a stream; no text starts with it


def format_of(head: bytes) -> Format:
    r"""Tell the format from the first bytes of a file; whatever is no other is taken for text.

    Raises
    ------
    DataError
        It is a format that nothing here reads any longer.

    Examples
    --------
    >>> format_of(b"ARROW1\0\0"), format_of(b"PAR1\x15\0"), format_of(b"a,b\n1,2")
    ('Arrow file', 'Parquet', 'CSV')
    """
    if head.startswith(b"PAR1\x15"):
        return "Parquet"
    if head.startswith(b"ARROW1\0"):
        return "Arrow file"
    if head.startswith(_CONTINUED) and len(head) >= HEAD and head[4:8] != bytes(4):
        return "Arrow stream"
    if head.startswith(b"PARE"):
        raise DataError("This is an encrypted Parquet file, and there is no key for it here.")
    if head.startswith(b"FEA1\0"):
        raise DataError(
            "This is a Feather file of version 1, which is no longer read: open it where it was "
            "written, and write it anew with version 2."
        )
    return "CSV"


def is_folder(path: str | os.PathLike[str]) -> bool:
    """Whether there is a folder of this name; the empty name is none."""
    return os.fspath(path) != "" and Path(path).is_dir()


def head_of(path: str | os.PathLike[str]) -> bytes:
    """Give the first bytes of a file; none where it cannot be opened, which reading it explains."""
    try:
        with Path(path).open("rb") as file:
            return file.read(HEAD)
    except (OSError, ValueError):  # ValueError: a NUL character in the path
        return b""
