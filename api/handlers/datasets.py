"""``/datasets``: the tables of the server, and those that were sent to it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from api import answers, limits
from api.datasets_schema import Upload, read_records, read_upload
from api.handlers.cluster import is_large, outcome, submit
from api.labelled_schema import LabelledCall, read_labelled_call
from api.message import JSON, Request, Response
from api.negotiation import best, require_body, require_json
from api.problem import fault, unprocessable
from mall_app.data.library import DatasetLibrary, dataset_library
from mall_app.data.unfinished import discard, unfinished_beside
from mall_app.data.upload import keep_content
from mall_app.engine import shared_engine
from mall_app.errors import DataError
from mall_app.partitions.write import Destination, Written, write_labelled
from mall_app.result import ClusteringResult


async def list_datasets(request: Request) -> Response:
    """Say which tables there are."""
    best(request, (JSON,))
    entries = await asyncio.to_thread(dataset_library().entries)
    return await _json({"datasets": [asdict(own) for own in entries]})


async def put_dataset(request: Request) -> Response:
    """Keep the table that was sent."""
    best(request, (JSON,))
    upload = read_upload(request)
    if upload.form is None:
        require_json(request)
    if request.body_too_large:
        raise limits.too_large()
    library = dataset_library()
    reading: list[Future[int]] = []
    if upload.form is None:
        write = await asyncio.to_thread(read_records, request.body)
    else:
        write = partial(_have_read, reading, request.body, upload)
    own = await _put(library, write, reading)
    headers = {"Location": f"{request.target.rstrip('/')}/{own}"}
    return await _json(await asyncio.to_thread(library.describe, own), 201, headers)


async def get_dataset(request: Request) -> Response:
    """Say what a table holds."""
    best(request, (JSON,))
    try:
        known = await asyncio.to_thread(dataset_library().describe, request.path["id"])
    except DataError as error:
        raise unprocessable([fault((), error.detail)]) from error
    return await _json(known)


async def put_labelled(request: Request) -> Response:
    """Cluster a table, and keep it as another one with the segment of each customer."""
    best(request, (JSON,))
    library, source = dataset_library(), request.path["id"]
    await asyncio.to_thread(library.entry, source)  # an unknown id is told before a body is read
    require_body(request)
    call = await asyncio.to_thread(read_labelled_call, request.body, source)
    fit = partial(shared_engine().fit, call.table, call.settings)
    result = await outcome(await submit(fit, beside=is_large(call.table)))
    writing: list[Future[Written]] = []
    own = await _put(library, partial(_have_written, writing, call, result), writing)
    written = writing[0].result()
    known = {
        "id": own,
        "source": source,
        "n_rows": written.n_rows,
        "n_parts": written.n_parts,
        "segment": written.segment,
        "confidence": written.confidence,
        "receipt": result.receipt,
    }
    return await _json(known, 201, {"Location": f"{request.base}/datasets/{own}"})


async def delete_dataset(request: Request) -> Response:
    """Throw a table that was sent away."""
    best(request, (JSON,))
    await asyncio.to_thread(dataset_library().delete, request.path["id"])
    return Response(204, {})


def _have_read(reading: list[Future[int]], body: bytes, upload: Upload, draft: Path) -> None:
    """Have a worker read a body, which it can be killed at."""
    reading.append(shared_engine().call(keep_content, draft, body, upload.form, upload.name))
    reading[0].result()


def _have_written(
    writing: list[Future[Written]], call: LabelledCall, result: ClusteringResult, draft: Path
) -> None:
    """Have a worker label the customers; nothing is left of what it began when it is killed."""
    unfinished = unfinished_beside(draft)
    to = Destination(draft, call.confidence, unfinished=unfinished)
    try:
        writing.append(shared_engine().call(write_labelled, call.table, result, to))
        writing[0].result()
    finally:
        discard(unfinished)


async def _put(
    library: DatasetLibrary, write: Callable[[Path], None], reading: Sequence[Future[Any]]
) -> str:
    """Keep a table; nothing is left of it when the client goes away meanwhile."""
    putting = asyncio.ensure_future(asyncio.to_thread(library.put, write))
    try:
        return await asyncio.shield(putting)
    except asyncio.CancelledError:
        for work in reading:
            work.cancel()  # the thread waits for it, and cannot be stopped itself
        putting.add_done_callback(partial(_take_back, library))
        raise


def _take_back(library: DatasetLibrary, putting: asyncio.Future[str]) -> None:
    if not putting.cancelled() and putting.exception() is None:
        library.delete(putting.result())


async def _json(
    document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    body = await asyncio.to_thread(answers.dumps, document)
    return Response(status, {"Content-Type": JSON, **(headers or {})}, body)
