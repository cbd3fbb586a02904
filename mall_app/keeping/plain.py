"""Dataclasses as JSON-ready values, and back by the types of their fields."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import numpy as np


def to_plain(value: Any) -> Any:
    """Write a value with everything in it; a number that JSON does not have becomes null.

    Examples
    --------
    >>> from mall_app.segments.effects import Effect
    >>> to_plain({"Age": Effect(0.5, 0.25, 0.75)})
    {'Age': {'value': 0.5, 'low': 0.25, 'high': 0.75}}
    """
    if is_dataclass(value):
        return {own.name: to_plain(getattr(value, own.name)) for own in fields(value)}
    if isinstance(value, Mapping):
        return {name: to_plain(own) for name, own in value.items()}
    if isinstance(value, tuple | list):
        return [to_plain(own) for own in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and not math.isfinite(value) else value


def from_plain(kind: Any, value: Any) -> Any:
    """Read what `to_plain` wrote of a value of some type.

    Parameters
    ----------
    kind : type or annotation
        A dataclass, a tuple or mapping of one type, alternatives, or a plain type.
    value
        From JSON, by whoever wrote it.

    Raises
    ------
    TypeError
        It is no value of that type.

    Examples
    --------
    >>> from_plain(tuple[int, ...] | None, [1, 2])
    (1, 2)
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind is Any:
        return value
    if is_dataclass(kind) and isinstance(value, dict):
        known = get_type_hints(kind)
        if not set(value) <= set(known):
            raise _unlike(kind, value)
        return kind(**{name: from_plain(known[name], own) for name, own in value.items()})  # type: ignore[operator]
    if origin in (Union, UnionType):
        return _first(inner, value)
    if origin is Literal and any(value == own for own in inner):
        return value
    if origin is tuple and isinstance(value, list):
        return tuple(from_plain(inner[0], own) for own in value)
    if origin in (dict, Mapping) and isinstance(value, dict):
        return {name: from_plain(inner[1], own) for name, own in value.items()}
    if kind is float and type(value) in (int, float):
        return float(value)
    if origin is None and type(value) is kind:
        return value
    raise _unlike(kind, value)


def _first(kinds: tuple[Any, ...], value: Any) -> Any:
    for own in kinds:
        try:
            return from_plain(own, value)
        except TypeError:
            continue
    raise _unlike(kinds, value)


def _unlike(kind: Any, value: Any) -> TypeError:
    return TypeError(f"{type(value).__name__} is no {kind}.")
