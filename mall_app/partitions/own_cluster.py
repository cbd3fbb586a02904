"""A Dask cluster of this machine, in processes of its own.

``python -m mall_app.partitions.own_cluster`` is started by `mall_app.partitions.client`. Apart from
the process that needs it, it takes no time from a page that is served there, and its workers do
not import the script or the notebook they are used from. It says its address on one line, and ends
when its input does: with the process that started it, however that ends.
"""

from __future__ import annotations

import argparse
import logging
import sys
import time
from functools import partial
from threading import Thread
from typing import Any

import dask
from distributed import Client, LocalCluster

from mall_app.partitions.workers import MOST_LOOKS, SECONDS_BETWEEN_LOOKS


def main() -> None:
    """Run a cluster until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--memory", default="auto", help="of each worker, such as 2000MB")
    longest = MOST_LOOKS * SECONDS_BETWEEN_LOOKS
    parser.add_argument("--patience", type=float, default=longest, help="with workers that pause")
    arguments = parser.parse_args()
    # What lies with the workers was measured to fit, and would be slower to read from a disk.
    dask.config.set({"distributed.worker.memory.target": False})
    # Dask sets MALLOC_TRIM_THRESHOLD_, after which glibc gets each array of 128 kB from the system
    # and gives it back; this is what it comes to by itself where nobody sets that.
    dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 * 2**20})
    given = dask.config.get("distributed.worker.preload", [])
    dask.config.set({"distributed.worker.preload": [*given, "mall_app.partitions.warming"]})
    cluster = LocalCluster(  # type: ignore[no-untyped-call]
        n_workers=arguments.workers,
        threads_per_worker=1,
        processes=True,
        memory_limit=arguments.memory,
        dashboard_address=None,
        scheduler_kwargs={"dashboard_address": "127.0.0.1:0"},  # its health page, and for us alone
        silence_logs=logging.CRITICAL,
    )
    sys.stdout.write(f"{cluster.scheduler_address}\n")
    sys.stdout.flush()
    start_anew = partial(_start_anew, cluster, arguments.patience)
    Thread(target=start_anew, name="start-anew", daemon=True).start()
    sys.stdin.read()
    cluster.close()


def _start_anew(cluster: LocalCluster, patience: float) -> None:
    """Start workers anew when all have paused for so many seconds.

    What they had to do is given up by then, and dropped; but memory may not go back to the system
    from where it is freed, and a worker of Dask that has too much of it pauses for ever.
    """
    with Client(cluster, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        paused = 0.0
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            workers: dict[str, Any] = client.scheduler_info(n_workers=-1)["workers"]
            stuck = bool(workers) and all(own["status"] == "paused" for own in workers.values())
            paused = paused + SECONDS_BETWEEN_LOOKS if stuck else 0.0
            if paused > patience:
                client.restart_workers(list(workers))
                paused = 0.0


if __name__ == "__main__":
    main()
