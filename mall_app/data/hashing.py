"""A hash of what a column holds, taken from its memory where that is possible."""

from __future__ import annotations

import json
from collections.abc import Iterator

import numpy as np
import pandas as pd
import pyarrow as pa


def column_bytes(column: pd.Series) -> Iterator[bytes | memoryview]:
    """Give what tells a column from every other: name, type, and every value in order.

    Equal texts are equal however they are held, be it as text, as objects or as categories of the
    same type; how they lie in memory plays no part.
    """
    name = f"{column.name}\0{column.dtype}\0{len(column)}\0"
    yield name.encode("utf-8", "surrogatepass")
    if isinstance(column.dtype, np.dtype) and column.dtype.kind in "biufmM":
        values = np.ascontiguousarray(column.to_numpy())
        yield values.view(np.uint8).data
        return
    texts = _as_arrow_text(column)
    if texts is None:
        yield _as_json(column)
    else:
        yield from _text_bytes(texts)


def _as_arrow_text(column: pd.Series) -> pa.LargeStringArray | None:
    """Give the column as one array of text, or None where it holds anything else."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return _decoded(column)
    if not isinstance(column.dtype, pd.StringDtype):
        return None
    try:
        found = pa.array(column, type=pa.large_string(), from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError):  # half a surrogate pair
        return None
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def _decoded(column: pd.Series) -> pa.LargeStringArray | None:
    categories = column.cat.categories
    if not all(isinstance(own, str) for own in categories):
        return None
    codes = column.cat.codes.to_numpy()
    try:
        texts = pa.array(list(categories), type=pa.large_string())
    except (pa.ArrowException, UnicodeEncodeError):
        return None
    return texts.take(pa.array(codes, mask=codes < 0))


def _text_bytes(texts: pa.LargeStringArray) -> Iterator[bytes | memoryview]:
    """Give which values are missing, how long each is, and all of them one after the other."""
    if texts.null_count:
        yield texts.is_null().to_numpy(zero_copy_only=False).view(np.uint8).data
        texts = texts.fill_null("")
    _, offsets, characters = texts.buffers()
    first, last = texts.offset, texts.offset + len(texts) + 1
    ends = np.frombuffer(offsets, dtype=np.int64)[first:last]
    yield np.diff(ends).view(np.uint8).data
    if characters is not None:
        yield memoryview(characters)[ends[0] : ends[-1]]


def _as_json(column: pd.Series) -> bytes:
    values = zip(column.tolist(), column.isna().tolist(), strict=True)
    told = [None if missing else str(value) for value, missing in values]
    return json.dumps(told).encode("utf-8", "surrogatepass")
