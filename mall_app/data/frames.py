"""From Arrow's columns to a frame, every type to one the rest of the package knows."""

from __future__ import annotations

import pandas as pd
import pyarrow as pa
from pyarrow import types

from mall_app.data.parts import told
from mall_app.data.schemas import plain_schema, with_types
from mall_app.errors import DataError


def to_frame(table: pa.Table) -> pd.DataFrame:
    """Give the columns of `table` as those of a frame.

    Numbers keep their width where nothing is missing, and are floats where something is. Text in
    codes becomes a category, text is ``str``, decimals are float64, bytes that are UTF-8 are
    text; lists and structs stay as Python's own, in a column that is shown and not used.

    Raises
    ------
    DataError
        Two columns have one name, or a value does not fit any type there is here.
    """
    try:
        table = with_types(table, plain_schema(table.schema))
        columns = {name: _column(table.column(name)) for name in table.column_names}
    except pa.ArrowException as error:
        raise DataError(f"The columns cannot be converted: {told(error)}") from error
    return pd.DataFrame(columns, index=pd.RangeIndex(table.num_rows))


def _column(values: pa.ChunkedArray) -> pd.Series:
    own = values.type
    if types.is_binary(own) or types.is_large_binary(own) or types.is_fixed_size_binary(own):
        return _from_bytes(values)
    if types.is_nested(own):
        return pd.Series(values.to_pylist(), dtype=object)
    if types.is_integer(own) and values.null_count:
        return _series(_floats_or_text(values))
    if types.is_dictionary(own):
        values = values.unify_dictionaries()
    return _series(values)


def _floats_or_text(values: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give integers with gaps as floats, or as text where a float would lose digits of an id."""
    try:
        return values.cast(pa.float64())
    except pa.ArrowInvalid:
        return values.cast(pa.large_string())


def _from_bytes(values: pa.ChunkedArray) -> pd.Series:
    try:
        return _series(values.cast(pa.large_binary()).cast(pa.large_string()))
    except pa.ArrowInvalid:  # not text
        return pd.Series(values.to_pylist(), dtype=object)


def _series(values: pa.ChunkedArray) -> pd.Series:
    found: pd.Series = values.to_pandas()
    return found
