"""What a worker process does when it starts."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
import sys
import threading
from multiprocessing.connection import Connection

from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from mall_app.engine.reports import report_through
from mall_app.kernels import compiled


def prepare_worker(n_threads: int, memory_bytes: int, pipe: Connection) -> None:
    """Bound this process, so that a fit that goes wrong hurts nobody else.

    Parameters
    ----------
    n_threads : int
        Threads its numeric libraries may use; workers times threads is the number of cores.
    memory_bytes : int
        Address space it may take, on Linux; more raises MemoryError in the fit. 0 is no bound.
    pipe : Connection
        Where it says how far it is.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the server's to handle
    report_through(pipe)
    threading.Thread(target=die_with_server, name="die-with-server", daemon=True).start()
    # A fit that is alone gets every core: kernels of several share them without waiting.
    os.environ.setdefault(compiled.THREADS, str(compiled.n_threads()))
    os.environ.setdefault("NUMBA_NUM_THREADS", str(n_threads))
    numba = sys.modules.get("numba")
    if numba is not None:  # it has come with the fork server, which knew of no bound
        numba.config.reload_config()
    threadpool_limits(n_threads)
    if memory_bytes and sys.platform == "linux":  # macOS refuses a bound on address space
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def die_with_server() -> None:
    """Wait for the process that started this one, and end with it: no busy orphan stays.

    A death signal of Linux would not do: the parent here is the fork server, which lives as long
    as its workers.
    """
    server = multiprocessing.parent_process()
    if server is not None:
        server.join()
        os._exit(1)


def warm_up() -> bool:
    """Import and run what every fit needs once, so that the first user does not wait for it."""
    import pandas as pd

    from mall_app.data.table import Table
    from mall_app.fit import fit
    from mall_app.settings import Settings

    fit(Table.from_frame(pd.DataFrame({"a": [0.0, 1.0, 5.0, 6.0]})), Settings(n_clusters=2))
    return True
