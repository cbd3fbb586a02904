"""Evidence for k = 2 to 10 on the Mall table (200 rows, 2 columns, k-means, 100 bootstraps)."""

import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from sklearn.cluster import KMeans
from sklearn.metrics import (
    adjusted_rand_score,
    calinski_harabasz_score,
    davies_bouldin_score,
    silhouette_score,
)
from sklearn.preprocessing import StandardScaler

from mall_app.data import load_customers
from mall_app.data.table import Table
from mall_app.engine import Engine
from mall_app.evidence import evidence
from mall_app.settings import Settings
from tests.benchmarks.timing import markdown_table, verdict

FEATURES = ("Annual Income (k$)", "Spending Score (1-100)")
KS = range(2, 11)
N_BOOTSTRAPS = 100
ROUNDS = 3
WORKERS = 2
AIM_SECONDS = 5.0
PEER = "a plain loop over scikit-learn"
COLD = """
from mall_app.data import load_customers
from mall_app.data.table import Table
from mall_app.evidence import evidence
from mall_app.settings import Settings
evidence(Table.from_frame(load_customers()), Settings(features={features!r}), range(2, 11))
"""


def settings(random_state: int) -> Settings:
    """Return what is asked; another seed is another question."""
    return Settings(features=FEATURES, random_state=random_state)


def here(table: Table, seed: int) -> None:
    """Gather evidence in this process."""
    evidence(table, settings(seed), KS, n_bootstraps=N_BOOTSTRAPS)


def cold() -> None:
    """Gather evidence in a new interpreter, imports and all."""
    subprocess.run([sys.executable, "-c", COLD.format(features=FEATURES)], check=True)


def plain_loop(values: np.ndarray, seed: int) -> dict[int, tuple[float, ...]]:
    """Score and bootstrap each k as one would by hand with scikit-learn.

    It does less than evidence does: no gap statistic, no null test, no overlap of segments.
    """
    generator, found = np.random.default_rng(seed), {}
    draws = [generator.integers(len(values), size=len(values)) for _ in range(N_BOOTSTRAPS)]
    for k in KS:
        labels = KMeans(k, n_init=10, random_state=seed).fit_predict(values)
        again = [
            KMeans(k, n_init=10, random_state=seed).fit(values[rows]).predict(values)
            for rows in draws
        ]
        agreement = [adjusted_rand_score(labels, other) for other in again]
        scores = (silhouette_score, davies_bouldin_score, calinski_harabasz_score)
        found[k] = (float(np.mean(agreement)), *(float(own(values, labels)) for own in scores))
    return found


def seconds_of(call: Callable[..., object], *args: object) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    call(*args)
    return time.perf_counter() - began


def report() -> str:
    """Return the table: the best of a few rounds, since the machine is seldom ours alone."""
    table = Table.from_frame(load_customers())
    engine = Engine(WORKERS, deadline=60)

    def over_workers(seed: int) -> None:
        engine.evidence(table, settings(seed), KS, n_bootstraps=N_BOOTSTRAPS).result()

    values = StandardScaler().fit_transform(table.frame[list(FEATURES)].to_numpy(float))
    seconds = {f"{WORKERS} workers, not yet started": [seconds_of(over_workers, ROUNDS)]}
    for seed in range(ROUNDS):  # in turns, so that a drift of the machine hits every side alike
        for name, call, *args in (
            ("one process", here, table, seed),
            ("one process, a new interpreter", cold),
            (f"{WORKERS} workers", over_workers, seed),
            (PEER, plain_loop, values, seed),
        ):
            seconds.setdefault(name, []).append(seconds_of(call, *args))
    engine.close()
    best = {name: min(own) for name, own in seconds.items()}
    return markdown_table(
        ("where", "seconds", f"of {PEER}", "aim"),
        [
            (
                name,
                f"{own:.2f}",
                f"{own / best[PEER]:.2f}",
                "" if name == PEER else verdict(own, AIM_SECONDS, "s"),
            )
            for name, own in best.items()
        ],
    )
