"""A million customers in one process, against plain scikit-learn; every algorithm at size.

Each side is a process of its own that has loaded its libraries, and its machine code, on a small
table first. Memory is by how much the process grew at most from there, its table included.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import pandas as pd

from mall_app.algorithms import algorithms
from tests.benchmarks.customers_file import COLUMNS, customers
from tests.benchmarks.timing import markdown_table, verdict

ROWS = 1_000_000
WARM_ROWS = 120_000
SIZES = (100_000, 1_000_000)
MOST_SECONDS = 10.0


def report() -> str:
    """Return the table end to end, and that of the algorithms."""
    with tempfile.TemporaryDirectory() as folder:
        files = {rows: write_file(Path(folder), rows) for rows in (WARM_ROWS, *SIZES)}
        sides = {side: run(side, files[ROWS], files[WARM_ROWS]) for side in ("plain", "ours")}
        again = {side: run(side, files[ROWS], files[WARM_ROWS]) for side in ("plain", "ours")}
        best = {side: min(sides[side], again[side], key=total) for side in sides}
        return f"{end_to_end(best)}\n\n{by_algorithm(files)}"


def write_file(folder: Path, rows: int) -> Path:
    """Write made-up customers as float64 into one Parquet file."""
    path = folder / f"customers_{rows}.parquet"
    frame = pd.DataFrame(customers(rows, 0), columns=list(COLUMNS)).astype("float64")
    frame.to_parquet(path, index=False)
    return path


def run(side: str, path: Path, warm_path: Path) -> dict[str, Any]:
    """Run a side in a process of its own."""
    command = [sys.executable, "-m", "tests.benchmarks.large_fit", side, path, warm_path]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def total(own: dict[str, Any]) -> float:
    """Return the seconds of all stages."""
    return float(sum(own["stages"].values()))


def end_to_end(best: dict[str, dict[str, Any]]) -> str:
    """Return the stages of both sides, and how memory compares with the table."""
    plain, ours = best["plain"], best["ours"]
    table_mb = ROWS * len(COLUMNS) * 8 / 2**20
    pairs = [(name, plain["stages"][name], ours["stages"][name]) for name in ours["stages"]]
    pairs.append(("in all", total(plain), total(ours)))
    rows = [(name, f"{a:.2f} s", f"{b:.2f} s", f"{a / b:.1f}") for name, a, b in pairs]
    grown = [own["grown_mb"] for own in (plain, ours)]
    rows.append(
        (
            "memory, tables",
            *(f"{own / table_mb:.1f}" for own in grown),
            f"{grown[0] / grown[1]:.1f}",
        )
    )
    excess = ours["inertia"] / plain["inertia"] - 1
    table = markdown_table((f"{ROWS:,} x {len(COLUMNS)}, k=5", "plain", "ours", "ratio"), rows)
    return (
        f"{table}\n\nIn all {verdict(total(ours), 4.0, 's')}; memory "
        f"{verdict(grown[1] / table_mb, 4.0, 'tables')}; inertia {excess:+.1e} of the plain one."
    )


def by_algorithm(files: dict[int, Path]) -> str:
    """Return how long each algorithm takes with its defaults, scores and profile included."""
    rows = []
    slowest = 0.0
    for key in algorithms():
        cells = [key]
        for size in SIZES:
            own = run(key, files[size], files[WARM_ROWS])
            slowest = max(slowest, own["seconds"])
            cells += [f"{own['seconds']:.1f} s", f"{own['strategy']} ({own['seen']:,})"]
        rows.append(tuple(cells))
    header = tuple(cell for size in SIZES for cell in (f"{size:,} rows", "seen"))
    table = markdown_table(("algorithm", *header), rows)
    return f"{table}\n\nThe slowest {verdict(slowest, MOST_SECONDS, 's')}."
