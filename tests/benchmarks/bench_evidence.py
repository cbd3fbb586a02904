"""Evidence for k = 2 to 10 on the Mall table (200 rows, 2 columns, k-means, 100 bootstraps)."""

import subprocess
import sys
import time

from mall_app.data import load_customers
from mall_app.data.table import Table
from mall_app.engine import Engine
from mall_app.evidence import evidence
from mall_app.settings import Settings
from tests.benchmarks.timing import markdown_table, verdict

FEATURES = ("Annual Income (k$)", "Spending Score (1-100)")
ROUNDS = 3
WORKERS = 2
AIM_SECONDS = 5.0
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
    evidence(table, settings(seed), range(2, 11), n_bootstraps=100)


def cold() -> None:
    """Gather evidence in a new interpreter, imports and all."""
    subprocess.run([sys.executable, "-c", COLD.format(features=FEATURES)], check=True)


def seconds_of(call: object, *args: object) -> float:
    """Return how long a call takes."""
    began = time.perf_counter()
    call(*args)  # type: ignore[operator]
    return time.perf_counter() - began


def report() -> str:
    """Return the table: the best of a few rounds, since the machine is seldom ours alone."""
    table = Table.from_frame(load_customers())
    engine = Engine(WORKERS, deadline=60)

    def over_workers(seed: int) -> None:
        engine.evidence(table, settings(seed), range(2, 11), n_bootstraps=100).result()

    first = seconds_of(over_workers, 0)
    rows = {
        "one process": min(seconds_of(here, table, seed) for seed in range(ROUNDS)),
        "one process, a new interpreter": min(seconds_of(cold) for _ in range(ROUNDS)),
        f"{WORKERS} workers": min(seconds_of(over_workers, 1 + seed) for seed in range(ROUNDS)),
        f"{WORKERS} workers, not yet started": first,
    }
    engine.close()
    return markdown_table(
        ("where", "seconds", "aim"),
        [(name, f"{own:.2f}", verdict(own, AIM_SECONDS, "s")) for name, own in rows.items()],
    )
