"""What a schema violation says to a person: the field, the rule, the value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonschema_rs

from api.problem import fault
from mall_app.checks import shown
from mall_app.edits.form import check_edits
from mall_app.errors import InputError, did_you_mean

_LONGEST_KEY = 200  # a key may be megabytes: more is neither searched nor sent back
_ARTICLES = {"integer": "an integer", "array": "a list", "object": "an object", "null": "null"}
_PLAIN = {"string": "text", "boolean": "true or false", "number": "a number"}


def sentences(
    error: jsonschema_rs.ValidationError, schema: Mapping[str, Any], path: Sequence[str | int]
) -> Iterator[dict[str, str]]:
    """Give the faults one violation stands for, each a sentence with its place.

    Parameters
    ----------
    error : jsonschema_rs.ValidationError
        The violation.
    schema : Mapping
        What was violated, without references.
    path : sequence of str or int
        Where in the whole body.
    """
    rule = error.kind.name
    part = _part(schema, rule, list(error.schema_path))
    name = _name(path)
    if rule == "additionalProperties":
        for key in error.kind.as_dict()["unexpected"]:
            place = [*path, key] if len(key) <= _LONGEST_KEY else path
            yield fault(place, _unknown(key[:_LONGEST_KEY], list(part["properties"]), name))
    elif rule == "propertyNames":
        yield fault(path, f"Each key in {name} must be {_described(part['propertyNames'])}.")
    elif rule == "uniqueItems":
        yield fault(path, f"{name} must not name anything twice.")
    elif rule == "oneOf":  # of all the schemas only that of an edit has alternatives
        yield _edit_fault(error.instance, path, name)
    elif rule == "not":
        yield fault(path, "dataset and records must not be given together.")
    else:
        yield fault(path, f"{name} must be {_described(part)}, not {told(error.instance)}.")


def _edit_fault(edit: Any, path: Sequence[str | int], name: str) -> dict[str, str]:
    """Say which rule an edit breaks; the core knows, and counts from 0 as it is given one only."""
    try:
        check_edits([edit])
    except InputError as error:
        detail = error.detail.replace("edits[0]", name, 1)
        return fault([*path, *error.path[2:]], detail)
    return fault(path, f"{name} must be a merge, split, pin or rename, not {told(edit)}.")


def _part(schema: Any, rule: str, steps: list[str | int]) -> Any:
    """Give the part of the schema that has the broken rule."""
    while steps.pop() != rule:  # a rule about names goes on into the schema of a name
        pass
    for step in steps:
        schema = schema[step]
    return schema


def _name(path: Sequence[str | int]) -> str:
    """Name a place in the body as one would in Python.

    Examples
    --------
    >>> _name(["records", 3, "Age"])
    "records[3]['Age']"
    >>> _name(["params", "eps"])
    'params.eps'
    """
    if not path:
        return "The body"
    name = str(path[0])
    for step in path[1:]:
        plain = isinstance(step, str) and step.isidentifier() and path[0] != "records"
        name += f".{step}" if plain else f"[{shown(step)}]"
    return name


def _unknown(key: str, options: list[str], name: str) -> str:
    place = "" if name == "The body" else f" in {name}"
    if not options:
        return f"{shown(key)} is not known{place}: it takes nothing."
    return f"{shown(key)} is not known{place}: {did_you_mean(key, options)}"


def _described(part: Any) -> str:
    """Say what a schema allows.

    Examples
    --------
    >>> _described({"type": "integer", "minimum": 2, "maximum": 1000})
    'an integer from 2 to 1000'
    """
    if "const" in part:
        return repr(part["const"])
    if "enum" in part:
        return "one of " + ", ".join(repr(option) for option in part["enum"])
    kinds = part["type"] if isinstance(part["type"], list) else [part["type"]]
    words = [_one_kind(kind, part) for kind in kinds]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _one_kind(kind: str, part: Mapping[str, Any]) -> str:
    word = _ARTICLES.get(kind) or _PLAIN[kind]
    if kind in ("integer", "number"):
        return word + _between(part)
    if kind == "string" and "maxLength" in part:
        most = f"{part.get('minLength', 0)} to {part['maxLength']}"
        return (
            f"{word} of {most} characters without NUL"
            if "pattern" in part
            else (f"{word} of {most} characters")
        )
    if kind == "array" and "maxItems" in part:
        return f"{word} of {part.get('minItems', 0)} to {part['maxItems']} entries"
    if kind == "array":
        least = part["minItems"]
        return f"{word} of at least {least} {'entry' if least == 1 else 'entries'}"
    if kind == "object" and "maxProperties" in part:
        return f"{word} with {part.get('minProperties', 0)} to {part['maxProperties']} keys"
    return word


def _between(part: Mapping[str, Any]) -> str:
    """Say the bounds of a number.

    Examples
    --------
    >>> _between({"minimum": 1, "maximum": 9}), _between({"exclusiveMinimum": 0, "maximum": 1})
    (' from 1 to 9', ' above 0 and at most 1')
    >>> _between({"minimum": 0.5, "exclusiveMaximum": 1})
    ' from 0.5 and below 1'
    """
    low, open_low = part.get("minimum"), part.get("exclusiveMinimum")
    high, open_high = part.get("maximum"), part.get("exclusiveMaximum")
    words = f" above {open_low:.15g}" if low is None else f" from {low:.15g}"
    if high is None:
        return words if open_high is None else f"{words} and below {open_high:.15g}"
    return f"{words} to {high:.15g}" if open_low is None else f"{words} and at most {high:.15g}"


def told(value: Any) -> str:
    """Write a value of any size the way a sentence names it.

    Examples
    --------
    >>> told([1, 2]), told({}), told("log")
    ('a list of 2', 'an empty object', "'log'")
    """
    if isinstance(value, list):
        return f"a list of {len(value)}" if value else "an empty list"
    if isinstance(value, dict):
        return f"an object of {len(value)} keys" if value else "an empty object"
    if isinstance(value, str):
        # Cut before repr: the text may be megabytes.
        return shown(value[:100])
    return shown(value)
