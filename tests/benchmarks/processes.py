"""Servers started for a benchmark, each a process of its own, and stopped after it."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 10


def peers_python() -> str:
    """Return the Python of the environment that holds the peers which are only timed.

    Its folder is in ``MALL_BENCH_PEERS``, as ``make bench`` has it, or beside this one's.
    """
    folder = Path(os.environ.get("MALL_BENCH_PEERS", f"{sys.prefix}-peers"))
    return str(folder / "bin" / "python")


def free_port() -> int:
    """Return a port of the loopback address that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    arguments: Sequence[str],
    port: int,
    ready_path: str,
    environment: Mapping[str, str] | None = None,
    python: str = sys.executable,
) -> Iterator[float]:
    """Run a Python module as a server and give the seconds that it took to become ready."""
    started = time.perf_counter()
    process = subprocess.Popen(
        [python, "-m", *arguments],
        cwd=REPOSITORY,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_until_ready(process, port, ready_path)
        yield time.perf_counter() - started
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_ready(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Ask for a path until it answers 200."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"{process.args!r} ended at once, with {process.returncode}.")
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            connection.close()
        time.sleep(0.05)
    raise TimeoutError(f"{process.args!r} was not ready after {START_SECONDS} s.")
