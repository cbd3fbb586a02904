"""The page in headless Chromium: first paint, and the k slider to new score and new charts."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.processes import free_port, running
from tests.benchmarks.server import workbench
from tests.benchmarks.timing import Sample, markdown_table, verdict

STEPS = 40
QUIET_MS = 400
LIMIT_MS = 20_000
AIM_SCORE_MS = 130
AIM_FIRST_PAINT_SECONDS = 4
CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
OUR_SLIDER = "input[type=range][aria-label*='(k)']"
OUR_SCORE = "[data-score=silhouette_score] .value"
NAIVE_SLIDER = ".noUi-handle"
NAIVE_SCORE = "pre"
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
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=CHROMIUM_OPTIONS
        )
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


def press(page: Page, subject: Subject, key: str) -> tuple[float, float]:
    """Press a key on the slider; return the milliseconds to a new score and to new charts."""
    page.locator(subject.slider).focus()
    page.evaluate(
        "([score, quiet, limit]) => { window.step = benchmark.nextKey(score, quiet, limit) }",
        [subject.score, QUIET_MS, LIMIT_MS],
    )
    page.keyboard.press(key)
    step = page.evaluate("window.step")
    return step["score"], step["plot"]


@contextmanager
def naive_page() -> Iterator[Subject]:
    """Serve the peer."""
    port = free_port()
    command = ["panel", "serve", "tests/benchmarks/peer_naive_page.py", "--port", str(port)]
    with running(command, port, "/peer_naive_page"):
        yield Subject(f"http://127.0.0.1:{port}/peer_naive_page", NAIVE_SLIDER, NAIVE_SCORE)


@contextmanager
def our_page() -> Iterator[tuple[Subject, float]]:
    """Serve the workbench, and give the seconds from its start to ready as well."""
    with workbench() as server:
        url = f"http://127.0.0.1:{server.port}/app"
        yield Subject(url, OUR_SLIDER, OUR_SCORE), server.seconds_to_ready


def walk(pages: dict[str, tuple[Page, Subject]], steps: int) -> dict[str, tuple[Sample, Sample]]:
    """Press the arrow keys on every page in turns; return times to score and to charts.

    Three steps up, six down, and so on: neighbouring values of k, most of them seen before, as
    when a person goes to and fro.
    """
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in pages}
    for number in range(steps):
        key = "ArrowRight" if (number + 3) // 6 % 2 == 0 else "ArrowLeft"
        for name, (page, subject) in pages.items():
            taken[name].append(press(page, subject, key))
    return {
        name: (Sample(tuple(score for score, _ in times)), Sample(tuple(plot for _, plot in times)))
        for name, times in taken.items()
    }


def report(steps: int = STEPS) -> str:
    """Run both pages and return the tables in Markdown, each aim beside its figure."""
    with ExitStack() as stack:
        subject, seconds_to_ready = stack.enter_context(our_page())
        peer = stack.enter_context(naive_page())
        browser = stack.enter_context(chromium())
        first, opening = open_page(browser, subject)
        again, warm = open_page(browser, subject)
        again.context.close()
        peer_first, peer_opening = open_page(browser, peer)
        times = walk({"workbench": (first, subject), "naive page": (peer_first, peer)}, steps)
    openings = {"first visit": opening, "second visit": warm, "naive page": peer_opening}
    return "\n\n".join(
        (
            f"Ready {seconds_to_ready:.1f} s after its start. Opening, each time with an empty "
            "browser cache, in ms from the start of the navigation:",
            _opening_table(openings),
            f"Arrow key on the k slider, {steps} steps a page in turns; charts: the last stroke "
            "of the last chart that changes:",
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


def _step_table(times: dict[str, tuple[Sample, Sample]]) -> str:
    """Return times and ratios of a step of the slider."""
    rows = []
    for name, samples in times.items():
        for what, sample, peer in zip(
            ("score", "charts"), samples, times["naive page"], strict=True
        ):
            ours = (name, what) == ("workbench", "score")
            rows.append(
                (
                    f"{name}: new {what}",
                    f"{sample.median:.0f}",
                    f"{sample.p95:.0f}",
                    f"{sample.ratio_to(peer):.2f}",
                    verdict(sample.median, AIM_SCORE_MS, "ms p50") if ours else "",
                )
            )
    return markdown_table(("step", "p50 ms", "p95 ms", "times naive page", "aim"), rows)
