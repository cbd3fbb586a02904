"""A table of customers together with what each of its columns can be used for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from mall_app.data.hashing import column_bytes
from mall_app.data.partitioned import PartitionedTable
from mall_app.data.report import DataReport, data_report
from mall_app.data.roles import Role, column_role, holds_huge_integers
from mall_app.errors import DataError
from mall_app.memory import MANY_ROWS


@dataclass(frozen=True)
class Category:
    """A categorical column as codes.

    Parameters
    ----------
    values : tuple of str
        The distinct values as text, sorted.
    codes : ndarray of shape (n_rows,)
        Position in `values` of each row; -1 where missing. Read-only.
    """

    values: tuple[str, ...]
    codes: npt.NDArray[np.int64]

    @classmethod
    def from_column(cls, column: pd.Series) -> Category:
        """Encode the values of a column; equal texts are one value.

        Examples
        --------
        >>> Category.from_column(pd.Series(["m", None, "f"])).codes.tolist()
        [1, -1, 0]
        """
        if column.dtype != "str":
            column = column.astype(object).map(str, na_action="ignore")
        codes, values = pd.factorize(column, sort=True)
        codes.setflags(write=False)
        return cls(tuple(map(str, values)), codes)


@dataclass(frozen=True)
class Table:
    """A frame of customers, one row each, and the role of every column.

    Parameters
    ----------
    frame : pandas.DataFrame of shape (n_rows, n_columns)
        The customers in their original units; from pandas 3 on a change of the frame it came
        from does not reach it.
    roles : dict of str to str
        ``numeric``, ``categorical``, ``identifier`` or ``other`` for each column.
    whole : PartitionedTable, optional
        The table that `frame` is a sample of, when it has more rows than are held in memory.

    Examples
    --------
    >>> frame = pd.DataFrame({"CustomerID": [1, 2], "Age": [20, 30], "Gender": ["f", "m"]})
    >>> Table.from_frame(frame).numeric
    ('Age',)
    """

    frame: pd.DataFrame
    roles: dict[str, Role]
    whole: PartitionedTable | None = None

    @classmethod
    def from_parts(cls, whole: PartitionedTable) -> Table:
        """Draw the sample that stands for a table too large to hold; see `from_frame`."""
        return replace(cls.from_frame(whole.sample()), whole=whole)

    @classmethod
    def from_frame(cls, frame: pd.DataFrame) -> Table:
        """Work out the roles of the columns of `frame`.

        Raises
        ------
        DataError
            The frame has no rows or columns, two columns of one name, or no numeric column.
        """
        _check_frame(frame)
        names = list(map(str, frame))
        _check_names(names)
        frame = frame.copy(deep=False)
        frame.columns = pd.Index(names)
        table = cls(frame, {name: column_role(frame[name]) for name in names})
        if not table.numeric:
            raise DataError(_why_no_number(table))
        return table

    def __len__(self) -> int:
        """Give the number of rows held."""
        return len(self.frame)

    @property
    def n_customers(self) -> int:
        """Rows there are, held or not."""
        return len(self) if self.whole is None else self.whole.n_rows

    def _having(self, role: Role) -> tuple[str, ...]:
        return tuple(name for name, own in self.roles.items() if own == role)

    @cached_property
    def numeric(self) -> tuple[str, ...]:
        """Names of the columns that hold quantities."""
        return self._having("numeric")

    @cached_property
    def categorical(self) -> tuple[str, ...]:
        """Names of the columns that hold a few repeated values, such as Gender."""
        return self._having("categorical")

    @cached_property
    def identifiers(self) -> tuple[str, ...]:
        """Names of the columns that only tell customers apart."""
        return self._having("identifier")

    @cached_property
    def other(self) -> tuple[str, ...]:
        """Names of the columns that are shown and exported, but not used (dates, free text)."""
        return self._having("other")

    @cached_property
    def features(self) -> tuple[str, ...]:
        """Names of the columns a model can use, in the order of the table."""
        return tuple(n for n, role in self.roles.items() if role in ("numeric", "categorical"))

    @cached_property
    def numbers(self) -> npt.NDArray[np.float64]:
        """The numeric columns, shape (n_rows, n_numeric), nan where missing; read-only."""
        numbers = self.frame[list(self.numeric)].to_numpy(dtype=np.float64, na_value=np.nan)
        numbers.setflags(write=False)
        return numbers

    def number(self, name: str) -> npt.NDArray[np.float64]:
        """Give one numeric column, nan where missing; read-only.

        Of many rows, whole numbers are made floats whenever they are asked for: to keep them
        beside the frame would take as much memory again.
        """
        if len(self) <= MANY_ROWS:
            return self.numbers[:, self.numeric.index(name)]
        own: npt.NDArray[np.float64] = self.frame[name].to_numpy(np.float64, na_value=np.nan)
        own.setflags(write=False)
        return own

    def prepare(self) -> None:
        """Work out now what is kept of what every fit needs."""
        _ = self.categories
        if len(self) <= MANY_ROWS:
            _ = self.numbers

    @cached_property
    def categories(self) -> dict[str, Category]:
        """The values of each categorical column as codes."""
        return {name: Category.from_column(self.frame[name]) for name in self.categorical}

    @property
    def report(self) -> DataReport | None:
        """What reading did to the data, when it was read by this package."""
        return data_report(self.frame)

    @cached_property
    def sha256(self) -> str:
        """Hash of the column names, types and every value, row order included.

        That of a table which is not held is of its files; see `PartitionedTable`.
        """
        if self.whole is not None:
            return self.whole.sha256
        digest = hashlib.sha256(json.dumps(list(self.frame)).encode())
        for name in self.frame:
            for part in column_bytes(self.frame[name]):
                digest.update(part)
        return digest.hexdigest()


def _check_frame(frame: pd.DataFrame) -> None:
    if not isinstance(frame, pd.DataFrame):
        raise DataError(
            f"The data must be a pandas DataFrame or a path, not {type(frame).__name__}."
        )
    if frame.shape[1] == 0 or frame.shape[0] == 0:
        rows, columns = frame.shape
        raise DataError(f"The table is empty: it has {rows} rows and {columns} columns.")


def _check_names(names: list[str]) -> None:
    try:
        "".join(names).encode()
    except UnicodeEncodeError as error:
        raise DataError("A column name holds half a character, so it is no valid text.") from error
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise DataError(
            f"Column names must be unique, but {listed(repeated)} "
            f"{'stands' if len(repeated) == 1 else 'stand'} twice or more."
        )


def _why_no_number(table: Table) -> str:
    for name in table.roles:
        if holds_huge_integers(table.frame[name]):
            return (
                f"Column {quoted(name)} holds integers beyond 64 bits, which are kept as text; "
                "give them as floating-point numbers."
            )
    return f"The table has no numeric column to cluster on; its columns are {listed(table.roles)}."


def listed(names: Iterable[str]) -> str:
    """Write names for a sentence: the first 20 of them, each cut to 60 characters.

    Examples
    --------
    >>> print(listed(["Age", "Gender"]))
    'Age', 'Gender'
    """
    names = list(names)
    return ", ".join(map(quoted, names[:20])) + (", ..." if len(names) > 20 else "")


def quoted(name: str) -> str:
    """Write one name for a sentence, cut to 60 characters.

    Examples
    --------
    >>> quoted("Age"), len(quoted("x" * 1000))
    ("'Age'", 62)
    """
    return repr(name if len(name) <= 60 else f"{name[:59]}…")
