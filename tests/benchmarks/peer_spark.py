"""Peer: Spark ML's KMeans on Parquet partitions, in a JVM of two threads; JSON on stdout.

It runs in the environment of the peers, so it imports nothing of this repository.
"""

import json
import sys
import time

MEMORY = "6g"
CORES = 2
MOST_PASSES = 300  # as for the others; Spark itself stops after 20


def fit(path: str, n_clusters: int) -> dict[str, float]:
    """Return seconds of loading (cached as vectors) and of fitting, and the inertia."""
    from pyspark.ml.clustering import KMeans
    from pyspark.ml.feature import VectorAssembler
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master(f"local[{CORES}]").config("spark.driver.memory", MEMORY)
    builder = builder.config("spark.ui.enabled", "false").config("spark.log.level", "ERROR")
    spark = builder.getOrCreate()
    began = time.perf_counter()
    frame = spark.read.parquet(path)
    columns = [f"c{number}" for number in range(len(frame.columns))]  # no brackets in names
    vectors = VectorAssembler(inputCols=columns, outputCol="features").transform(
        frame.toDF(*columns)
    )
    vectors = vectors.select("features").cache()
    n_rows = vectors.count()
    loaded = time.perf_counter()
    model = KMeans(k=n_clusters, seed=0, maxIter=MOST_PASSES).fit(vectors)
    fitted = time.perf_counter()
    found = {
        "rows": n_rows,
        "load_seconds": loaded - began,
        "fit_seconds": fitted - loaded,
        "inertia": float(model.summary.trainingCost),
        "passes": int(model.summary.numIter),
    }
    spark.stop()
    return found


if __name__ == "__main__":
    print(json.dumps(fit(sys.argv[1], int(sys.argv[2]))))
