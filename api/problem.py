"""Errors as the client sees them: RFC 9457 problem details, made here and nowhere else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from api.message import Response
from mall_app.errors import (
    DatasetFixed,
    DatasetNotFound,
    DeadlineExceeded,
    EngineBusy,
    EngineUnavailable,
    InputError,
    ModelNotFound,
    StoreError,
    StoreFull,
    WorkerDied,
)

MEDIA_TYPE = "application/problem+json"
MOST_ERRORS = 20
_CLUSTER_SECONDS = "10"  # until a Dask cluster that went away may be back
_TITLES = {413: "Content Too Large", 422: "Unprocessable Content"}  # as RFC 9110 renamed them
_log = logging.getLogger("api")


class Problem(Exception):
    """An answer that is an error.

    Parameters
    ----------
    status : int
        HTTP status.
    detail : str
        One full sentence for the person who reads it.
    errors : sequence of dict
        ``{"pointer", "detail"}`` for each fault in the body; see `fault`.
    headers : Mapping of str to str
        Sent with it, such as ``Allow``.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})


def fault(path: Iterable[str | int], detail: str) -> dict[str, str]:
    """Name one fault in the body by its JSON Pointer, written as RFC 9457 does.

    Examples
    --------
    >>> fault(("params", "a/b"), "Too small.")
    {'pointer': '#/params/a~1b', 'detail': 'Too small.'}
    """
    steps = (str(step).replace("~", "~0").replace("/", "~1") for step in path)
    return {"pointer": "#" + "".join(f"/{step}" for step in steps), "detail": detail}


def unprocessable(errors: Sequence[Mapping[str, str]]) -> Problem:
    """Give the 422 for a body that was read but breaks rules, at most `MOST_ERRORS` of them."""
    if len(errors) > MOST_ERRORS:
        detail = f"The body has more than {MOST_ERRORS} faults. The first {MOST_ERRORS} are listed."
    elif len(errors) > 1:
        detail = f"The body has {len(errors)} faults."
    else:
        detail = errors[0]["detail"]
    return Problem(422, detail, errors[:MOST_ERRORS])


def problem_of(error: Exception, request_id: str) -> Problem:
    """Turn any exception into what may be told; what may not is logged under `request_id`."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, InputError):
        return unprocessable([fault(error.path, error.detail)])
    if isinstance(error, EngineBusy):
        return Problem(503, str(error), headers={"Retry-After": str(error.retry_after)})
    if isinstance(error, EngineUnavailable):
        return Problem(503, str(error), headers={"Retry-After": _CLUSTER_SECONDS})
    if isinstance(error, DeadlineExceeded):
        return Problem(504, str(error))
    if isinstance(error, (ModelNotFound, DatasetNotFound)):
        return Problem(404, str(error))
    if isinstance(error, DatasetFixed):
        return Problem(403, str(error))
    if isinstance(error, StoreFull):
        return Problem(507, str(error))
    _log.error("request %s failed", request_id, exc_info=error)
    if isinstance(error, StoreError):
        return Problem(500, str(error))
    if isinstance(error, WorkerDied):
        detail = "The process doing the work died, perhaps for want of memory; try again."
        return Problem(503, detail, headers={"Retry-After": "1"})
    return Problem(500, f"Something went wrong here. Quote request {request_id} to the operator.")


def response(problem: Problem) -> Response:
    """Write a problem as a response."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": _TITLES.get(problem.status) or HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "detail": problem.detail,
    }
    if problem.errors:
        document["errors"] = problem.errors
    body = json.dumps(document, ensure_ascii=False).encode("utf-8", "replace")
    return Response(problem.status, {"Content-Type": MEDIA_TYPE, **problem.headers}, body)
