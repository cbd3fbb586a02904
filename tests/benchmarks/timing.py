"""Samples of times, taken in turns so that a drift of the machine hits every side alike."""

import itertools
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

PAUSE_SECONDS = 0.03  # the OpenMP threads of the side before spin on for 15 ms or so


@dataclass(frozen=True)
class Sample:
    """The times of one side, in milliseconds."""

    milliseconds: tuple[float, ...]

    @property
    def median(self) -> float:
        """The time that half of the calls stay under."""
        return statistics.median(self.milliseconds)

    @property
    def p95(self) -> float:
        """The time that 95 of 100 calls stay under."""
        return statistics.quantiles(self.milliseconds, n=20, method="inclusive")[-1]

    def ratio_to(self, other: "Sample") -> float:
        """Return how many times longer the median is than that of another sample."""
        return self.median / other.median


def in_turns(
    sides: Mapping[str, Callable[[int], object]], rounds: int, calls: int = 10
) -> dict[str, Sample]:
    """Time a few calls of every side, A B A B, round after round; one sample a side.

    The first call of each turn is made but not counted: it pays for what the side before left
    in the processor's caches, which is no property of either. The first round does not count.

    Parameters
    ----------
    sides : mapping of str to callable
        What to time. Each is called with a number that it has not been given before, so that
        it can ask for something never asked before.
    rounds : int
        Turns that each side has.
    calls : int, default=10
        Calls of a turn that count.
    """
    times: dict[str, list[float]] = {name: [] for name in sides}
    numbers = itertools.count()
    for turn in range(rounds + 1):
        for name, call in sides.items():
            time.sleep(PAUSE_SECONDS)
            call(next(numbers))
            taken = [_milliseconds(call, next(numbers)) for _ in range(calls)]
            if turn > 0:
                times[name] += taken
    return {name: Sample(tuple(values)) for name, values in times.items()}


def _milliseconds(call: Callable[[int], object], number: int) -> float:
    started = time.perf_counter()
    call(number)
    return (time.perf_counter() - started) * 1e3


def markdown_table(header: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """Return a Markdown table; the first column is text, the others are numbers."""
    lines = [header, ("---", *["---:"] * (len(header) - 1)), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def verdict(value: float, aim: float, unit: str) -> str:
    """Return an aim with whether the value, which should stay under it, does so.

    Examples
    --------
    >>> verdict(1.5, 2.0, "ms")
    'under 2 ms: met'
    """
    return f"under {aim:g} {unit}: {'met' if value < aim else 'NOT met'}"
