"""What the tests have a worker do: importable by name, as workers need."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from mall_app.progress import step


def add(first: int, second: int) -> int:
    """Finish at once."""
    return first + second


def stamp(path: str) -> int:
    """Leave a line in a file for each time it runs."""
    with Path(path).open("a") as file:
        return file.write("ran\n")


def scheduler_told(settings: object) -> str | None:
    """Give the address of the Dask scheduler that this process knows."""
    return os.environ.get("MALL_DASK_SCHEDULER")


def kernels_in_memory() -> tuple[list[str], int]:
    """Name some kernels that are machine code already, and how many threads numba may use."""
    from mall_app.kernels import distances, lloyd_step, scatter

    found = (distances.add_pairs, distances.add_members, scatter._add_rows, lloyd_step._step)
    ready = [own.__name__ for own in found if own._ready is not None]
    return ready, sys.modules["numba"].config.NUMBA_NUM_THREADS


def sleep_and_tell(path: str, settings: object = None) -> None:
    """Say who is running, then take far longer than any test."""
    Path(path).write_text(str(os.getpid()))
    time.sleep(600)


def die() -> None:
    """End the way the kernel ends a process that took too much memory."""
    os.kill(os.getpid(), signal.SIGKILL)


def leave() -> None:
    """End the way a library ends that calls exit."""
    sys.exit(3)


def take_memory(n_bytes: int) -> int:
    """Take that much memory."""
    return len(bytearray(n_bytes))


def fail(sentence: str) -> None:
    """Break a rule of its own."""
    raise KeyError(sentence)


def unpicklable() -> object:
    """Give something that cannot come back."""
    return lambda: None


def identity_of(table: object) -> tuple[int, int]:
    """Which object in which process the table is."""
    return os.getpid(), id(table)


def take_steps(folder: str) -> None:
    """Tell three steps, and wait after each for a file of its number."""
    for number, told in enumerate([(1, 3, "Starts"), (2, 3, "Passes"), (0, 0, "Last")]):
        step(*told)
        while not (Path(folder) / str(number)).exists():
            time.sleep(0.01)


def take_many_steps(n_steps: int) -> None:
    """Tell many steps, as fast as can be, then give the last time to arrive."""
    for done in range(n_steps):
        step(done, n_steps, "Passes")
    time.sleep(0.2)


def say(words: str) -> None:
    """Tell one step in many words, and give them time to arrive."""
    step(1, 2, words)
    time.sleep(0.2)


def give_back(value: object) -> object:
    """Give what came."""
    return value


class Unreadable:
    """Goes, and cannot be read where it arrives."""

    def __reduce__(self) -> tuple[object, ...]:
        return fail, ("cannot be read",)


def unreadable() -> object:
    """Give something that cannot be read."""
    return Unreadable()
