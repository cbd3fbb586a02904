"""``POST /compare``."""

from __future__ import annotations

import time
from functools import partial

from api.answers import dumps
from api.compare_schema import as_document, read_compare_call
from api.handlers.cluster import is_large, outcome, read, submit
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
    in_memory = future.done()
    found = await outcome(future)
    timing = f"compare;dur={(time.perf_counter() - began) * 1000:.2f}"
    headers = {
        "Content-Type": JSON,
        "Server-Timing": f"{timing}, cache;desc={'hit' if in_memory else 'miss'}",
    }
    return Response(200, headers, dumps(as_document(call, found)))
