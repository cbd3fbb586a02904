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

import dask
from distributed import LocalCluster


def main() -> None:
    """Run a cluster until the input ends."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, required=True)
    parser.add_argument("--memory", default="auto", help="of each worker, such as 2000MB")
    arguments = parser.parse_args()
    # What lies with the workers was measured to fit, and would be slower to read from a disk.
    dask.config.set({"distributed.worker.memory.target": False})
    # Dask sets MALLOC_TRIM_THRESHOLD_, after which glibc gets each array of 128 kB from the system
    # and gives it back; this is what it comes to by itself where nobody sets that.
    dask.config.set({"distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 32 * 2**20})
    dask.config.set({"distributed.worker.preload": ["mall_app.partitions.warming"]})
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
    sys.stdin.read()
    cluster.close()


if __name__ == "__main__":
    main()
