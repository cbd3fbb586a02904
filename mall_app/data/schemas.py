"""The columns of several files as those of one table: types that differ harmlessly are joined."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pyarrow as pa
from pyarrow import types

from mall_app.data.source import shorten
from mall_app.errors import DataError

_TEXT_IN_CODES = pa.dictionary(pa.int32(), pa.large_string())
_UNITS = ("s", "ms", "us", "ns")


def plain_type(own: pa.DataType) -> pa.DataType:
    """Give the type a column is read as.

    Text is one type however long it may be, decimals and half floats become floats that hold them;
    numbers otherwise keep their width.

    Examples
    --------
    >>> plain_type(pa.decimal128(10, 2)), plain_type(pa.string()), plain_type(pa.float32())
    (DataType(double), DataType(large_string), DataType(float))
    """
    if types.is_dictionary(own):
        inner = plain_type(own.value_type)
        return _TEXT_IN_CODES if types.is_large_string(inner) else inner
    if is_text(own):
        return pa.large_string()
    if types.is_decimal(own):
        return pa.float64()
    if types.is_float16(own):
        return pa.float32()
    return own


def is_text(own: pa.DataType) -> bool:
    """Whether a type is text, short or long."""
    return any(test(own) for test in (types.is_string, types.is_large_string, types.is_string_view))


def plain_schema(own: pa.Schema) -> pa.Schema:
    """Give the columns of a file with the types they are read as; see `plain_type`.

    Raises
    ------
    DataError
        Two columns have one name.
    """
    check_names(own.names)
    kept = (field for field in own if not is_index_column(field.name))
    return pa.schema([(field.name, plain_type(field.type)) for field in kept])


def check_names(names: Sequence[str]) -> None:
    """Refuse columns of which two have one name.

    Raises
    ------
    DataError
        They do.
    """
    times = Counter(names)
    if len(times) < len(names):
        twice = next(name for name in names if times[name] > 1)
        raise DataError(f"Column names must be unique, but {shorten(twice)} stands twice.")


def is_index_column(name: str) -> bool:
    """Whether pandas added a column to a file to keep its row numbers.

    Examples
    --------
    >>> is_index_column("__index_level_0__"), is_index_column("Age")
    (True, False)
    """
    return name.startswith("__index_level_") and name.endswith("__")


def joined(first: pa.Schema, own: pa.Schema, first_file: str, own_file: str) -> pa.Schema:
    """Give the schema that holds the rows of two files; the columns stand as in the first.

    Parameters
    ----------
    first, own : pyarrow.Schema
        Columns of both, from `plain_schema`.
    first_file, own_file : str
        Where they are from, for the sentence that refuses them.

    Raises
    ------
    DataError
        A column is missing in one of them, or its types have nothing in common.
    """
    lacks = [name for name in first.names if name not in own.names]
    adds = [name for name in own.names if name not in first.names]
    if lacks or adds:
        said = [f"lacks {shorten(lacks[0])}"] if lacks else []
        said += [f"adds {shorten(adds[0])}"] if adds else []
        raise DataError(
            f"The files of a table must have the same columns, but {shorten(own_file)} "
            f"{' and '.join(said)}, compared with {shorten(first_file)}."
        )
    fields = []
    for field in first:
        other = own.field(field.name).type
        common = common_type(field.type, other)
        if common is None:
            raise DataError(
                f"Column {shorten(field.name)} is {other} in {shorten(own_file)}, but "
                f"{field.type} in {shorten(first_file)}: write it as one type in all files."
            )
        fields.append((field.name, common))
    return pa.schema(fields)


def common_type(one: pa.DataType, two: pa.DataType) -> pa.DataType | None:
    """Give the type that holds the values of both, or None when there is none.

    Examples
    --------
    >>> common_type(pa.int32(), pa.int64()), common_type(pa.int64(), pa.float32())
    (DataType(int64), DataType(double))
    >>> common_type(pa.int64(), pa.large_string()) is None
    True
    """
    if one.equals(two) or types.is_null(two):
        return one
    if types.is_null(one):
        return two
    if {one, two} == {_TEXT_IN_CODES, pa.large_string()}:
        return pa.large_string()
    if types.is_timestamp(one) and types.is_timestamp(two) and one.tz == two.tz:
        return pa.timestamp(max(one.unit, two.unit, key=_UNITS.index), one.tz)
    if _is_number(one) and _is_number(two):
        return _common_number(one, two)
    return None


def _is_number(own: pa.DataType) -> bool:
    return bool(types.is_integer(own) or types.is_floating(own))


def _common_number(one: pa.DataType, two: pa.DataType) -> pa.DataType | None:
    if types.is_floating(one) or types.is_floating(two):
        return pa.float64()
    signed = {types.is_signed_integer(one), types.is_signed_integer(two)}
    wider = max(one, two, key=lambda own: own.bit_width)
    if len(signed) == 1:
        return wider
    return None if pa.uint64() in (one, two) else pa.int64()


def with_types(table: pa.Table, schema: pa.Schema) -> pa.Table:
    """Cast the columns of a table to those of `schema`, in its order.

    Raises
    ------
    pyarrow.ArrowInvalid
        A value does not fit.
    """
    columns = []
    for field in schema:
        own = table.column(field.name)
        if types.is_dictionary(own.type) and not own.type.equals(field.type):
            own = own.cast(own.type.value_type)  # not every cast out of a dictionary is there
            own = own.dictionary_encode() if types.is_dictionary(field.type) else own
        columns.append(own if own.type.equals(field.type) else own.cast(field.type))
    return pa.Table.from_arrays(columns, schema=schema)
