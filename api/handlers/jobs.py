"""``Prefer: respond-async`` on any POST, and ``/jobs``: what became of it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from api.answers import dumps
from api.job import Job
from api.jobs import Work, job_board
from api.message import JSON, Request, Response
from api.negotiation import best
from api.preference import Preference
from api.problem import Problem

EVENTS = "text/event-stream"
# A body that breaks a rule is refused at once: it is read before the engine is asked.
_MOMENT = 0.5
HEARTBEAT_SECONDS = 15.0


async def accept(request: Request, work: Work, asked: Preference) -> Response:
    """Queue what is asked, and say where to come back.

    Gives the answer itself when it is there before the client stops waiting, and when it is a
    problem that shows before anything is calculated.

    Raises
    ------
    Problem
        Status 503 when there is no room.
    """
    board = job_board()
    job = board.submit(request, work)
    try:
        await _settled(job, asked.wait)
    except asyncio.CancelledError:
        board.cancel(job)  # nobody has heard of it
        board.forget(job)
        raise
    answer = job.response
    if answer is not None and (asked.wait is not None or job.status == "failed"):
        board.forget(job)
        return answer
    headers = {
        "Content-Type": JSON,
        "Location": f"{request.base}/jobs/{job.id}",
        "Preference-Applied": "respond-async",
        "Retry-After": "1",
    }
    return Response(202, headers, dumps(_described(job)))


async def list_jobs(request: Request) -> Response:
    """Say which jobs there are, the newest first."""
    best(request, (JSON,))
    return _json({"jobs": [_described(own) for own in job_board().jobs()]})


async def get_job(request: Request) -> Response:
    """Say how far a job is."""
    best(request, (JSON,))
    return _json(_described(job_board().find(request.path["id"])))


async def get_result(request: Request) -> Response:
    """Answer as the POST would have, problems included.

    Raises
    ------
    Problem
        Status 404 when there is no such job, 409 when it has no answer.
    """
    job = job_board().find(request.path["id"])
    if job.response is None:
        raise Problem(409, f"The job is {job.status}, so there is no answer.")
    return job.response


async def delete_job(request: Request) -> Response:
    """Stop a job, or throw away one that is finished."""
    best(request, (JSON,))
    board = job_board()
    job = board.find(request.path["id"])
    if job.finished:
        board.forget(job)
        return Response(204, {})
    board.cancel(job)
    return _json(_described(job))


async def events(request: Request) -> Response:
    """Send the job whenever it has changed, until it is finished."""
    best(request, (EVENTS,))
    job = job_board().find(request.path["id"])
    return Response(200, {"Content-Type": EVENTS}, stream=_events(job))


async def _events(job: Job) -> AsyncIterator[bytes]:
    """Write server-sent events; who is slow to read misses those in between, never the last."""
    while not job.finished:
        version = job.version
        yield _event("progress", job)
        while not await _changed(job, version):
            yield b": still here\n\n"
    yield _event("done", job)


async def _changed(job: Job, version: int) -> bool:
    try:
        async with asyncio.timeout(HEARTBEAT_SECONDS):
            await job.change(version)
    except TimeoutError:
        return False
    return True


async def _settled(job: Job, wait: float | None) -> None:
    """Wait for the answer, or without `wait` until the engine has the work."""
    try:
        async with asyncio.timeout(_MOMENT if wait is None else wait):
            while not job.finished and (wait is not None or _unread(job)):
                await job.change(job.version)
    except TimeoutError:
        pass


def _unread(job: Job) -> bool:
    return job.status == "running" and not job.engaged


def _event(name: str, job: Job) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), dumps(_described(job)))


def _described(job: Job) -> dict[str, Any]:
    return job.document(job_board().place(job))


def _json(document: dict[str, Any]) -> Response:
    return Response(200, {"Content-Type": JSON}, dumps(document))
