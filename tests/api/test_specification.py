"""The hand-written document against the routes, the declarations and the server."""

from __future__ import annotations

import json

import pytest
import yaml

from api.routes import OPERATIONS
from api.spec import body_schema, resolved, specification, specification_yaml
from mall_app.algorithms import algorithms
from mall_app.settings import (
    MISSING_POLICIES,
    N_CLUSTERS_BOUNDS,
    RANDOM_STATE_BOUNDS,
    SCALINGS,
    Settings,
)

METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace")
SCHEMAS = specification()["components"]["schemas"]


def operations():
    for path, item in specification()["paths"].items():
        for method in set(item) & set(METHODS):
            yield method.upper(), path, item[method]


def test_it_is_openapi():
    from openapi_spec_validator import validate  # takes seconds, of every process of a run

    validate(dict(specification()))
    assert specification()["openapi"].startswith("3.1.")


def test_it_has_the_routes_and_no_others():
    routed = {(method, path) for path, own in OPERATIONS.items() for method in own}
    assert {(method, path) for method, path, _ in operations()} == routed


@pytest.mark.parametrize("key", algorithms())
def test_parameters_are_as_declared(key):
    written = dict(body_schema(key)["allOf"][1]["properties"]["params"])
    assert written.pop("title") == f"Parameters of {key}"
    assert written == algorithms()[key].parameter_schema()


def test_algorithms_are_those_declared():
    assert SCHEMAS["AlgorithmKey"]["enum"] == list(algorithms())
    for name in ("ClusterRequest", "AlgorithmClusterRequest"):
        offered = resolved(SCHEMAS[name])["allOf"][-1]["anyOf"]
        keys = [own["properties"]["algorithm"]["const"] for own in offered]
        assert keys == list(algorithms())


def test_settings_are_as_in_the_core():
    body = SCHEMAS["ClusterBody"]["properties"]
    default = Settings()
    assert (body["n_clusters"]["minimum"], body["n_clusters"]["maximum"]) == N_CLUSTERS_BOUNDS
    assert (body["random_state"]["minimum"], body["random_state"]["maximum"]) == RANDOM_STATE_BOUNDS
    assert tuple(body["scaling"]["enum"]) == SCALINGS
    assert tuple(body["missing"]["enum"]) == MISSING_POLICIES
    for name in ("algorithm", "n_clusters", "scaling", "missing", "random_state"):
        assert body[name]["default"] == getattr(default, name)


def test_every_operation_is_told_in_full():
    identities = [operation["operationId"] for _, _, operation in operations()]
    assert len(set(identities)) == len(identities)
    tags = {tag["name"] for tag in specification()["tags"]}
    for method, path, operation in operations():
        assert operation["summary"] and operation["description"], (method, path)
        assert set(operation["tags"]) <= tags
        assert {"405", "406", "500"} <= set(operation["responses"]), (method, path)


def test_every_object_says_what_it_holds():
    def objects(part, place):
        if isinstance(part, dict):
            if part.get("type") == "object" and "properties" in part and "const" not in part:
                yield place, part
            for key, value in part.items():
                yield from objects(value, f"{place}/{key}")
        elif isinstance(part, list):
            for number, value in enumerate(part):
                yield from objects(value, f"{place}/{number}")

    partial = ("Choice", "FeaturesFit")  # these narrow ClusterBody, which is closed
    for place, part in objects(SCHEMAS, ""):
        if not any(word in place for word in partial):
            assert part.get("additionalProperties") is not None, place


def test_it_is_served_as_written(client):
    served = client.get("/openapi.yaml")
    assert served.content == specification_yaml()
    assert served.media_type == "application/yaml"
    assert client.get("/openapi.json").json() == yaml.safe_load(served.content)


@pytest.mark.parametrize("name", specification()["components"]["examples"])
def test_examples_are_what_happens(client, name):
    example = specification()["components"]["examples"][name]["value"]
    if name.endswith("Request"):
        assert client.post("/cluster", example).status == 200
        return
    request = specification()["components"]["examples"][name.replace("Answer", "Request")]
    answer = client.post("/cluster", request["value"]).json()
    # Versions and threads differ from machine to machine, and the last digits of a float may.
    for part in ("versions", "threads"):
        answer["receipt"][part] = example["receipt"][part]
    assert rounded(answer) == rounded(example), json.dumps(answer)


def rounded(part):
    if isinstance(part, float):
        return pytest.approx(part, rel=1e-9)
    if isinstance(part, dict):
        return {key: rounded(value) for key, value in part.items()}
    return [rounded(value) for value in part] if isinstance(part, list) else part
