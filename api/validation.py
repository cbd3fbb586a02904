"""A body against the schema of its request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import jsonschema_rs

from api.problem import MOST_ERRORS, Problem
from api.sentences import sentences
from api.spec import body_schema, body_validator, plain_schema, plain_validator

# One call to the validator keeps every other thread waiting, so a long table goes in slices of
# about 2 ms each.
_CELLS_AT_ONCE = 4000

Fault = dict[str, str]


def faults(body: Any, algorithm: str, kind: str = "ClusterBody") -> list[Fault]:
    """List what is wrong with a body, one more than `MOST_ERRORS` at most.

    Parameters
    ----------
    body : object
        A JSON document.
    algorithm : str
        Key of the algorithm whose request it is.
    kind : str, default "ClusterBody"
        Name of the schema in openapi.yaml of what such requests have in common.

    Raises
    ------
    Problem
        Status 400 when it is nested too deeply to follow.
    """
    schema, validator = body_schema(algorithm, kind), body_validator(algorithm, kind)
    return list(islice(_distinct(_faults(body, schema, validator)), MOST_ERRORS + 1))


def faults_against(body: Any, name: str) -> list[Fault]:
    """List what is wrong with a body that asks for no algorithm; see `faults`.

    Parameters
    ----------
    body : object
        A JSON document.
    name : str
        Of its schema in openapi.yaml.
    """
    found = _faults(body, plain_schema(name), plain_validator(name))
    return list(islice(_distinct(found), MOST_ERRORS + 1))


def _faults(
    body: Any, schema: Mapping[str, Any], validator: jsonschema_rs.Draft202012Validator
) -> Iterator[Fault]:
    for start, part in _slices(body):
        for error in _violations(validator, part):
            path = list(error.instance_path)
            if len(path) > 1 and path[0] == "records":
                path[1] = int(path[1]) + start
            yield from sentences(error, schema, path)


def _violations(
    validator: jsonschema_rs.Draft202012Validator, part: Any
) -> Iterator[jsonschema_rs.ValidationError]:
    try:
        return validator.iter_errors(part)
    except ValueError as error:  # it follows 255 levels, Python's own reader about a thousand
        raise Problem(400, "The body is not JSON: it is nested too deeply.") from error


def _slices(body: Any) -> Iterator[tuple[int, Any]]:
    records = body.get("records") if isinstance(body, dict) else None
    if not isinstance(records, list) or len(records) < 2:
        yield 0, body
        return
    width = len(records[0]) if isinstance(records[0], dict) else 1
    step = max(2, _CELLS_AT_ONCE // max(1, width))
    yield 0, {**body, "records": records[:step]}
    for start in range(step, len(records), step):
        first = min(start, len(records) - 2)  # a slice of one row would be too short a table
        yield first, {"records": records[first : start + step]}


def _distinct(found: Iterator[Fault]) -> Iterator[Fault]:
    # One value can break two rules of its schema, and the sentence names all of them at once.
    seen: set[tuple[str, str]] = set()
    for entry in found:
        key = (entry["pointer"], entry["detail"])
        if key not in seen:
            seen.add(key)
            yield entry
