"""``POST /compare``."""

from __future__ import annotations

import time
from functools import partial

from api.answers import dumps
from api.compare_schema import as_document, read_compare_call
from api.handlers.cluster import is_large, outcome, read, server_timing, submit
from api.message import JSON, Request, Response
from api.negotiation import best, require_body
from mall_app.engine import shared_engine


async def compare(request: Request) -> Response:
    """Cluster by several algorithms, within the time of ten fits."""
    best(request, (JSON,))
    require_body(request)
    call = await read(request.body, read_compare_call)
    began = time.perf_counter()
    start = partial(
        shared_engine().compare,
        call.table,
        call.keys,
        call.settings,
        n_bootstraps=call.n_bootstraps,
    )
    future = await submit(start, beside=is_large(call.table))
    found = await outcome(future)
    timing = server_timing("compare", time.perf_counter() - began, future)
    headers = {
        "Content-Type": JSON,
        "Server-Timing": timing,
    }
    return Response(200, headers, dumps(as_document(call, found)))
