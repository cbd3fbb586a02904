"""One request through to one response, whatever server is around it."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial

from api.handlers.jobs import accept
from api.message import Operation, Request, Response
from api.preference import preference
from api.problem import Problem, problem_of, response

_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")


async def answer(request: Request, operations: Mapping[str, Operation]) -> Response:
    """Answer a request with the operation for its method; whatever goes wrong is a problem.

    Parameters
    ----------
    request : Request
        What was asked.
    operations : Mapping of str to Operation
        By method, what this address does; empty when there is nothing here.

    Raises
    ------
    asyncio.CancelledError
        The client went away, and the work was stopped.
    """
    request_id = request_id_of(request)
    given = await _outcome(partial(_operate, request, operations, request_id), request_id)
    return finished(given, request_id)


async def _outcome(work: Callable[[], Awaitable[Response]], request_id: str) -> Response:
    """Give the response, or the problem in its place."""
    try:
        return await work()
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return response(Problem(503, "The work was stopped.", headers={"Retry-After": "1"}))
    except Exception as error:
        return response(problem_of(error, request_id))


def request_id_of(request: Request) -> str:
    """Give the client's own id for the request if it is fit to be echoed, else a new one."""
    own = request.headers.get("X-Request-ID", "")
    return own if _REQUEST_ID.fullmatch(own) else uuid.uuid4().hex


def finished(given: Response, request_id: str) -> Response:
    """Add the headers that every response has."""
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **given.headers,
        "X-Request-ID": request_id,
    }
    return replace(given, headers=headers)


def not_allowed(method: str, operations: Mapping[str, Operation]) -> Problem:
    """Give the 405 that lists what is allowed."""
    allowed = allow(operations)
    detail = f"{method} is not allowed here; it must be one of {allowed}."
    return Problem(405, detail, headers={"Allow": allowed})


def allow(operations: Mapping[str, Operation]) -> str:
    """List the methods an address takes, as the ``Allow`` header does.

    Examples
    --------
    >>> allow({"GET": None})
    'GET, HEAD, OPTIONS'
    """
    implied = ["HEAD", "OPTIONS"] if "GET" in operations else ["OPTIONS"]
    return ", ".join([*operations, *implied])


async def _operate(
    request: Request, operations: Mapping[str, Operation], request_id: str
) -> Response:
    if not operations:
        raise Problem(404, "There is nothing at this address; see /docs for what there is.")
    if request.method == "OPTIONS":
        return Response(204, {"Allow": allow(operations)})
    method = "GET" if request.method == "HEAD" else request.method
    operation = operations.get(method)
    if operation is None:
        raise not_allowed(request.method, operations)
    asked = preference(request)
    if method == "POST" and asked.respond_async and request.body:  # no job where nothing was sent
        later = partial(_outcome, partial(operation, request), request_id)
        return await accept(request, later, asked)
    return await operation(request)
