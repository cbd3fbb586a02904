"""``GET /algorithms`` and ``GET /algorithms/{algorithm}``."""

from __future__ import annotations

import json
from typing import Any

from api.message import JSON, Request, Response
from api.negotiation import best
from api.schema import require_algorithm
from mall_app.algorithms import algorithms


async def list_algorithms(request: Request) -> Response:
    """Describe every algorithm."""
    best(request, (JSON,))
    return _answer({"algorithms": [own.describe() for own in algorithms().values()]})


async def get_algorithm(request: Request) -> Response:
    """Describe the algorithm in the path."""
    best(request, (JSON,))
    return _answer(algorithms()[require_algorithm(request.path["algorithm"])].describe())


def _answer(document: dict[str, Any]) -> Response:
    body = json.dumps(document, ensure_ascii=False, allow_nan=False).encode("utf-8")
    return Response(200, {"Content-Type": JSON, "Cache-Control": "no-cache"}, body)
