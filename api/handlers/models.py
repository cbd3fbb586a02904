"""``/models``: models that are kept, and used on new customers."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from functools import partial
from pathlib import Path
from typing import Any

from api import answers
from api.handlers.cluster import is_large, outcome, picture, read, submit
from api.message import JSON, Request, Response
from api.models_schema import KeepCall, PredictCall, read_keep_call, read_predict_call
from api.negotiation import best, require_body
from api.problem import fault, unprocessable
from mall_app.engine import shared_engine
from mall_app.errors import DataError
from mall_app.keeping.model_file import save_model
from mall_app.keeping.serving import describe_kept, predict_kept, revised
from mall_app.keeping.store import Entry, ModelStore, model_store
from mall_app.predict.prediction import Prediction
from mall_app.result import ClusteringResult

_MANY_CELLS = 10_000  # packing as many for a worker takes a few milliseconds


async def keep(request: Request) -> Response:
    """Fit, keep the model, and answer as ``POST /cluster`` does, with the id."""
    best(request, (JSON,))
    require_body(request)
    call = await read(request.body, read_keep_call)
    base, result = await _fitted(call)
    drawn = await picture(call.cluster, result) if call.cluster.plot else None
    store = model_store()
    own = await _put(store, call, base, result)
    entry = await asyncio.to_thread(store.entry, own)
    answer = answers.as_document(call.cluster, result, drawn)
    headers = {"Location": f"{request.target.rstrip('/')}/{own}"}
    return await _json({**_described(entry), **answer}, 201, headers)


async def list_models(request: Request) -> Response:
    """Say which models are kept, the newest first."""
    best(request, (JSON,))
    entries = await asyncio.to_thread(model_store().entries)
    return await _json({"models": [{**_described(own), "fault": own.fault} for own in entries]})


async def get_model(request: Request) -> Response:
    """Answer as ``POST /cluster`` did when the model was made."""
    best(request, (JSON,))
    store, own = model_store(), request.path["id"]
    entry = await asyncio.to_thread(store.entry, own)
    answer = await outcome(shared_engine().call(describe_kept, store.folder, own))
    return await _json({**_described(entry), **answer, "plot_image": None, "doubts": None})


async def delete_model(request: Request) -> Response:
    """Throw a model away."""
    best(request, (JSON,))
    await asyncio.to_thread(model_store().delete, request.path["id"])
    return Response(204, {})


async def predict(request: Request) -> Response:
    """Give customers the segments of a model."""
    best(request, (JSON,))
    store, own = model_store(), request.path["id"]
    await asyncio.to_thread(store.entry, own)  # an unknown id is told before a body is looked at
    require_body(request)
    call = await read(request.body, read_predict_call)
    start = partial(shared_engine().call, predict_kept, store.folder, own, call.frame)
    future: Future[Prediction] = await submit(start, beside=call.frame.size > _MANY_CELLS)
    try:
        found = await outcome(future)
    except DataError as error:
        raise unprocessable([fault(_place(call, error), error.detail)]) from error
    return await _json({"id": own, **found.to_dict()})


async def _fitted(call: KeepCall) -> tuple[ClusteringResult, ClusteringResult]:
    """Give the clustering as it was found, and with the numbers and edits asked for."""
    table, settings = call.cluster.table, call.cluster.settings
    engine, beside = shared_engine(), is_large(call.cluster.table)
    fit = partial(engine.fit, table, settings.unedited())
    base: ClusteringResult = await outcome(await submit(fit, beside=beside))
    if settings.numbering is None and not settings.edits:
        return base, base
    edit = partial(engine.call, revised, table, base, settings)
    return base, await outcome(await submit(edit, beside=beside))


async def _put(
    store: ModelStore, call: KeepCall, base: ClusteringResult, result: ClusteringResult
) -> str:
    """Keep a model; nothing is left of it when the client goes away meanwhile."""

    def save(path: Path) -> None:
        asked = {"scaling": call.cluster.settings.scaling}
        save_model(path, call.table_to_keep(), base, result, asked=asked, name=call.name)

    putting = asyncio.ensure_future(asyncio.to_thread(store.put, save))
    try:
        return await asyncio.shield(putting)
    except asyncio.CancelledError:
        putting.add_done_callback(partial(_take_back, store))  # a thread cannot be stopped
        raise


def _take_back(store: ModelStore, putting: asyncio.Future[str]) -> None:
    if not putting.cancelled() and putting.exception() is None:
        store.delete(putting.result())


def _place(call: PredictCall, error: DataError) -> tuple[str | int, ...]:
    """Give where a fault is: row and column of inline rows, or all of them."""
    in_a_cell = call.place == "records" and len(error.path) == 2
    return (call.place, *error.path) if in_a_cell else (call.place,)


def _described(entry: Entry) -> dict[str, Any]:
    about = entry.about or dict.fromkeys(("name", "saved", "algorithm", "n_clusters", "rows"))
    return {
        "id": entry.id,
        "name": about["name"],
        "saved": about["saved"],
        "model_name": about["algorithm"],
        "n_clusters": about["n_clusters"],
        "n_rows": about["rows"],
        "n_bytes": entry.n_bytes,
    }


async def _json(
    document: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None
) -> Response:
    body = await asyncio.to_thread(answers.dumps, document)
    return Response(status, {"Content-Type": JSON, **(headers or {})}, body)
