"""Runs every benchmark and prints its tables: ``python -m tests.benchmarks [name ...]``."""

import argparse
from collections.abc import Callable

from tests.benchmarks import (
    bench_browser,
    bench_dask,
    bench_evidence,
    bench_large,
    bench_plots,
    bench_rest,
    bench_scores,
    bench_start,
)
from tests.benchmarks.machine import describe

BENCHMARKS: dict[str, tuple[str, Callable[[], str]]] = {
    "rest": (bench_rest.__doc__ or "", bench_rest.report),
    "evidence": (bench_evidence.__doc__ or "", bench_evidence.report),
    "scores": (bench_scores.__doc__ or "", bench_scores.report),
    "large": (bench_large.__doc__ or "", bench_large.report),
    "plots": (bench_plots.__doc__ or "", bench_plots.report),
    "start": (bench_start.__doc__ or "", bench_start.report),
    "dask": (bench_dask.__doc__ or "", bench_dask.report),
    "browser": (bench_browser.__doc__ or "", bench_browser.report),
}


def main() -> None:
    """Print the machine, then each benchmark as soon as it is done."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*BENCHMARKS, []], metavar="|".join(BENCHMARKS))
    names = parser.parse_args().names or list(BENCHMARKS)
    print(f"{describe()}\n", flush=True)
    for name in names:
        title, report = BENCHMARKS[name]
        print(f"## {title.splitlines()[0]}\n\n{report()}\n", flush=True)


if __name__ == "__main__":
    main()
