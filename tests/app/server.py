"""The real server in a process of its own, as a person starts it."""

from __future__ import annotations

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 90


@contextmanager
def served(log: Path) -> Iterator[int]:
    """Serve app and API on a free port, and give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = ["-m", "panel", "serve", "mall_app/app.py", "--plugins", "api", "--port", str(port)]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            [sys.executable, *command], cwd=REPOSITORY, stdout=output, stderr=subprocess.STDOUT
        ) as process,
    ):
        try:
            wait_until_ready(process, port)
            yield port
        finally:
            process.terminate()


def wait_until_ready(process: subprocess.Popen[bytes], port: int) -> None:
    """Ask for its health until it is ready."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, "The server ended before it was ready."
        try:
            if ask(port, "GET", "/health/ready")[0] == 200:
                return
        except OSError:
            pass  # it does not listen yet
        time.sleep(0.1)
    raise TimeoutError(f"The server was not ready after {START_SECONDS} s.")


def ask(port: int, method: str, path: str, body: Any = None) -> tuple[int, Any]:
    """Send a request; give the status and the JSON of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json"} if body is not None else {}
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()
