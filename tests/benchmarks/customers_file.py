"""Writes made-up customers as partitions of Parquet: ``python -m tests.benchmarks.customers_file``.

Five groups that overlap, and one customer in twenty anywhere; each partition has a seed of its
own, so that the first partitions of a large table are a smaller table with the same groups.
"""

import argparse
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

COLUMNS = ("Age", "Annual Income (k$)", "Spending Score (1-100)")
CENTRES = np.array(
    [[30, 26, 79], [45, 27, 21], [43, 55, 50], [33, 87, 82], [41, 88, 17]], dtype=np.float32
)
SHARES = (0.12, 0.13, 0.4, 0.19, 0.16)
SPREAD = np.array([9.0, 10.0, 11.0], dtype=np.float32)
LOW, HIGH = (18.0, 15.0, 1.0), (70.0, 137.0, 100.0)
NOISE = 0.05
PART_ROWS = 1_000_000


def customers(n_rows: int, seed: int) -> np.ndarray:
    """Return age in years, income in k$ and score from 1 to 100, float32 of shape (n_rows, 3)."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((n_rows, len(COLUMNS)), dtype=np.float32)
    values *= SPREAD
    values += CENTRES[generator.choice(len(CENTRES), n_rows, p=SHARES)]
    anywhere = generator.random(n_rows, dtype=np.float32) < NOISE
    values[anywhere] = generator.uniform(LOW, HIGH, (int(anywhere.sum()), len(COLUMNS)))
    return values


def write_part(folder: Path, number: int, n_rows: int) -> None:
    """Write one partition, uncompressed: such numbers hardly get smaller."""
    columns = np.ascontiguousarray(customers(n_rows, number).T)
    table = pa.table(dict(zip(COLUMNS, columns, strict=True)))
    path = folder / f"part-{number:05d}.parquet"
    pq.write_table(table, path, compression="NONE", use_dictionary=False, write_statistics=False)


def write_customers(folder: Path, n_rows: int, part_rows: int = PART_ROWS) -> Path:
    """Write `n_rows` customers into a new folder and return it; two partitions are held at most."""
    folder.mkdir(parents=True)
    starts = range(0, n_rows, part_rows)
    sizes = [min(part_rows, n_rows - start) for start in starts]
    with ThreadPoolExecutor(2) as pool:
        for _ in pool.map(lambda own: write_part(folder, *own), enumerate(sizes)):
            pass
    return folder


def main() -> None:
    """Write a folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("rows", type=int)
    arguments = parser.parse_args()
    print(write_customers(arguments.folder, arguments.rows))


if __name__ == "__main__":
    main()
