"""Starting: a new interpreter to its first model, the server to ready, a first visit to paint."""

import statistics
import subprocess
import sys
import time
from contextlib import ExitStack

from tests.benchmarks.bench_browser import chromium, naive_page, open_page, our_page
from tests.benchmarks.processes import REPOSITORY
from tests.benchmarks.timing import markdown_table, verdict

ROUNDS = 5
VISITS = 3
AIM_IMPORT_SECONDS = 0.6
AIM_READY_SECONDS = 5
AIM_PAINT_SECONDS = 3
SNIPPETS = {
    "nothing": "pass",
    "import mall_app": "import mall_app",
    "a first model of the Mall table": "from mall_app import ClusteringModel; ClusteringModel()",
    "peer: import sklearn.cluster, pandas": "import sklearn.cluster, pandas",
    "peer: import panel": "import panel",
}


def interpreters(rounds: int = ROUNDS) -> dict[str, float]:
    """Return the seconds of a new interpreter that does each thing, medians taken in turns."""
    taken: dict[str, list[float]] = {name: [] for name in SNIPPETS}
    for _ in range(rounds + 1):
        for name, snippet in SNIPPETS.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, "-c", snippet], cwd=REPOSITORY, check=True)
            taken[name].append(time.perf_counter() - began)
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def visits() -> dict[str, tuple[float, float]]:
    """Return the seconds to ready and the median ones to first paint, by page."""
    found = {}
    with ExitStack() as stack:
        subject, ready = stack.enter_context(our_page())
        browser = stack.enter_context(chromium())
        began = time.perf_counter()
        naive = stack.enter_context(naive_page())
        seconds = {"workbench": (subject, ready), "naive": (naive, time.perf_counter() - began)}
        for name, (page, seconds_to_ready) in seconds.items():
            paints = []
            for _ in range(VISITS):
                opened, opening = open_page(browser, page)
                paints.append(opening.first_paint / 1e3)
                opened.context.close()
            found[name] = (seconds_to_ready, statistics.median(paints))
    return found


def report() -> str:
    """Run it all and return the tables in Markdown, each aim beside its figure."""
    imports, pages = interpreters(), visits()
    rows = [
        (
            name,
            f"{seconds:.2f}",
            verdict(seconds, AIM_IMPORT_SECONDS, "s") if name == "import mall_app" else "",
        )
        for name, seconds in imports.items()
    ]
    aims = {"server ready": AIM_READY_SECONDS, f"first paint of {VISITS} visits": AIM_PAINT_SECONDS}
    steps = [
        (what, f"{own:.1f}", f"{peer:.1f}", verdict(own, aim, "s"))
        for (what, aim), own, peer in zip(
            aims.items(), pages["workbench"], pages["naive"], strict=True
        )
    ]
    return "\n\n".join(
        (
            f"A new interpreter, wall time, median of {ROUNDS} in turns:",
            markdown_table(("it does", "s", "aim"), rows),
            "The server from its start, with workers that have warmed up, and the page with an "
            "empty browser cache:",
            markdown_table(("step", "workbench s", "naive Panel page s", "aim"), steps),
        )
    )
