"""A real server on a free port, and a client that holds every answer to openapi.yaml."""

from __future__ import annotations

import asyncio
import http.client
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import jsonschema_rs
import pytest
from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application

from api import ROUTES
from api.spec import resolved, specification
from mall_app.engine import shared_engine

# What HTTP itself is made of needs no word in the specification.
COMMON_HEADERS = {"connection", "content-length", "content-type", "date", "transfer-encoding"}
JSON_TYPES = ("application/json", "application/problem+json")


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> Any:
        return json.loads(self.content)


class Client:
    """Sends requests to the server, and checks what comes back against the specification."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(self, path: str, **headers: str) -> Answer:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, document: Any = None, **headers: str) -> Answer:
        body = document if isinstance(document, bytes) else json.dumps(document).encode()
        return self.send("POST", path, body, {"content-type": "application/json", **headers})

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        chunked: bool = False,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in (headers or {}).items()}
        connection.request(method, path, body, named, encode_chunked=chunked)
        raw = connection.getresponse()
        kept = {name.lower(): value for name, value in raw.getheaders()}
        answer = Answer(raw.status, kept, raw.read())
        connection.close()
        check(method, path, answer)
        return answer


def check(method: str, path: str, answer: Answer) -> None:
    """Hold one answer to what every answer has, and to what the specification says of it."""
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers
    described = described_response(method, path, answer.status)
    if described is None:
        return
    own = {name.lower(): header for name, header in described.get("headers", {}).items()}
    needed = {name for name, header in own.items() if header["required"]}
    assert needed <= set(answer.headers) <= set(own) | COMMON_HEADERS
    for name in set(own) & set(answer.headers):
        value = answer.headers[name]
        assert jsonschema_rs.is_valid(own[name]["schema"], value), (name, value)
    if method == "HEAD" or "content" not in described:
        assert answer.content == b""
        return
    content = described["content"][answer.media_type]
    if answer.media_type in JSON_TYPES:
        jsonschema_rs.Draft202012Validator(content["schema"]).validate(answer.json())


def described_response(method: str, path: str, status: int) -> Any:
    """Find the response in the specification; None only where nothing is described at all."""
    item = described_path(path.partition("?")[0])
    if item is None:
        assert status == 404 or path.startswith("/docs/"), f"{path} is not described"
        return None
    if method == "OPTIONS":
        assert status == 204
        return None
    operations = {name: value for name, value in item.items() if name != "parameters"}
    operation = operations.get(method.lower()) or next(iter(operations.values()))
    assert str(status) in operation["responses"], f"{method} {path} may not answer {status}"
    return resolved(operation["responses"][str(status)])


def described_path(path: str) -> Any:
    paths = specification()["paths"]
    if path in paths:
        return paths[path]
    for template, item in paths.items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template.replace(".", r"\.")), path):
            return item
    return None


@pytest.fixture(scope="session")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve the routes in a thread for as long as the tests run, with folders of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MALL_MODELS_DIR", str(tmp_path_factory.mktemp("models")))
        patch.setenv("MALL_DATA_DIR", str(tmp_path_factory.mktemp("datasets")))
        yield from serving()


def serving() -> Iterator[Client]:
    [socket] = bind_sockets(0, "127.0.0.1")
    stop, started = threading.Event(), threading.Event()

    async def serve() -> None:
        server = HTTPServer(Application(ROUTES))
        server.add_socket(socket)
        started.set()
        await asyncio.to_thread(stop.wait)
        server.stop()
        await server.close_all_connections()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert started.wait(10)
    yield Client(socket.getsockname()[1])
    stop.set()
    thread.join()
    shared_engine().close()


AssertProblem = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def assert_problem() -> AssertProblem:
    """Hold a failure to the one shape all failures have; every failing test goes through here."""

    def hold(answer: Answer, status: int, *told: str, at: str | None = None) -> dict[str, Any]:
        assert answer.status == status, answer.content[:500]
        assert answer.media_type == "application/problem+json"
        problem: dict[str, Any] = answer.json()
        assert problem["status"] == status
        assert problem["type"] == "about:blank"
        assert problem["detail"].endswith((".", "?"))
        text = answer.content.decode()
        for word in ("Traceback", "/work", "site-packages", ".py", "Error("):
            assert word not in text
        errors = problem.get("errors", [])
        assert at is None or at in [entry["pointer"] for entry in errors], errors
        for words in told:
            assert words in json.dumps(problem, ensure_ascii=False), problem
        return problem

    return hold
