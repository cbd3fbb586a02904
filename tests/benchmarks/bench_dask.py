"""k-means with k = 5 on 3 columns in Parquet, partition by partition, on a cluster of 2 workers."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from tests.benchmarks.customers_file import PART_ROWS, write_customers
from tests.benchmarks.processes import REPOSITORY
from tests.benchmarks.timing import markdown_table, verdict

N_CLUSTERS = 5
ROWS = 20_000_000
RUNS = 3
SCALE = (1_000_000, 3_000_000, 10_000_000, 30_000_000, 100_000_000)
AIM_SECONDS, AIM_GIB, AIM_TIMES = 12.0, 3.0, 10.0
PEERS = {"dask-ml KMeans": "peer_dask_ml.py", "Spark ML KMeans": "peer_spark.py"}
OUTPUT = Path(__file__).parent / "output"
PEERS_VARIABLE = "MALL_BENCH_PEERS"


def first_parts(folder: Path, every: Path, n_rows: int) -> Path:
    """Return a folder of the first partitions of a larger table, which take no further room."""
    folder.mkdir()
    for part in sorted(every.iterdir())[: n_rows // PART_ROWS]:
        os.link(part, folder / part.name)
    return folder


def ours(*folders: Path) -> list[dict[str, float]]:
    """Cluster folders in one process after the other's file is in the page cache, as for all."""
    command = [sys.executable, "-m", "tests.benchmarks.dask_fit", *map(str, folders)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def peer(script: str, folder: Path) -> dict[str, float] | None:
    """Run a peer in its own environment; None when there is none."""
    environment = Path(os.environ.get(PEERS_VARIABLE, f"{sys.prefix}-peers"))
    python = environment / "bin" / "python"
    if not python.exists():
        return None
    command = [str(python), str(Path(__file__).parent / script), str(folder), str(N_CLUSTERS)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def against_peers(folder: Path) -> str:
    """Return the table of ours and the peers on one folder, one after the other."""
    _, own = ours(folder, folder)  # once to compile and to fill the page cache
    rows = [
        (
            "ours: load, fit, every score, profile",
            f"{own['seconds']:.1f}",
            f"{own['inertia']:.6g}",
            "1",
            verdict(own["seconds"], AIM_SECONDS, "s"),
        )
    ]
    for name, script in PEERS.items():
        found = peer(script, folder)
        if found is None:
            rows.append((name, "not installed", "", "", ""))
            continue
        for what, seconds in (
            ("fit alone", found["fit_seconds"]),
            ("load and fit", found["load_seconds"] + found["fit_seconds"]),
        ):
            times = seconds / own["seconds"]
            score = found["inertia"]
            met = "met" if times >= AIM_TIMES else "NOT met"
            aim = f"at least {AIM_TIMES:g}: {met}"
            rows.append(
                (
                    f"{name}, {what}",
                    f"{seconds:.1f}",
                    f"{found['inertia']:.6g}",
                    f"{times:.1f}",
                    aim,
                )
            )
    header = (f"{ROWS:,} rows", "seconds", "inertia", "times ours", "aim")
    peak = verdict(own["peak_mib"] / 1024, AIM_GIB, "GiB")
    score = f"{own['silhouette']:.4f} ± {own['standard_error']:.4f}"
    return (
        f"{markdown_table(header, rows)}\n\nPeak memory of any process {own['peak_mib']:.0f} MiB "
        f"({peak}); silhouette {score}. Starting cluster or JVM counts for nobody."
    )


def scaling(folders: list[Path]) -> str:
    """Return the table of cost against rows, and save its plot."""
    each = ours(folders[0], *folders * RUNS)[1:]
    runs = [each[number :: len(folders)] for number in range(len(folders))]
    found = [min(own, key=lambda run: run["seconds"]) for own in runs]
    rows = np.array([own["rows"] for own in found])
    seconds = np.array([own["seconds"] for own in found])
    slopes = np.diff(np.log(seconds)) / np.diff(np.log(rows))
    whole, height = np.polyfit(np.log(rows), np.log(seconds), 1)
    line = np.exp(height + whole * np.log(rows))
    explained = np.corrcoef(np.log(rows), np.log(seconds))[0, 1] ** 2
    # Weighted so that every size counts by its relative error, as on the plot.
    a_row, fixed = np.polyfit(rows, seconds, 1, w=1 / seconds)
    of_two = fixed + a_row * rows
    lines = [
        (
            f"{own['rows']:,}",
            f"{own['seconds']:.2f}",
            f"{own['seconds'] / own['rows'] * 1e6:.2f}",
            f"{each[number]['peak_mib']:.0f}",  # of the first run: it is the highest so far
            "" if number == 0 else f"{slopes[number - 1]:.2f}",
        )
        for number, own in enumerate(found)
    ]
    header = ("rows", "seconds", "µs a row", "peak MiB of a process", "slope from the row above")
    path = save_plot(rows, seconds, line)
    told = (
        f"The fastest of {RUNS} runs. The straight line on the plot has a slope of {whole:.2f} and "
        f"explains {explained:.1%} of the variance of the logarithms; no size is off it by more "
        f"than {np.abs(seconds / line - 1).max():.0%}. {fixed:.2f} s and "
        f"{a_row * 1e6:.3f} µs a row fit all sizes to {np.abs(seconds / of_two - 1).max():.0%}. "
        f"Plot: {path.relative_to(REPOSITORY)}"
    )
    return f"{markdown_table(header, lines)}\n\n{told}"


def save_plot(rows: np.ndarray, seconds: np.ndarray, line: np.ndarray) -> Path:
    """Draw cost against rows on logarithmic axes, with the straight line that is nearest to it."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    OUTPUT.mkdir(exist_ok=True)
    figure, axes = plt.subplots(figsize=(7, 4.5), layout="constrained")
    axes.loglog(rows, seconds, "o-", color="#0072B2", label="load, fit, every score, profile")
    straight = seconds[-1] * rows / rows[-1]
    axes.loglog(rows, straight, "--", color="0.6", label="in proportion to the rows")
    axes.loglog(rows, line, ":", color="#D55E00", label="straight line nearest to it")
    title = f"k-means with k = {N_CLUSTERS} from Parquet, on a cluster of 2 workers"
    axes.set(xlabel="Rows (3 columns, float32)", ylabel="Seconds", title=title)
    axes.grid(which="both", color="0.92")
    axes.legend(frameon=False)
    path = OUTPUT / "dask_scaling.png"
    figure.savefig(path, dpi=120)
    plt.close(figure)
    return path


def report() -> str:
    """Return both tables; the files are gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mall-bench-") as name:
        every = write_customers(Path(name) / "every", max(SCALE))
        folders = [first_parts(Path(name) / f"{rows}", every, rows) for rows in SCALE]
        own = first_parts(Path(name) / "own", every, ROWS)
        return f"{against_peers(own)}\n\n{scaling(folders)}"
