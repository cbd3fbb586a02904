"""Work on every partition at once: what stays with the workers, and what comes back from them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from distributed import Client, Future, KilledWorker, wait
from distributed.comm.core import CommClosedError

from mall_app.errors import DataError, EngineUnavailable, WorkerDied
from mall_app.progress import step

SECONDS_BETWEEN_LOOKS = 2.0
_FEW_PARTS = 4
_MOST_TOGETHER = 16  # what a worker that dies has to do again
MOST_LOOKS = 5  # at a cluster on which nothing can run; a worker that died is back sooner


@dataclass(frozen=True)
class Recipe:
    """A call that is made by the task that needs its value.

    Parameters
    ----------
    function : callable
        At the top of a module, so that workers know it by name.
    arguments : tuple
        Recipes among them are made first, each once a task.
    """

    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(frozen=True)
class Parted:
    """One value for each partition: held by the workers, made anew where needed, or told to them.

    Parameters
    ----------
    items : sequence
        A future, a recipe or a small value for each partition.
    """

    items: Sequence[Any]

    def __len__(self) -> int:
        """Give the number of partitions."""
        return len(self.items)

    @property
    def is_held(self) -> bool:
        """Whether the workers hold the values."""
        return len(self.items) > 0 and isinstance(self.items[0], Future)


class Workers:
    """The workers of a scheduler, for one calculation.

    A function given to `hold`, `lazily` or `collect` gets the value of its own partition for each
    argument that is `Parted`, and every other argument as it is. The order of what comes back is
    that of the partitions, so that sums do not depend on who worked on what. Several threads may
    use it at once.
    """

    def __init__(self, client: Client) -> None:
        self._client = client
        self._placed: tuple[Sequence[Any], list[list[int]]] | None = None

    def hold(self, function: Callable[..., Any], *arguments: Any) -> Parted:
        """Have a value made for each partition, and kept where it is made.

        A worker that dies takes its values with it; they are made again from what they were made
        of.
        """
        return Parted([self._submit(function, own) for own in _by_part(arguments)])

    def lazily(self, function: Callable[..., Any], *arguments: Any) -> Parted:
        """Say how the value of each partition is made, each time it is needed."""
        return Parted([Recipe(function, own) for own in _by_part(arguments)])

    def alike(self, values: Parted, function: Callable[..., Any], *arguments: Any) -> Parted:
        """Have a value made for each partition: held if `values` are, else made when needed."""
        make = self.hold if values.is_held else self.lazily
        return make(function, *arguments)

    def keep(self, value: Any) -> Any:
        """Give something that stands for a large argument, so that it travels once a worker."""
        return self._submit(_itself, (value,))

    def collect(self, function: Callable[..., Any], *arguments: Any, what: str = "") -> list[Any]:
        """Work on each partition, and bring what comes of it here: it must be small.

        `what` is told as progress, with the partitions done, every two seconds.

        Raises
        ------
        DataError
            A partition cannot be used; as it was raised by the function.
        EngineUnavailable
            The scheduler went away, or there is no worker left that can run anything.
        WorkerDied
            A partition ended several workers, one after the other.
        """
        calls = list(_by_part(arguments))
        with _told():
            batches = self._batches(arguments, len(calls))
            futures = [
                self._submit(_call_each, (function, [calls[place] for place in batch]))
                for batch in batches
            ]
            self._wait(futures, what)
            parts = self._client.gather(futures)  # type: ignore[no-untyped-call]
        found: list[Any] = [None] * len(calls)
        for batch, part in zip(batches, parts, strict=True):
            for place, own in zip(batch, part, strict=True):
                found[place] = own
        return found

    def ask(self, function: Callable[..., Any], values: Parted, *arguments: Any) -> Any:
        """Give all partitions of some values to one worker, and bring what comes of them here.

        For values so small that a worker may be sent those of the others.

        Raises
        ------
        DataError, EngineUnavailable, WorkerDied
            As `collect` does.
        """
        with _told():
            future = self._submit(function, (list(values.items), *arguments))
            self._wait([future], "")
            return self._client.gather(future)  # type: ignore[no-untyped-call]

    def _batches(self, arguments: tuple[Any, ...], n_parts: int) -> list[list[int]]:
        """Put partitions that one worker holds together in a task: each costs the scheduler time.

        What comes of each partition still comes back by itself, to be added up in their order.
        """
        each = [[place] for place in range(n_parts)]
        held = [own for own in arguments if isinstance(own, Parted) and own.is_held]
        if not held or n_parts < _FEW_PARTS:
            return each
        items = held[-1].items
        if any(own.status != "finished" for own in items):  # made now, or lost with a worker
            return each
        placed = self._placed  # which another thread may put anew
        if placed is None or placed[0] is not items:
            placed = (items, _by_worker(self._client.who_has(items), items))  # type: ignore[no-untyped-call]
            self._placed = placed
        return placed[1]

    @property
    def memory(self) -> float:
        """Bytes that all workers may use; infinite when a worker has no limit."""
        limits = [own["memory_limit"] for own in self._known().values()]
        return float(sum(limits)) if all(limits) else float("inf")

    @property
    def largest_memory(self) -> float:
        """Bytes that the worker with most memory may use; infinite when one has no limit."""
        limits = [own["memory_limit"] for own in self._known().values()]
        return float(max(limits)) if limits and all(limits) else float("inf")

    def _known(self) -> dict[str, Any]:
        with _told():
            found: dict[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        return found

    def _submit(self, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Future[Any]:
        return self._client.submit(_call, function, *arguments, pure=False)

    def _wait(self, futures: list[Future[Any]], what: str) -> None:
        looks = 0
        with self._client.as_current():
            while True:
                try:
                    wait(futures, timeout=SECONDS_BETWEEN_LOOKS)  # type: ignore[no-untyped-call]
                    return
                except TimeoutError:
                    if what:
                        n_done = sum(own.status != "pending" for own in futures)
                        step(n_done, len(futures), what)
                    looks = 0 if self._can_run() else looks + 1
                    if looks >= MOST_LOOKS:
                        raise EngineUnavailable(why_nothing_runs(self._known())) from None

    def _can_run(self) -> bool:
        if self._client.status != "running":
            raise EngineUnavailable(_GONE)
        return any(own["status"] == "running" for own in self._known().values())


_GONE = "The Dask scheduler went away before the work was done; try again when it is back."


def why_nothing_runs(workers: dict[str, Any]) -> str:
    """Say what to do when none of the workers that a scheduler knows can run anything."""
    if workers:
        return (
            "The Dask workers have no memory left to go on with; give them more, or start more of "
            "them."
        )
    return (
        "The Dask scheduler has no workers any more: they were stopped, or have too little memory "
        "to start; start some, or give them more, and try again."
    )


@contextmanager
def _told() -> Iterator[None]:
    """Say what became of the cluster in errors of this package."""
    try:
        yield
    except KilledWorker as error:
        raise WorkerDied(
            "A partition of the table ended several Dask workers, one after the other; most likely "
            "they have too little memory. Give them more, or write the table in smaller row groups."
        ) from error
    except (CancelledError, CommClosedError) as error:
        raise EngineUnavailable(_GONE) from error
    except MemoryError as error:
        raise DataError(
            "A Dask worker has too little memory for one partition; write the table in smaller row "
            "groups."
        ) from error


def _by_part(arguments: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    n_parts = next(len(own) for own in arguments if isinstance(own, Parted))
    columns = [own.items if isinstance(own, Parted) else [own] * n_parts for own in arguments]
    return zip(*columns, strict=True)


def _by_worker(places: dict[str, list[str]], items: Sequence[Any]) -> list[list[int]]:
    """Group the positions of futures by the worker that has them, a few in each group."""
    by_worker: dict[str, list[int]] = {}
    for position, own in enumerate(items):
        by_worker.setdefault((places.get(own.key) or [""])[0], []).append(position)
    return [
        own[start : start + _MOST_TOGETHER]
        for own in by_worker.values()
        for start in range(0, len(own), _MOST_TOGETHER)
    ]


def _call_each(function: Callable[..., Any], calls: list[tuple[Any, ...]]) -> list[Any]:
    return [_call(function, *arguments) for arguments in calls]


def _call(function: Callable[..., Any], *arguments: Any) -> Any:
    made: dict[int, Any] = {}
    return function(*[_value(own, made) for own in arguments])


def _value(argument: Any, made: dict[int, Any]) -> Any:
    """Follow a recipe; one that stands twice in a task is the same object, and made once."""
    if not isinstance(argument, Recipe):
        return argument
    if id(argument) not in made:
        inner = [_value(own, made) for own in argument.arguments]
        made[id(argument)] = argument.function(*inner)
    return made[id(argument)]


def _itself(value: Any) -> Any:
    return value
