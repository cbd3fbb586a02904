"""JSON as the standard has it: nothing that another parser would read differently."""

from __future__ import annotations

import codecs
import json
import math
import re
from collections.abc import Sequence
from typing import Any, Never

from api.problem import Problem

# Only such a number can overflow; looking first spares every other body a call for each number.
_LONG_NUMBER = re.compile(rb"[eE]\+?[0-9]{3}|[0-9]{300}")


def loads(body: bytes) -> Any:
    r"""Read one JSON document, refusing what Python's own reader lets through.

    Refused are any encoding but UTF-8, a byte order mark, ``NaN`` and ``Infinity``, numbers too
    large for a double, a key given twice, half of a surrogate pair, and nesting too deep to read.

    Raises
    ------
    Problem
        Status 400, saying what is wrong and where.

    Examples
    --------
    >>> loads(b'{"n_clusters": 5}')
    {'n_clusters': 5}
    >>> loads(b'{"eps": NaN}')
    Traceback (most recent call last):
    ...
    api.problem.Problem: The body is not JSON: NaN is not a JSON number.
    """
    has_long_number = _LONG_NUMBER.search(body) is not None
    try:
        document = json.loads(
            _text(body),
            object_pairs_hook=_object,
            parse_constant=_refuse_constant,
            parse_float=_float if has_long_number else None,
            parse_int=_int if has_long_number else None,
        )
    except json.JSONDecodeError as error:
        raise _not_json(f"{error.msg} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise _not_json("it is nested too deeply") from None
    if b"\\u" in body:
        _refuse_lone_surrogates(document)
    return document


def _text(body: bytes) -> str:
    if not body.strip():
        raise _not_json("it is empty; send {} for the defaults")
    if body.startswith(codecs.BOM_UTF8):
        raise _not_json("it starts with a byte order mark, and must start with the JSON itself")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_json(f"byte {error.start} is not UTF-8") from None


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise _not_json(f"the key {twice[:80]!r} is given twice in one object")
    return found


def _refuse_constant(name: str) -> Never:
    raise _not_json(f"{name} is not a JSON number")


def _float(text: str) -> float:
    value = float(text)
    if math.isinf(value):
        raise _not_json(f"the number {text[:80]} is too large")
    return value


def _int(text: str) -> int:
    _float(text)
    return int(text)


def _refuse_lone_surrogates(document: Any) -> None:
    try:
        json.dumps(document, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        raise _not_json("a string holds half of a surrogate pair") from None


def _not_json(reason: str) -> Problem:
    return Problem(400, f"The body is not JSON: {reason}.")
