"""Wait for what happens in another process."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

PATIENCE = 120.0  # the first worker of a machine may have to compile
"""Seconds; far more than needed, so that only a hang fails a test."""


def until(happened: Callable[[], object]) -> None:
    """Return as soon as it has happened; fail when it does not."""
    end = time.monotonic() + PATIENCE
    while not happened():
        assert time.monotonic() < end, "it never happened"
        time.sleep(0.01)


def gone(pid: int) -> bool:
    """Whether no process of that id runs (one that only waits to be reaped is gone too)."""
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        pass
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return os.path.isdir("/proc/self")  # with no /proc, a process that takes signals is there
