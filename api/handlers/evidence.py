"""``POST /evidence``."""

from __future__ import annotations

import json
import time
from concurrent.futures import Future
from functools import partial

from api.evidence_schema import EvidenceCall, read_evidence_call
from api.handlers.cluster import is_large, outcome, read, server_timing, submit
from api.message import JSON, Request, Response
from api.negotiation import best, require_body
from mall_app.engine import shared_engine
from mall_app.errors import SettingsError
from mall_app.evidence import Evidence


async def evidence(request: Request) -> Response:
    """Gather what speaks for each number of segments, within the time of ten fits."""
    best(request, (JSON,))
    require_body(request)
    call = await read(request.body, read_evidence_call)
    began = time.perf_counter()
    future = await submit(partial(_start, call), beside=is_large(call.table))
    found = await outcome(future)
    timing = server_timing("evidence", time.perf_counter() - began, future)
    headers = {
        "Content-Type": JSON,
        "Server-Timing": timing,
    }
    return Response(200, headers, _as_json(call, found))


def _start(call: EvidenceCall) -> Future[Evidence]:
    try:
        return shared_engine().evidence(
            call.table,
            call.settings,
            call.ks,
            n_bootstraps=call.n_bootstraps,
            minimum_size=call.minimum_size,
        )
    except SettingsError as error:
        if error.path != ("ks",):
            raise
        # The range is sound, so what is wrong is that it goes on beyond the customers there are.
        raise SettingsError(error.detail.replace("ks", "k_max", 1), ("k_max",)) from error


def _as_json(call: EvidenceCall, found: Evidence) -> bytes:
    answer = found.to_dict()
    answer["settings"] = found.settings.to_dict()
    answer["warnings"] = [*answer["warnings"], *call.notes]
    answer["data_report"] = None if call.report is None else call.report.to_dict()
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")
