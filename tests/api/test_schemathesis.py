"""Schemathesis against the real server: ``panel serve mall_app/app.py --plugins api``."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from api.routes import OPERATIONS

ROOT = Path(__file__).parents[2]
START_SECONDS = 90


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """Serve as a user would, and wait until a fit could start."""
    number = free_port()
    folder = tmp_path_factory.mktemp("server")
    log = folder / "log"
    # Room for every model and table that is made up, so that none is refused for want of it.
    environment = {
        **os.environ,
        "MALL_MODELS_DIR": str(folder / "models"),
        "MALL_MODELS_MAX": "100000",
        "MALL_DATA_DIR": str(folder / "datasets"),
        "MALL_DATASETS_MAX": "100000",
    }
    command = [
        sys.executable,
        "-m",
        "panel",
        "serve",
        "mall_app/app.py",
        "--plugins",
        "api",
        "--port",
        str(number),
        "--address",
        "127.0.0.1",
    ]
    with log.open("w") as output:
        server = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=output, env=environment)
        try:
            wait_until_ready(server, number, log)
            yield number
            assert server.poll() is None, log.read_text()
        finally:
            server.terminate()
            server.wait(30)
    assert "Traceback" not in log.read_text()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(server: subprocess.Popen[bytes], number: int, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and server.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", number, timeout=5)
        try:
            connection.request("GET", "/health/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass  # it does not listen yet
        finally:
            connection.close()
        time.sleep(0.2)
    raise AssertionError(f"The server was not ready: {log.read_text()}")


def test_nothing_is_found(port):
    command = [
        sys.executable,
        "-m",
        "schemathesis.cli",
        "run",
        f"http://127.0.0.1:{port}/openapi.json",
        "--continue-on-failure",
        "--phases",
        "examples,coverage,fuzzing,stateful",
        "--mode",
        "all",
        "--no-color",
        "--max-examples",
        os.environ.get("MALL_FUZZ_EXAMPLES", "10"),
        "--seed",
        os.environ.get("MALL_FUZZ_SEED", "1"),
    ]
    # In the root it finds schemathesis.toml by itself, for a person as for this test. Every check
    # is on; one named here would be on even for the operations that the file takes it off for.
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=600)
    assert found.returncode == 0, found.stdout + found.stderr
    n_operations = sum(map(len, OPERATIONS.values()))
    assert f"{n_operations} selected / {n_operations} total" in found.stdout
