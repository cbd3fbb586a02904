"""The specification, and the page to read it and try it."""

from __future__ import annotations

from functools import cache
from importlib import resources

from api.message import JSON, Request, Response
from api.negotiation import best
from api.problem import Problem
from api.spec import specification_json, specification_yaml

YAML = "application/yaml"
HTML = "text/html"
_ASSETS = ("page.css", "page.js", "swagger-ui.css", "swagger-ui-bundle.js")
_MEDIA_TYPES = {"css": "text/css", "js": "text/javascript"}
# Nothing but what this server sends may run, and nothing but this server may be asked.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


async def openapi_yaml(request: Request) -> Response:
    """Give the specification as it was written."""
    best(request, (YAML,))
    return _cached(specification_yaml(), YAML)


async def openapi_json(request: Request) -> Response:
    """Give the specification as JSON."""
    best(request, (JSON,))
    return _cached(specification_json(), JSON)


async def page(request: Request) -> Response:
    """Give the page; its links are relative, so it works under any prefix."""
    best(request, (HTML,))
    headers = {"Content-Security-Policy": _POLICY, "Referrer-Policy": "no-referrer"}
    return _cached(_file("index.html"), f"{HTML}; charset=utf-8", headers)


async def asset(request: Request) -> Response:
    """Give a file the page is made of.

    Raises
    ------
    Problem
        Status 404.
    """
    name = request.path["name"]
    if name not in _ASSETS:
        raise Problem(404, "The documentation page has no such file.")
    media_type = _MEDIA_TYPES[name.rpartition(".")[2]]
    return _cached(_file(name), f"{media_type}; charset=utf-8")


@cache
def _file(name: str) -> bytes:
    return resources.files("api").joinpath("docs", name).read_bytes()


def _cached(body: bytes, media_type: str, headers: dict[str, str] | None = None) -> Response:
    # "no-cache" lets a browser keep it, and ask each time whether it has changed.
    kept = {"Content-Type": media_type, "Cache-Control": "no-cache", **(headers or {})}
    return Response(200, kept, body)
