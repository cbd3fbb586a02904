"""Sizes of the engine from the environment, checked once."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from mall_app.environment import number, whole_number


@dataclass(frozen=True)
class EngineSizes:
    """How large the shared engine is.

    Parameters
    ----------
    workers : int
        Processes that fit: ``MALL_WORKERS``, or the number of cores.
    queue : int
        Calls that may wait: ``MALL_QUEUE``, or 16.
    deadline : float
        Seconds from a call to its answer: ``MALL_DEADLINE_SECONDS``, or 30.
    cache_bytes : int
        Bound on remembered results: ``MALL_CACHE_MB``, or 256 MB.
    worker_memory : int
        Bytes of address space of a worker; 0 is no bound. See `worker_memory`.
    """

    workers: int
    queue: int
    deadline: float
    cache_bytes: int
    worker_memory: int


def engine_sizes() -> EngineSizes:
    """Read the sizes of the shared engine from the environment.

    Raises
    ------
    SizeError
        A variable is no number or out of its range.
    """
    workers = whole_number("MALL_WORKERS", os.cpu_count() or 1, 1, 1_000)
    return EngineSizes(
        workers=workers,
        queue=whole_number("MALL_QUEUE", 16, 0, 100_000),
        deadline=number("MALL_DEADLINE_SECONDS", 30, 0.001, 86_400, whole=False),
        cache_bytes=whole_number("MALL_CACHE_MB", 256, 0, 1_000_000) * 2**20,
        worker_memory=worker_memory(workers),
    )


def worker_memory(workers: int) -> int:
    """Bytes a worker may take: ``MALL_WORKER_MEMORY_MB`` (0: no bound), or a share of all.

    Raises
    ------
    SizeError
        The variable is no whole number or out of its range.
    """
    given = whole_number("MALL_WORKER_MEMORY_MB", -1, 0, 10_000_000)
    return given * 2**20 if given >= 0 else memory_there_is() // workers


def memory_there_is(limit_file: Path = Path("/sys/fs/cgroup/memory.max")) -> int:
    """Bytes of the machine, or of the container when it has less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = limit_file.read_text().strip()
    except OSError:  # no container, or no Linux
        return machine
    return min(machine, int(limit)) if limit.isdigit() else machine
