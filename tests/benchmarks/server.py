"""The workbench itself, started as ``make serve`` starts it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.benchmarks.processes import free_port, running


@dataclass(frozen=True)
class Workbench:
    """A running server."""

    port: int
    seconds_to_ready: float


@contextmanager
def workbench() -> Iterator[Workbench]:
    """Run app and API on a free port of the loopback address."""
    port = free_port()
    command = ["panel", "serve", "mall_app/app.py", "--plugins", "api"]
    options = ["--warm", "--reuse-sessions", "--port", str(port), "--address", "127.0.0.1"]
    with running([*command, *options], port, "/health/ready") as seconds:
        yield Workbench(port, seconds)
