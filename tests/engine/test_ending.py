"""What is left when an engine is closed or its server killed: nothing."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from mall_app.engine import Engine
from tests.engine import tasks
from tests.engine.waiting import PATIENCE, gone, until


def test_closing_kills_everything_and_leaves_nobody_waiting(tmp_path: Path) -> None:
    engine = Engine(workers=1, queue=2)
    told = tmp_path / "pid"
    running = engine.call(tasks.sleep_and_tell, str(told))
    waiting = engine.call(tasks.add, 1, 2)
    until(lambda: told.exists() and told.read_text())
    engine.close()
    assert gone(int(told.read_text()))
    for work in (running, waiting):
        with pytest.raises(CancelledError):
            work.result(PATIENCE)
    engine.close()


SCRIPT = """
import os, sys
from mall_app.engine import Engine
from tests.engine import tasks

if __name__ == "__main__":
    engine = Engine(workers=1)
    engine.call(tasks.sleep_and_tell, sys.argv[1]).result()
"""


def test_a_killed_server_leaves_no_busy_worker_behind(tmp_path: Path) -> None:
    script, told = tmp_path / "server.py", tmp_path / "pid"
    script.write_text(SCRIPT)
    root = Path(__file__).parents[2]
    server = subprocess.Popen(
        [sys.executable, str(script), str(told)], env={**os.environ, "PYTHONPATH": str(root)}
    )
    until(lambda: told.exists() and told.read_text())
    server.kill()
    server.wait()
    until(lambda: gone(int(told.read_text())))
