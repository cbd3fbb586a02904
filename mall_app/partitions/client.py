"""The Dask scheduler that partitions are worked on by: one that is named, or one of our own.

======================================== ==========================================================
variable of the environment              what it says
======================================== ==========================================================
``MALL_DASK_SCHEDULER``                  address of a scheduler that runs, ``tcp://host:8786``
``MALL_DASK_WORKERS``                    workers of our own cluster; the number of cores by default
``MALL_DASK_WORKER_MEMORY_MB``           memory of each of them; an even share by default
======================================== ==========================================================
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from subprocess import DEVNULL, PIPE, Popen
from threading import Lock
from typing import Any

import dask
from distributed import Client

from mall_app.errors import EngineUnavailable
from mall_app.kernels.compiled import THREADS as KERNEL_THREADS
from mall_app.partitions.workers import Workers, why_nothing_runs

SCHEDULER = "MALL_DASK_SCHEDULER"
WORKERS = "MALL_DASK_WORKERS"
WORKER_MEMORY_MB = "MALL_DASK_WORKER_MEMORY_MB"
SECONDS_TO_CONNECT = 5
SECONDS_FOR_WORKERS = 10
LEAST_MEMORY_MB = 350  # what a worker takes with all its libraries, before any customer
_QUIET: dict[str, Any] = {
    "distributed.comm.timeouts.connect": f"{SECONDS_TO_CONNECT}s",
    # A table that is held in memory travels with the tasks, so that it outlives a worker.
    "distributed.admin.large-graph-warning-threshold": "100GB",
}


@contextmanager
def connected(address: str | None = None) -> Iterator[Workers]:
    """Give workers for one calculation; what they hold for it is dropped at the end.

    May be used from any thread, and several times at once. When this process ends, however it
    does, the scheduler drops what is under way here.

    Parameters
    ----------
    address : str, optional
        Of a scheduler; see `scheduler_address` for the default.

    Raises
    ------
    EngineUnavailable
        There is no scheduler at the address within 5 seconds, or it has no worker within 10, or
        none with enough memory to start on anything.
    """
    address = scheduler_address() if address is None else address
    with _quiet().while_used():
        client = _client(address)
        try:
            _wait_for_workers(client, address)
            workers = Workers(client)
            _check_memory(workers.largest_memory)
            yield workers
        finally:
            client.close(timeout=SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]


def scheduler_address() -> str:
    """Give the address in the environment, or that of this process's own cluster, started now.

    Raises
    ------
    EngineUnavailable
        A cluster could not be started.
    """
    return os.environ.get(SCHEDULER) or _own().address()


def close_cluster() -> None:
    """End the cluster of this process, if there is one; it is started anew when needed."""
    _own().close()


class _ClosedOnFailure(Client):
    """A client that cleans up at once when it cannot connect.

    Left to the garbage collector it may do so while another client is being made in the same
    thread, and both wait for one lock for ever.
    """

    def __init__(self, address: str) -> None:
        try:
            super().__init__(address, timeout=SECONDS_TO_CONNECT, set_as_default=False)  # type: ignore[no-untyped-call]
        except BaseException:
            if self.status != "newly-created":
                self.close(timeout=SECONDS_TO_CONNECT)  # type: ignore[no-untyped-call]
            raise


def _client(address: str) -> Client:
    try:
        return _ClosedOnFailure(address)
    except (OSError, ValueError, TimeoutError) as error:
        raise EngineUnavailable(
            f"There is no Dask scheduler at {address}: start one, or set {SCHEDULER} to the "
            "address of one that runs, such as tcp://host:8786."
        ) from error


def _wait_for_workers(client: Client, address: str) -> None:
    try:
        client.wait_for_workers(1, timeout=SECONDS_FOR_WORKERS)
    except TimeoutError as error:
        workers = client.scheduler_info(n_workers=-1)["workers"]  # those that have paused
        raise EngineUnavailable(
            why_nothing_runs(workers)
            if workers
            else f"The Dask scheduler at {address} has no workers; start some, and try again."
        ) from error


def _check_memory(n_bytes: float) -> None:
    """Refuse at once what would else start, die and start again for a minute."""
    if n_bytes < LEAST_MEMORY_MB * 10**6:
        raise EngineUnavailable(
            f"The Dask workers have {n_bytes / 10**6:,.0f} MB of memory each, and need "
            f"{LEAST_MEMORY_MB} MB for themselves: give them more "
            f"({WORKER_MEMORY_MB} for those that are started here)."
        )


class _Quiet:
    """Dask's configuration as it has to be while this process works with a cluster.

    It is one for all threads: the first to come sets it, and the last to go puts it back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._users = 0
        self._before = ExitStack()

    @contextmanager
    def while_used(self) -> Iterator[None]:
        with self._lock:
            if not self._users:
                self._before.enter_context(dask.config.set(_QUIET))
            self._users += 1
        try:
            yield
        finally:
            with self._lock:
                self._users -= 1
                if not self._users:
                    self._before.close()


@cache
def _quiet() -> _Quiet:
    return _Quiet()


class _OwnCluster:
    """One scheduler and its workers for all of this process, when first needed."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: Popen[str] | None = None
        self._address = ""
        atexit.register(self.close)

    def address(self) -> str:
        with self._lock:
            if self._process is None or self._process.poll() is not None:
                self._process, self._address = _started()
            return self._address

    def close(self) -> None:
        with self._lock:
            process, self._process = self._process, None
        if process is not None:
            process.communicate()  # its input ends, and so does it


@cache
def _own() -> _OwnCluster:
    return _OwnCluster()


def _started() -> tuple[Popen[str], str]:
    memory = _whole_number(WORKER_MEMORY_MB)
    _check_memory(float("inf") if memory is None else memory * 10**6)
    n_workers = _whole_number(WORKERS) or os.cpu_count() or 1
    command = [sys.executable, "-m", "mall_app.partitions.own_cluster", f"--workers={n_workers}"]
    command += [f"--memory={memory}MB"] if memory else []
    environment = {
        "PYTHONPATH": os.pathsep.join(own for own in sys.path if own),
        "NUMBA_NUM_THREADS": "1",  # a worker is one thread, its kernels as well
        KERNEL_THREADS: "1",
    }
    process = Popen(
        command,
        stdin=PIPE,
        stdout=PIPE,
        stderr=DEVNULL,
        text=True,
        env=os.environ | environment,
        start_new_session=True,  # who interrupts a cell does not mean the cluster
    )
    assert process.stdout is not None
    address = process.stdout.readline().strip()
    if not address:
        process.communicate()
        raise EngineUnavailable("A Dask cluster could not be started on this machine.")
    return process, address


def _whole_number(name: str) -> int | None:
    text = os.environ.get(name)
    if not text:
        return None
    if not text.isdecimal() or int(text) == 0:
        raise EngineUnavailable(f"{name} must be a whole number above 0, not {text!r}.")
    return int(text)
