"""Our side of the Dask benchmark, in a process of its own; JSON on stdout, a line for each folder.

``python -m tests.benchmarks.dask_fit FOLDER ...`` clusters each folder of Parquet files in turn.
"""

import json
import os
import sys
import time
from pathlib import Path

from mall_app import ClusteringModel
from mall_app.partitions.client import connected

N_CLUSTERS = 5
N_WORKERS = 2


def fit(folder: str) -> dict[str, float]:
    """Return seconds from a path to a result with every score, and what it came to."""
    began = time.perf_counter()
    model = ClusteringModel(folder, engine="dask", n_clusters=N_CLUSTERS, scaling="none")
    seconds = time.perf_counter() - began
    result = model.result
    silhouette = result.metrics["silhouette_score"]
    return {
        "rows": model.table.n_customers,
        "seconds": seconds,
        "inertia": result.inertia or 0.0,
        "silhouette": silhouette.value or 0.0,
        "standard_error": silhouette.standard_error or 0.0,
        "peak_mib": max(map(peak_mib, family())),
    }


def family() -> list[int]:
    """Return the ids of this process and of all that it started, directly or not."""
    found, waiting = [], [os.getpid()]
    while waiting:
        found.append(waiting.pop())
        for listing in Path(f"/proc/{found[-1]}/task").glob("*/children"):
            waiting += map(int, listing.read_text().split())
    return found


def peak_mib(pid: int) -> float:
    """Return the most memory that a process ever had resident, in MiB; 0 when it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    kib = [float(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    return kib[0] / 1024 if kib else 0.0


def main() -> None:
    """Start the cluster, which counts for nobody, and cluster each folder named."""
    os.environ["MALL_DASK_WORKERS"] = str(N_WORKERS)
    with connected():
        pass
    for folder in sys.argv[1:]:
        print(json.dumps(fit(folder)), flush=True)


if __name__ == "__main__":
    main()
