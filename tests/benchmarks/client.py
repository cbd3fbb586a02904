"""A lean HTTP/1.1 client, the same for every server that is timed.

A general client spends about a millisecond a call on itself, which is as long as the calls
to be timed. This one keeps its connection open, sends each request in one packet, and reads
an answer that says its length.
"""

import json
import selectors
import socket
import time
from collections.abc import Callable, Iterator
from types import TracebackType

RECEIVE_BYTES = 1 << 18
ANSWER_SECONDS = 60


class Connection:
    """One connection to a server on this machine, kept open between requests."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._received = b""
        self._end = -1

    def __enter__(self) -> "Connection":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.socket.close()

    def send(self, path: str, body: dict[str, object]) -> None:
        """Send a ``POST`` of a JSON body, without waiting for the answer."""
        payload = json.dumps(body).encode()
        head = (
            f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        )
        self._received, self._end = b"", -1
        self.socket.sendall(head.encode() + payload)

    def read_some(self) -> bool:
        """Read what has come, and return whether the answer is whole."""
        chunk = self.socket.recv(RECEIVE_BYTES)
        if not chunk:
            raise ConnectionError("The server closed the connection before its answer ended.")
        self._received += chunk
        if self._end < 0:
            self._end = _answer_length(self._received)
        return 0 <= self._end <= len(self._received)

    def answer(self) -> bytes:
        """Return the body of the answer that is now whole; refuse one that is not a 200."""
        head, _, body = self._received.partition(b"\r\n\r\n")
        status = head.split(b" ", 2)[1]
        if status != b"200":
            raise RuntimeError(f"The server answered {status.decode()}: {body[:500].decode()}")
        return body

    def post(self, path: str, body: dict[str, object]) -> bytes:
        """Send a ``POST`` and return the body of its answer."""
        self.send(path, body)
        while not self.read_some():
            pass
        return self.answer()


def _answer_length(received: bytes) -> int:
    """Return the length of head and body together, or -1 while the head is not whole."""
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return -1
    for line in received[:head_end].split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return head_end + 4 + int(value)
    raise RuntimeError("The server sent an answer without a Content-Length.")


def calls_per_second(
    port: int,
    path: str,
    bodies: Iterator[dict[str, object]],
    *,
    connections: int = 8,
    seconds: float = 3.0,
) -> float:
    """Return how many calls a second a server answers when several callers never pause.

    One thread serves every connection, so that the caller takes as little of the machine
    as it can from the server.
    """
    open_connections = [Connection(port) for _ in range(connections)]
    try:
        return _keep_busy(open_connections, lambda one: one.send(path, next(bodies)), seconds)
    finally:
        for connection in open_connections:
            connection.socket.close()


def _keep_busy(
    connections: list[Connection], send: Callable[[Connection], None], seconds: float
) -> float:
    """Send on every connection, and again as soon as it has its answer, until time is up."""
    answered = 0
    with selectors.DefaultSelector() as selector:
        for connection in connections:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            send(connection)
        started = time.perf_counter()
        while time.perf_counter() - started < seconds:
            for key, _ in selector.select(timeout=ANSWER_SECONDS):
                connection = key.data
                if connection.read_some():
                    connection.answer()
                    answered += 1
                    send(connection)
        return answered / (time.perf_counter() - started)
