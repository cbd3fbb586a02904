"""The columns of one partition, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from mall_app.data.partitioned import Part, read_part
from mall_app.data.table import Category, quoted
from mall_app.errors import DataError
from mall_app.features import LARGEST_NUMBER
from mall_app.geometry.points import IntArray

BoolArray = npt.NDArray[np.bool_]
Codebook = Mapping[str, tuple[str, ...]]
MOST_VALUES = 10_000


@dataclass(frozen=True, eq=False)
class Columns:
    """Some columns of a partition; nothing is left out or filled.

    Parameters
    ----------
    n_rows : int
        Rows of the partition.
    numbers : dict of str to ndarray of shape (n_rows,)
        Each quantity in the type it was read in; floating-point with nan where some are missing.
    categories : dict of str to Category
        Each category by its values in this partition; see `codes`.
    """

    n_rows: int
    numbers: dict[str, npt.NDArray[Any]]
    categories: dict[str, Category]

    def __sizeof__(self) -> int:
        """Give the bytes held, so that the scheduler knows what moving them costs."""
        held = [*self.numbers.values(), *(own.codes for own in self.categories.values())]
        return object.__sizeof__(self) + sum(own.nbytes for own in held)

    def codes(self, name: str, values: tuple[str, ...]) -> IntArray:
        """Give a category as positions in `values`; -1 where missing."""
        own = self.categories[name]
        if own.values == values:
            return own.codes
        places = {value: place for place, value in enumerate(values)}
        return np.array([*(places[value] for value in own.values), -1])[own.codes]

    def present(self, features: Sequence[str]) -> BoolArray | None:
        """Say which rows have all of some features; None when every row has."""
        gaps = [_gaps(self.numbers[own]) for own in features if own in self.numbers]
        gaps += [self.categories[own].codes < 0 for own in features if own in self.categories]
        missing = [own for own in gaps if own is not None and own.any()]
        return None if not missing else np.asarray(~np.logical_or.reduce(missing))


def read_columns(
    parts: Sequence[Part],
    numeric: Sequence[str],
    categorical: Sequence[str],
    checked: Sequence[str],
) -> Columns:
    """Read columns of a partition.

    Parameters
    ----------
    parts : sequence of Part
        Where it is: in one part of the table, or in several small ones.
    numeric, categorical : sequence of str
        The columns to read, by what they are used for.
    checked : sequence of str
        Those of the quantities that are computed with.

    Raises
    ------
    DataError
        The file cannot be read, a column is of another kind here than the table's sample says, or
        one that is computed with has infinite or huge values; the sentence names the file.
    """
    tables = [read_part(part, [*numeric, *categorical]) for part in parts]
    each = [
        _checked(table, numeric, checked, _place(part))
        for part, table in zip(parts, tables, strict=True)
    ]
    numbers = {
        name: each[0][name] if len(each) == 1 else np.concatenate([own[name] for own in each])
        for name in numeric
    }
    table = pa.concat_tables(tables)
    categories = {name: _category(table[name]) for name in categorical}
    return Columns(sum(part.n_rows for part in parts), numbers, categories)


def _checked(
    table: pa.Table, numeric: Sequence[str], checked: Sequence[str], place: str
) -> dict[str, npt.NDArray[Any]]:
    numbers = {name: _numbers(table[name], name, place) for name in numeric}
    for name in checked:
        if name in numbers:
            _check_finite(numbers[name], name, place)
    return numbers


def _place(part: Part) -> str:
    return f"the partition in {Path(part.path).name}, row groups {_span(part.row_groups)}"


def _span(groups: tuple[int, ...]) -> str:
    return f"{groups[0]}" if len(groups) == 1 else f"{groups[0]} to {groups[-1]}"


def _numbers(column: pa.ChunkedArray, name: str, place: str) -> npt.NDArray[Any]:
    if not (pa.types.is_integer(column.type) or pa.types.is_floating(column.type)):
        try:
            column = pc.cast(column, pa.float64())
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise DataError(
                f"Column {quoted(name)} is no number in {place}, but {column.type}.", ("features",)
            ) from error
    if pa.types.is_float16(column.type):
        column = pc.cast(column, pa.float32())
    values = column.to_numpy()
    return values if values.dtype != object else np.asarray(values, dtype=np.float64)


def _check_finite(values: npt.NDArray[Any], name: str, place: str) -> None:
    if values.dtype.kind != "f" or not len(values):
        return
    with np.errstate(invalid="ignore"):
        largest = max(float(np.fmax.reduce(values)), -float(np.fmin.reduce(values)))
    if np.isinf(largest):
        raise DataError(
            f"Column {quoted(name)} has infinite values in {place}; remove or replace them.",
            ("features",),
        )
    if largest > LARGEST_NUMBER:
        raise DataError(
            f"Column {quoted(name)} has values beyond {LARGEST_NUMBER:g} in {place}, whose squares "
            "cannot be computed.",
            ("features",),
        )


def _category(column: pa.ChunkedArray) -> Category:
    """Encode by the distinct values alone; what a value reads as is up to `Category`."""
    joined = column.combine_chunks()
    coded = joined if pa.types.is_dictionary(joined.type) else joined.dictionary_encode()
    texts = Category.from_column(pd.Series(coded.dictionary.to_pandas(), dtype=object))
    places = coded.indices.fill_null(len(texts.codes)).to_numpy(zero_copy_only=False)
    codes = np.append(texts.codes, -1)[places]
    return Category(texts.values, codes)


def _gaps(values: npt.NDArray[Any]) -> BoolArray | None:
    return np.isnan(values) if values.dtype.kind == "f" else None
