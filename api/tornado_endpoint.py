"""The one place that knows the server is Tornado."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import AsyncIterator, Awaitable, Mapping
from typing import Any

from tornado.iostream import StreamClosedError
from tornado.web import HTTPError, RequestHandler, stream_request_body

from api import limits, problem
from api.core import answer, finished, not_allowed, request_id_of
from api.message import Operation, Request, Response


@stream_request_body
class Endpoint(RequestHandler):
    """Hands requests to the framework-free core and writes back what it gives.

    The body is taken in pieces, so that one over the limit is never held in memory, and is
    answered with a 413 of ours rather than Tornado's bare 400.
    """

    def initialize(self, operations: Mapping[str, Operation], depth: int = 0) -> None:
        """Keep what this address does, by method, and how many steps its path has."""
        self._operations = operations
        self._depth = depth
        self._pieces: list[bytes] = []
        self._received = 0
        self._limit = limits.body_limit()
        self._takes_body = self.request.method == "POST" and "POST" in operations
        self._task: asyncio.Task[Any] | None = None

    def set_default_headers(self) -> None:
        """Drop Tornado's: the core sets every header there is."""
        self.clear_header("Server")
        self.clear_header("Content-Type")

    def compute_etag(self) -> str | None:
        """Give no tag to what may not be kept, so that it is never answered with a 304."""
        kept = self._headers.get("Cache-Control") != "no-store"
        return super().compute_etag() if kept else None

    def check_xsrf_cookie(self) -> None:
        """Ask for no token: no cookie gives any right here, and a form cannot post JSON."""

    def prepare(self) -> None:
        """Refuse at once what is hopelessly large, or whose sender waits to be told.

        A body where none is asked for is thrown away whatever its size, and so is no error.
        """
        connection: Any = self.request.connection
        connection.set_body_timeout(limits.BODY_SECONDS)
        if not self._takes_body:
            connection.set_max_body_size(sys.maxsize)
            return
        declared = self.request.headers.get("Content-Length", "")
        length = int(declared) if declared.isdecimal() else 0  # Tornado itself refuses the rest
        patience = limits.PATIENCE * self._limit
        waits = self.request.headers.get("Expect", "").lower() == "100-continue"
        connection.set_max_body_size(max(length, patience) + 1)
        if length > patience or (waits and length > self._limit):
            self._refuse_as_too_large()

    def data_received(self, chunk: bytes) -> None:
        """Keep a piece of the body, unless the whole is over the limit already."""
        if not self._takes_body:
            return
        self._received += len(chunk)
        if self._received <= self._limit:
            self._pieces.append(chunk)
            return
        self._pieces.clear()
        if self._received > limits.PATIENCE * self._limit:
            self._refuse_as_too_large()

    async def get(self, **path: str) -> None:
        """Answer; every method Tornado knows comes here, and the core decides."""
        if self._finished:
            return
        request = Request(
            method=str(self.request.method),
            path=path,
            headers=self.request.headers,
            body=b"".join(self._pieces),
            body_too_large=self._received > self._limit,
            target=str(self.request.path),
            base=str(self.request.path).rsplit("/", self._depth)[0] if self._depth else "",
        )
        self._task = asyncio.ensure_future(answer(request, self._operations))
        try:
            given = await self._task
        except asyncio.CancelledError:
            return  # the client went away, so there is nobody to answer
        if given.stream is None or self.request.method == "HEAD":
            self._send(given)
            return
        self._task = asyncio.ensure_future(self._send_stream(given, given.stream))
        with contextlib.suppress(asyncio.CancelledError, StreamClosedError):
            await self._task

    head = post = put = patch = delete = options = get

    def on_connection_close(self) -> None:
        """Stop the work of a client that went away."""
        if self._task is not None:
            self._task.cancel()

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Answer what Tornado itself refuses, in the same shape as everything else."""
        error = kwargs.get("exc_info", (None, None, None))[1]
        request_id = request_id_of(Request("", headers=self.request.headers))
        if status_code == 405:
            told = not_allowed(str(self.request.method), self._operations)
        elif isinstance(error, HTTPError) and status_code < 500:
            told = problem.Problem(status_code, "The address or the headers cannot be read.")
        else:
            told = problem.problem_of(error or RuntimeError("unknown"), request_id)
        self._send(finished(problem.response(told), request_id))

    def _refuse_as_too_large(self) -> None:
        if not self._finished:
            request_id = request_id_of(Request("", headers=self.request.headers))
            self._send(finished(problem.response(limits.too_large()), request_id))

    def _send(self, given: Response) -> Awaitable[None]:
        self._set_head(given)
        return self.finish(given.body or None)

    async def _send_stream(self, given: Response, stream: AsyncIterator[bytes]) -> None:
        """Send each piece when it is there and the client has taken the one before."""
        self._set_head(given)
        async for piece in stream:
            self.write(piece)
            await self.flush()
        self.finish()

    def _set_head(self, given: Response) -> None:
        self.set_status(given.status)
        for name, value in given.headers.items():
            self.set_header(name, value)
