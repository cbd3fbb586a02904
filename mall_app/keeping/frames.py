"""A frame of customers as bytes, and back with the same values and types."""

from __future__ import annotations

import datetime
import decimal
import io
import json
import math
from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pyarrow as pa

from mall_app.data.report import ATTRIBUTE
from mall_app.data.table import Table, quoted
from mall_app.errors import ModelFileError
from mall_app.keeping.container import read_json

_READERS: Mapping[str, Callable[[Any], Any]] = {
    "nan": lambda text: math.nan,
    "date": datetime.date.fromisoformat,
    "decimal": decimal.Decimal,
}


def pack_frame(frame: pd.DataFrame) -> dict[str, bytes]:
    """Write a frame as Arrow, and its columns of Python objects as JSON.

    Objects that JSON does not know become what they read as, except dates and decimals, which come
    back as they are.

    Raises
    ------
    ModelFileError
        A column is of a type that would not come back.

    Examples
    --------
    >>> frame = pd.DataFrame({"Age": [20, 30], "Joined": [datetime.date(2020, 1, 2), None]})
    >>> back = unpack_frame(pack_frame(frame))
    >>> back["Joined"].tolist()
    [datetime.date(2020, 1, 2), None]
    """
    places = {place: name for place, name in enumerate(frame.columns)}
    plain = {n: name for n, name in places.items() if frame.iloc[:, n].dtype != object}
    objects = {
        str(place): [_written(value) for value in frame.iloc[:, place]]
        for place in places
        if place not in plain
    }
    typed = frame.iloc[:, list(plain)].set_axis(list(map(str, plain)), axis=1)
    typed = typed.reset_index(drop=True)
    layout = {"columns": list(frame.columns), "rows": len(frame), "objects": objects}
    return {"table.arrow": _arrow(typed, frame), "table.json": _json(layout)}


def unpack_frame(parts: Mapping[str, bytes]) -> pd.DataFrame:
    """Read what `pack_frame` wrote."""
    layout = json.loads(parts["table.json"])
    with pa.ipc.open_stream(parts["table.arrow"]) as reader:
        arrow = reader.read_all()
    arrow.validate(full=True)  # what only looks like Arrow would end the process further on
    typed = arrow.to_pandas()
    columns = {}
    for place, name in enumerate(layout["columns"]):
        if str(place) in layout["objects"]:
            values = [_read(value) for value in layout["objects"][str(place)]]
            columns[name] = pd.Series(values, dtype=object)
        else:
            columns[name] = typed[str(place)]
    return pd.DataFrame(columns, index=pd.RangeIndex(layout["rows"]), copy=False)


def _arrow(typed: pd.DataFrame, frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    try:
        table = pa.Table.from_pandas(typed, preserve_index=False)
        with pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        with pa.ipc.open_stream(sink.getvalue()) as reader:
            back = reader.read_all().to_pandas()
    except (pa.ArrowException, TypeError, ValueError) as error:
        raise _unsuited(typed, frame) from error
    for place in typed:
        if back[place].dtype != typed[place].dtype:
            raise _unsuited(typed[[place]], frame)
    return sink.getvalue()


def _unsuited(typed: pd.DataFrame, frame: pd.DataFrame) -> ModelFileError:
    for place in typed:
        try:
            back = pa.Table.from_pandas(typed[[place]]).to_pandas()
        except (pa.ArrowException, TypeError, ValueError):
            back = typed[[]]
        if place not in back or back[place].dtype != typed[place].dtype:
            name = str(frame.columns[int(str(place))])
            return ModelFileError(
                f"Column {quoted(name)} of type {typed[place].dtype} cannot be saved; change its "
                "type or leave it out of the table."
            )
    return ModelFileError("The table cannot be saved.")


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, allow_nan=False).encode("utf-8", "surrogatepass")


def _written(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return float(value)
    if isinstance(value, decimal.Decimal):
        return ["decimal", str(value)]
    if type(value) is datetime.date:
        return ["date", value.isoformat()]
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return ["nan", ""]
    return str(value)


def _read(value: Any) -> Any:
    return _READERS[value[0]](value[1]) if isinstance(value, list) else value


def pack_table(table: Table) -> dict[str, bytes]:
    """Write a table, the roles of its columns, and how it was read.

    Raises
    ------
    ModelFileError
        A column is of a type that would not come back.
    """
    about = {"roles": table.roles, "report": table.frame.attrs.get(ATTRIBUTE)}
    return {**pack_frame(table.frame), "roles.json": _json(about)}


def unpack_table(parts: Mapping[str, bytes]) -> Table:
    """Read what `pack_table` wrote."""
    about = read_json(parts["roles.json"])
    frame = unpack_frame(parts)
    if about["report"] is not None:
        frame.attrs[ATTRIBUTE] = about["report"]
    table = Table(frame, about["roles"])
    _ = table.report  # fails at once if it is none
    return table
