"""``POST /cluster`` and ``POST /cluster/{algorithm}``."""

from __future__ import annotations

import asyncio
import concurrent.futures
import re
import time
from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

from api import answers
from api.kept_answers import KeptAnswers
from api.message import JSON, Request, Response
from api.negotiation import best, require_body
from api.problem import Problem
from api.schema import ClusterCall, read_cluster_call, require_algorithm
from mall_app.data.table import Table
from mall_app.engine import shared_engine
from mall_app.engine.work import Work
from mall_app.result import ClusteringResult
from mall_app.sharing.export import to_csv

OFFERED = (JSON, answers.PNG, answers.CSV, answers.ARROW)
# Reading, validating and hashing take 100 to 140 ms a megabyte: at most 3 ms on the event loop.
_LONG_BODY_BYTES = 20_000
# Packing a table for a worker and writing what came of it take a few milliseconds from here on.
_LARGE_TABLE_CELLS = 10_000
# A body that names another table than the built-in one may have it read from its file.
_NAMES_A_FILE = re.compile(rb'"dataset"\s*:\s*"(?!mall")|\\u')

Value = TypeVar("Value")


async def cluster(request: Request) -> Response:
    """Fit, and answer in the media type the client likes best."""
    named = request.path.get("algorithm")
    algorithm = None if named is None else require_algorithm(named)
    media_type = best(request, OFFERED)
    require_body(request)
    kept = KeptAnswers(shared_engine().cache, media_type, algorithm, request.body)
    known = kept.repeated()
    if known is not None:
        return _response(media_type, known, server_timing("fit", 0.0))
    call = await read(request.body, lambda body: read_cluster_call(body, algorithm))
    if call.table.whole is not None and media_type in (answers.CSV, answers.ARROW):
        raise Problem(406, f"{media_type} has a row for each customer: {call.notes[-1]}")
    began = time.perf_counter()
    fit = partial(shared_engine().fit, call.table, call.settings)
    future = await submit(fit, beside=is_large(call.table))
    result = await outcome(future)
    timing = server_timing("fit", time.perf_counter() - began, future)
    body = kept.find(call, result)
    if body is None:
        body = await _body(media_type, call, result)
        kept.keep(call, result, body)
    return _response(media_type, body, timing)


def server_timing(
    what: str, seconds: float, future: concurrent.futures.Future[Any] | None = None
) -> str:
    """Write the header that says how long an answer took, and whether it was remembered.

    A `future` from the engine says so itself: that it is done may be because it was quick.
    """
    found = isinstance(future, Work) and not future.was_known
    return f"{what};dur={seconds * 1000:.2f}, cache;desc={'miss' if found else 'hit'}"


def _response(media_type: str, body: bytes, timing: str) -> Response:
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8" if media_type == answers.CSV else media_type,
        "Server-Timing": timing,
        "Vary": "Accept",
    }
    return Response(200, headers, body)


async def outcome(future: concurrent.futures.Future[Value]) -> Value:
    """Wait for work in the engine; when the waiting is cancelled, so is the work."""
    if future.done():
        return future.result()
    return await asyncio.wrap_future(future)


async def read(body: bytes, reader: Callable[[bytes], Value]) -> Value:
    """Read a body, beside the event loop when it is long or names a file."""
    if len(body) < _LONG_BODY_BYTES and _NAMES_A_FILE.search(body) is None:
        return reader(body)
    return await asyncio.to_thread(reader, body)


def is_large(table: Table) -> bool:
    """Whether packing a table, or writing what came of it, is too long for the event loop."""
    return table.frame.size > _LARGE_TABLE_CELLS


async def submit(
    start: Callable[[], concurrent.futures.Future[Value]], beside: bool
) -> concurrent.futures.Future[Value]:
    """Hand work to the engine, which packs the table for a worker on the way.

    Parameters
    ----------
    start : callable
        Hands it over.
    beside : bool
        Whether to do so in a thread, since the table is large.
    """
    if not beside:
        return start()
    submitted = asyncio.ensure_future(asyncio.to_thread(start))
    try:
        return await asyncio.shield(submitted)
    except asyncio.CancelledError:
        submitted.add_done_callback(_cancel_submitted)  # a thread cannot be stopped, the fit can
        raise


def _cancel_submitted(submitted: asyncio.Future[concurrent.futures.Future[Value]]) -> None:
    if not submitted.cancelled() and submitted.exception() is None:
        submitted.result().cancel()


async def _body(media_type: str, call: ClusterCall, result: ClusteringResult) -> bytes:
    if media_type == JSON:
        drawn = await picture(call, result) if call.plot else None
        if not is_large(call.table):
            return answers.as_json(call, result, drawn)
        return await asyncio.to_thread(answers.as_json, call, result, drawn)
    if media_type == answers.PNG:
        return await picture(call, result)
    write = to_csv if media_type == answers.CSV else answers.as_arrow
    return await asyncio.to_thread(write, call.table, result)


async def picture(call: ClusterCall, result: ClusteringResult) -> bytes:
    """Have a worker draw the segments."""
    key = ("picture", call.table.sha256, result.settings.canonical())
    return await outcome(shared_engine().call(answers.draw, call.table, result, key=key))
