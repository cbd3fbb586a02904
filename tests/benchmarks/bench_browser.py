"""The page in headless Chromium: first paint, and the k slider to new score and new charts."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.app.browser import launched
from tests.benchmarks.processes import REPOSITORY, free_port, peers_python, running
from tests.benchmarks.server import workbench
from tests.benchmarks.timing import Sample, markdown_table, verdict

STEPS = 40
QUIET_MS = 400
LIMIT_MS = 20_000
AIM_SCORE_MS = 95
AIM_PLOT_MS = 110
AIM_FASTER_THAN_DASH = 4
AIM_FIRST_PAINT_SECONDS = 3
OUR_SLIDER = "input[type=range][aria-label*='(k)']"
OUR_SCORE = "[data-score=silhouette_score] .value"
NAIVE_SLIDER = ".noUi-handle"
NAIVE_SCORE = "pre"
DASH_SLIDER = "#k [role=slider]"
DASH_SCORE = "#silhouette .value"
# What is new, in the words of the table, and the time of it in a step.
PARTS = {
    "score": "score",
    "scatter": "scatter",
    "all plots in view": "plot",
    "all plots": "all",
}
FIRST_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


@dataclass(frozen=True)
class Subject:
    """A page to time: where it is, and the selectors of its k slider and silhouette score."""

    url: str
    slider: str
    score: str


@dataclass(frozen=True)
class Opening:
    """How a page came up, in milliseconds from the start of the navigation."""

    first_paint: float
    score: float
    charts: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run the Chromium on PATH, or Playwright's own when there is none."""
    with sync_playwright() as playwright:
        browser = launched(playwright)
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, subject: Subject) -> tuple[Page, Opening]:
    """Open the page in a context of its own, with an empty cache, until its charts are drawn."""
    page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
    page.add_init_script(path=Path(__file__).with_name("in_page.js"))
    page.goto(subject.url, wait_until="commit")
    page.locator(subject.score).filter(has_text="0.").wait_for(timeout=LIMIT_MS)
    score = page.evaluate("performance.now()")
    page.wait_for_function(
        f"benchmark.lastPaint > 0 && performance.now() - benchmark.lastPaint > {QUIET_MS}",
        timeout=LIMIT_MS,
    )
    charts = page.evaluate("benchmark.lastPaint")
    return page, Opening(page.evaluate(FIRST_PAINT), score, charts)


@dataclass(frozen=True)
class Step:
    """What a step of the slider took, in milliseconds from the key press."""

    score: float
    scatter: float
    plot: float
    all: float


def press(page: Page, subject: Subject, key: str) -> Step:
    """Press a key on the slider; give the times to a new score and to new charts."""
    page.locator(subject.slider).focus()
    page.evaluate(
        "([score, quiet, limit]) => { window.step = benchmark.nextKey(score, quiet, limit) }",
        [subject.score, QUIET_MS, LIMIT_MS],
    )
    page.keyboard.press(key)
    return Step(**page.evaluate("window.step"))


@contextmanager
def naive_page() -> Iterator[Subject]:
    """Serve the peer."""
    port = free_port()
    command = ["panel", "serve", "tests/benchmarks/peer_naive_page.py", "--port", str(port)]
    with running(command, port, "/peer_naive_page"):
        yield Subject(f"http://127.0.0.1:{port}/peer_naive_page", NAIVE_SLIDER, NAIVE_SCORE)


@contextmanager
def dash_page() -> Iterator[Subject]:
    """Serve the peer in Dash, from the environment of the peers."""
    port = free_port()
    table = REPOSITORY / "data" / "Mall_Customers.csv"
    options = ["--threads", "4", "--bind", f"127.0.0.1:{port}", "--no-control-socket"]
    place = ["--chdir", str(Path(__file__).parent)]
    command = ["gunicorn", *options, *place, f"peer_dash_page:server({str(table)!r})"]
    with running(command, port, "/", python=peers_python()):
        yield Subject(f"http://127.0.0.1:{port}/", DASH_SLIDER, DASH_SCORE)


@contextmanager
def our_page() -> Iterator[tuple[Subject, float]]:
    """Serve the workbench, and give the seconds from its start to ready as well."""
    with workbench() as server:
        url = f"http://127.0.0.1:{server.port}/app"
        yield Subject(url, OUR_SLIDER, OUR_SCORE), server.seconds_to_ready


def walk(pages: dict[str, tuple[Page, Subject]], steps: int) -> dict[str, dict[str, Sample]]:
    """Press the arrow keys on every page in turns; give the times by page and by what is new.

    Three steps up, six down, and so on: neighbouring values of k, most of them seen before, as
    when a person goes to and fro.
    """
    taken: dict[str, list[Step]] = {name: [] for name in pages}
    for number in range(steps):
        key = "ArrowRight" if (number + 3) // 6 % 2 == 0 else "ArrowLeft"
        for name, (page, subject) in pages.items():
            taken[name].append(press(page, subject, key))
    return {
        name: {
            what: Sample(tuple(getattr(step, own) for step in times)) for what, own in PARTS.items()
        }
        for name, times in taken.items()
    }


def report(steps: int = STEPS) -> str:
    """Run the pages and return the tables in Markdown, each aim beside its figure."""
    with ExitStack() as stack:
        subject, seconds_to_ready = stack.enter_context(our_page())
        peers = {"naive Panel page": stack.enter_context(naive_page())}
        peers["Dash page"] = stack.enter_context(dash_page())
        browser = stack.enter_context(chromium())
        first, opening = open_page(browser, subject)
        again, warm = open_page(browser, subject)
        again.context.close()
        openings = {"first visit": opening, "second visit": warm}
        pages = {"workbench": (first, subject)}
        for name, peer in peers.items():
            page, openings[name] = open_page(browser, peer)
            pages[name] = (page, peer)
        times = walk(pages, steps)
    return "\n\n".join(
        (
            f"Ready {seconds_to_ready:.1f} s after its start. Opening, each time with an empty "
            "browser cache, in ms from the start of the navigation:",
            _opening_table(openings),
            f"Arrow key on the k slider, {steps} steps a page in turns; the scatter is new "
            "when it begins to be drawn anew, all plots in view at the last stroke of a plot that "
            "can be seen without scrolling:",
            _step_table(times),
        )
    )


def _opening_table(openings: dict[str, Opening]) -> str:
    """Return how each page came up."""
    aim = verdict(openings["first visit"].first_paint / 1e3, AIM_FIRST_PAINT_SECONDS, "s")
    rows = [
        (
            name,
            f"{opening.first_paint:.0f}",
            f"{opening.score:.0f}",
            f"{opening.charts:.0f}",
            aim if name == "first visit" else "",
        )
        for name, opening in openings.items()
    ]
    return markdown_table(("page", "first paint", "score", "all charts", "aim"), rows)


def _step_table(times: dict[str, dict[str, Sample]]) -> str:
    """Return times and ratios of a step of the slider."""
    aims = {"score": AIM_SCORE_MS, "scatter": AIM_PLOT_MS, "all plots in view": AIM_PLOT_MS}
    rows = []
    for name, samples in times.items():
        for what, sample in samples.items():
            peer = times["Dash page"][what]
            faster = peer.ratio_to(sample)
            aim = ""
            if name == "workbench" and what in aims:
                met = "met" if faster >= AIM_FASTER_THAN_DASH else "NOT met"
                own = verdict(sample.median, aims[what], "ms p50")
                aim = f"{own}; {AIM_FASTER_THAN_DASH}x faster than Dash: {met}"
            times_written = (f"{sample.median:.0f}", f"{sample.p95:.0f}", f"{faster:.2f}")
            rows.append((f"{name}: new {what}", *times_written, aim))
    return markdown_table(("step", "p50 ms", "p95 ms", "times faster than Dash", "aim"), rows)
