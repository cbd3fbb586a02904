"""``POST /cluster`` on the Mall table (200 rows, 2 columns, KMeans, k=5, 10 starts)."""

import itertools
from collections.abc import Iterator

from threadpoolctl import ThreadpoolController

from tests.benchmarks.client import Connection, calls_per_second
from tests.benchmarks.peer_direct import FEATURES, fit_and_score, load_points
from tests.benchmarks.peer_two_services import two_services
from tests.benchmarks.server import Workbench, workbench
from tests.benchmarks.timing import Sample, in_turns, markdown_table, verdict

ROUNDS = 15
CALLS = 10
LOAD_ROUNDS = 3
AIM_NEW_TO_DIRECT = 1.2
AIM_FASTER_THAN_TWO_SERVICES = 20
AIM_REPEATED_MS = 1.0
AIM_REPEATED_A_SECOND = 2000


def request(random_state: int, *, plot: bool) -> dict[str, object]:
    """Return the body of a request to the workbench."""
    return {
        "algorithm": "kmeans",
        "n_clusters": 5,
        "features": FEATURES,
        "scaling": "none",
        "random_state": random_state,
        "params": {"n_init": 10},
        "plot": plot,
    }


def latencies(server: Workbench, gateway_port: int, rounds: int = ROUNDS) -> dict[str, Sample]:
    """Time one call at a time, on one kept connection a server."""
    points = load_points()
    libraries = ThreadpoolController()

    def direct_in_one_thread(turn: int) -> None:
        with libraries.limit(limits=1):
            fit_and_score(points, 10_000 + turn)

    with Connection(server.port) as ours, Connection(gateway_port) as theirs:

        def post(seed: int, plot: bool) -> bytes:
            return ours.post("/cluster", request(seed, plot=plot))

        return in_turns(
            {
                "direct": lambda turn: fit_and_score(points, 10_000 + turn),
                "direct, one thread": direct_in_one_thread,
                "new": lambda turn: post(10_000 + turn, plot=False),
                "new, plot": lambda turn: post(50_000 + turn, plot=True),
                "repeated": lambda turn: post(1, plot=False),
                "repeated, plot": lambda turn: post(1, plot=True),
                "two services": lambda turn: theirs.post(
                    "/cluster", {"model_name": "kmeans", "random_state": 10_000 + turn}
                ),
            },
            rounds,
            CALLS,
        )


def loads(server: Workbench, gateway_port: int) -> dict[str, float]:
    """Return calls a second at 8 connections, the median of a few rounds taken in turns."""
    seeds = itertools.count(100_000)
    theirs: Iterator[dict[str, object]] = ({"random_state": seed} for seed in seeds)
    sides = {
        "new": (server.port, (request(seed, plot=False) for seed in seeds)),
        "repeated": (server.port, itertools.repeat(request(1, plot=False))),
        "repeated, plot": (server.port, itertools.repeat(request(1, plot=True))),
        "two services": (gateway_port, theirs),
    }
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(LOAD_ROUNDS):
        for name, (port, bodies) in sides.items():
            rates[name].append(calls_per_second(port, "/cluster", bodies))
    return {name: sorted(values)[len(values) // 2] for name, values in rates.items()}


def report(rounds: int = ROUNDS) -> str:
    """Run both and return the tables in Markdown, each aim beside its figure."""
    with workbench() as server, two_services() as gateway_port:
        times = latencies(server, gateway_port, rounds)
        rates = loads(server, gateway_port)
    return "\n\n".join(
        (
            f"One caller, {rounds} turns of {CALLS} calls a side (`direct` is no server at all, "
            "ratios are to the faster of its rows; the two services always draw the picture and "
            "keep nothing):",
            _latency_table(times),
            f"8 connections that never pause, median of {LOAD_ROUNDS} rounds of 3 s in turns:",
            _load_table(rates),
        )
    )


def _latency_table(times: dict[str, Sample]) -> str:
    """Return times and ratios of every side.

    `direct` is the faster of the two ways: OpenMP in several threads gains nothing on so few
    rows, and loses much when another program has one of the cores.
    """
    ways = (times["direct"], times["direct, one thread"])
    direct, theirs = min(ways, key=lambda sample: sample.median), times["two services"]
    faster = theirs.ratio_to(times["new"])
    met = "met" if faster >= AIM_FASTER_THAN_TWO_SERVICES else "NOT met"
    new_to_direct = verdict(times["new"].ratio_to(direct), AIM_NEW_TO_DIRECT, "x direct")
    aims = {
        "new": f"{new_to_direct}; {AIM_FASTER_THAN_TWO_SERVICES}x faster than two services: {met}",
        "repeated": verdict(times["repeated"].median, AIM_REPEATED_MS, "ms"),
        "repeated, plot": verdict(times["repeated, plot"].median, AIM_REPEATED_MS, "ms"),
    }
    rows = [
        (
            name,
            f"{sample.median:.2f}",
            f"{sample.p95:.2f}",
            f"{sample.ratio_to(direct):.2f}",
            f"{theirs.ratio_to(sample):.1f}",
            aims.get(name, ""),
        )
        for name, sample in times.items()
    ]
    header = ("request", "p50 ms", "p95 ms", "times direct", "faster than two services", "aim")
    return markdown_table(header, rows)


def _load_table(rates: dict[str, float]) -> str:
    """Return calls a second of every side and how many times those of the two services."""
    rows = []
    for name, rate in rates.items():
        met = "met" if rate >= AIM_REPEATED_A_SECOND else "NOT met"
        aim = f"at least {AIM_REPEATED_A_SECOND}: {met}" if name.startswith("repeated") else ""
        rows.append((name, f"{rate:.0f}", f"{rate / rates['two services']:.1f}", aim))
    return markdown_table(("request", "calls/s", "times two services", "aim"), rows)
