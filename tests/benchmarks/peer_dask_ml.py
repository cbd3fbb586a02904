"""Peer: dask-ml's KMeans on Parquet partitions, on a LocalCluster of two workers; JSON on stdout.

It runs in the environment of the peers, so it imports nothing of this repository.
"""

import json
import sys
import time
import warnings

N_WORKERS = 2


def fit(path: str, n_clusters: int) -> dict[str, float]:
    """Return seconds of loading and of fitting, and the inertia, with dask-ml's own defaults."""
    import dask.array as da
    import dask.dataframe as dd
    from dask_ml.cluster import KMeans
    from distributed import Client, LocalCluster

    options = {"n_workers": N_WORKERS, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as cluster, Client(cluster):
        began = time.perf_counter()
        values = dd.read_parquet(path).to_dask_array(lengths=True).persist()
        n_rows = int((values[:, 0] == values[:, 0]).sum().compute())  # all partitions are there
        loaded = time.perf_counter()
        model = KMeans(n_clusters=n_clusters, random_state=0).fit(values)
        fitted = time.perf_counter()
        # Its own inertia_ is a sum of distances, not of their squares.
        centres = da.from_array(model.cluster_centers_)[model.labels_.astype(int)]
        inertia = float(((values.astype("f8") - centres) ** 2).sum().compute())
    return {
        "rows": n_rows,
        "load_seconds": loaded - began,
        "fit_seconds": fitted - loaded,
        "inertia": inertia,
        "passes": int(model.n_iter_),
    }


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(fit(sys.argv[1], int(sys.argv[2]))))
