"""What a worker process does when it starts."""

from __future__ import annotations

import contextlib
import ctypes
import os
import resource
import signal
import sys

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

_PR_SET_PDEATHSIG = 1


def prepare_worker(n_threads: int, memory_bytes: int) -> None:
    """Bound this process, so that a fit that goes wrong hurts nobody else.

    Parameters
    ----------
    n_threads : int
        Threads its numeric libraries may use; workers times threads is the number of cores.
    memory_bytes : int
        Address space it may take, on Linux; more raises MemoryError in the fit. 0 is no bound.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    die_with_parent()
    os.environ.setdefault("NUMBA_NUM_THREADS", str(n_threads))
    threadpool_limits(n_threads)
    if memory_bytes and sys.platform == "linux":  # macOS refuses a bound on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def die_with_parent() -> None:
    """Ask Linux to kill this process when its parent ends, so that no busy orphan stays."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def warm_up() -> bool:
    """Import and run what every fit needs once, so that the first user does not wait for it."""
    import pandas as pd

    from mall_app.data.table import Table
    from mall_app.fit import fit
    from mall_app.settings import Settings

    fit(Table.from_frame(pd.DataFrame({"a": [0.0, 1.0, 5.0, 6.0]})), Settings(n_clusters=2))
    return True
