"""Which address does what."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from api import limits
from api.handlers import (
    catalogue,
    cluster,
    compare,
    datasets,
    documents,
    evidence,
    health,
    jobs,
    models,
)
from api.jobs import job_sizes
from api.message import Operation
from api.tornado_endpoint import Endpoint
from mall_app.data.library import dataset_library
from mall_app.engine.sizes import engine_sizes
from mall_app.keeping.store import model_store

Route = tuple[str, type[Endpoint], dict[str, Any]]

# Written as in openapi.yaml, and a test holds the two together.
OPERATIONS: Mapping[str, Mapping[str, Operation]] = MappingProxyType(
    {
        "/cluster": {"POST": cluster.cluster},
        "/cluster/{algorithm}": {"POST": cluster.cluster},
        "/evidence": {"POST": evidence.evidence},
        "/compare": {"POST": compare.compare},
        "/models": {"GET": models.list_models, "POST": models.keep},
        "/models/{id}": {"GET": models.get_model, "DELETE": models.delete_model},
        "/models/{id}/predict": {"POST": models.predict},
        "/datasets": {"GET": datasets.list_datasets, "POST": datasets.put_dataset},
        "/datasets/{id}": {"GET": datasets.get_dataset, "DELETE": datasets.delete_dataset},
        "/datasets/{id}/labelled": {"POST": datasets.put_labelled},
        "/jobs": {"GET": jobs.list_jobs},
        "/jobs/{id}": {"GET": jobs.get_job, "DELETE": jobs.delete_job},
        "/jobs/{id}/result": {"GET": jobs.get_result},
        "/jobs/{id}/events": {"GET": jobs.events},
        "/algorithms": {"GET": catalogue.list_algorithms},
        "/algorithms/{algorithm}": {"GET": catalogue.get_algorithm},
        "/openapi.yaml": {"GET": documents.openapi_yaml},
        "/openapi.json": {"GET": documents.openapi_json},
        "/docs": {"GET": documents.page},
        "/health/live": {"GET": health.live},
        "/health/ready": {"GET": health.ready},
    }
)
_OURS = ("cluster", "evidence", "compare", "models", "algorithms", "docs", "health")


def tornado_routes() -> list[Route]:
    """Give the routes in Tornado's form.

    Below our own addresses everything is ours, so what is not there is a 404 in our shape; the
    rest of the address space is Panel's.

    Raises
    ------
    ValueError
        A variable of the environment breaks its rule; better now than at the first request.
    """
    limits.body_limit()
    engine_sizes()
    job_sizes()
    model_store()
    dataset_library()
    described = [_route(path, operations) for path, operations in OPERATIONS.items()]
    return [
        *described,
        _route("/docs/{name}", {"GET": documents.asset}),
        (
            r"/(?:cluster|evidence|compare|models|datasets|jobs|algorithms|docs|health)(?:/.*)?",
            Endpoint,
            {"operations": {}},
        ),
    ]


def _route(path: str, operations: Mapping[str, Operation]) -> Route:
    pattern = re.sub(r"\\{(\w+)\\}", r"(?P<\1>[^/]+)", re.escape(path))
    return pattern, Endpoint, {"operations": operations, "depth": path.count("/")}
