"""The hand-written OpenAPI document, read once, and the validators compiled from it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import jsonschema_rs
import yaml


@cache
def specification_yaml() -> bytes:
    """Give the file as it was written."""
    return resources.files("api").joinpath("openapi.yaml").read_bytes()


@cache
def specification() -> Mapping[str, Any]:
    """Give the document as plain values, to be read and not changed."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C one is ten times as fast
    document: dict[str, Any] = yaml.load(specification_yaml(), Loader=loader)
    return document


@cache
def specification_json() -> bytes:
    """Give the document as JSON."""
    return json.dumps(specification(), ensure_ascii=False, allow_nan=False).encode()


@cache
def body_schema(algorithm: str, body: str = "ClusterBody") -> Mapping[str, Any]:
    """Give the schema of a request for one algorithm, every reference filled in.

    `body` names the schema of what the request has whatever the algorithm is.

    The document offers the algorithms as alternatives; whoever breaks a rule wants to hear about
    that rule, not that none of six alternatives fits, so the alternative is chosen here.
    """
    schemas = specification()["components"]["schemas"]
    for alternative in schemas["AlgorithmClusterRequest"]["allOf"][-1]["anyOf"]:
        choice = resolved(alternative)
        if choice["properties"]["algorithm"]["const"] == algorithm:
            return {"allOf": [resolved(schemas[body]), choice]}
    raise LookupError(f"openapi.yaml has no request schema for the algorithm {algorithm!r}.")


@cache
def body_validator(algorithm: str, body: str = "ClusterBody") -> jsonschema_rs.Draft202012Validator:
    """Compile `body_schema`."""
    return jsonschema_rs.Draft202012Validator(dict(body_schema(algorithm, body)))


@cache
def plain_schema(name: str) -> Mapping[str, Any]:
    """Give a schema of the document by name, every reference filled in."""
    schema: Mapping[str, Any] = resolved(specification()["components"]["schemas"][name])
    return schema


@cache
def plain_validator(name: str) -> jsonschema_rs.Draft202012Validator:
    """Compile `plain_schema`."""
    return jsonschema_rs.Draft202012Validator(dict(plain_schema(name)))


def resolved(schema: Any) -> Any:
    """Copy a part of the document with every ``$ref`` replaced by what it points to."""
    if isinstance(schema, list):
        return [resolved(item) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    own = {key: resolved(value) for key, value in schema.items() if key != "$ref"}
    return {**resolved(pointed(schema["$ref"])), **own} if "$ref" in schema else own


def pointed(reference: str) -> Any:
    """Give the part of the document a ``#/...`` reference points to."""
    part: Any = specification()
    for step in reference.removeprefix("#/").split("/"):
        part = part[step.replace("~1", "/").replace("~0", "~")]
    return part
