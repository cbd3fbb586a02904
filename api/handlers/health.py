"""``GET /health/live`` and ``GET /health/ready``."""

from __future__ import annotations

from api.message import JSON, Request, Response
from api.negotiation import best
from api.problem import Problem
from mall_app.engine import shared_engine


async def live(request: Request) -> Response:
    """Say that the server can answer."""
    best(request, (JSON,))
    return Response(200, {"Content-Type": JSON}, b'{"status":"live"}')


async def ready(request: Request) -> Response:
    """Say whether a fit could start.

    Raises
    ------
    Problem
        Status 503 when it could not.
    """
    best(request, (JSON,))
    if not shared_engine().ready():
        raise Problem(503, "The server cannot fit yet.", headers={"Retry-After": "1"})
    return Response(200, {"Content-Type": JSON}, b'{"status":"ready"}')
