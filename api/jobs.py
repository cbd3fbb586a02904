"""Requests that are answered later: a bounded board of jobs, kept for a while when finished."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache

from api.job import Job
from api.message import Request, Response
from api.problem import Problem, response
from mall_app.engine.patience import patience
from mall_app.engine.sizes import engine_sizes
from mall_app.environment import whole_number
from mall_app.progress import listening

Work = Callable[[], Awaitable[Response]]


@dataclass(frozen=True)
class JobSizes:
    """How much the board holds.

    Parameters
    ----------
    most : int
        Jobs, finished ones among them: ``MALL_JOBS_MAX``, or 100.
    most_bytes : int
        Of the bodies of unfinished jobs and the answers of finished ones together:
        ``MALL_JOBS_MB``, or 256 MB.
    seconds_kept : float
        How long a finished job is kept: ``MALL_JOB_SECONDS``, or an hour.
    deadline : float
        Seconds from a job's start to its end: ``MALL_JOB_DEADLINE_SECONDS``, or an hour.
    side_by_side : int
        Jobs that run at a time: one less than there are workers, so that others get their turn.
    """

    most: int
    most_bytes: int
    seconds_kept: float
    deadline: float
    side_by_side: int


def job_sizes() -> JobSizes:
    """Read the sizes from the environment.

    Raises
    ------
    SizeError
        A variable is no whole number or out of its range.
    """
    return JobSizes(
        most=whole_number("MALL_JOBS_MAX", 100, 1, 100_000),
        most_bytes=whole_number("MALL_JOBS_MB", 256, 1, 1_000_000) * 2**20,
        seconds_kept=whole_number("MALL_JOB_SECONDS", 3600, 1, 10_000_000),
        deadline=whole_number("MALL_JOB_DEADLINE_SECONDS", 3600, 1, 1_000_000),
        side_by_side=max(1, engine_sizes().workers - 1),
    )


class JobBoard:
    """Jobs by id. Everything here happens on the event loop of the server.

    Parameters
    ----------
    sizes : JobSizes
        How much it holds.
    """

    def __init__(self, sizes: JobSizes) -> None:
        self._sizes = sizes
        self._jobs: dict[str, Job] = {}
        self._waiting: deque[tuple[Job, Work]] = deque()
        self._n_running = 0

    def submit(self, request: Request, work: Work) -> Job:
        """Queue a request.

        Raises
        ------
        Problem
            Status 503 when there is no room, even without every finished job.
        """
        if not self._can_hold(1, len(request.body)):
            n_jobs = len(self._jobs)
            detail = f"There is no room for another job; {n_jobs:,} are not finished."
            raise Problem(503, detail, headers={"Retry-After": "10"})
        job = Job(secrets.token_hex(16), request, self._sizes.seconds_kept)
        self._jobs[job.id] = job
        self._waiting.append((job, work))
        self._advance()
        return job

    def jobs(self) -> list[Job]:
        """Give every job, the newest first."""
        return list(reversed(self._jobs.values()))

    def find(self, own: str) -> Job:
        """Give a job by its id.

        Raises
        ------
        Problem
            Status 404.
        """
        job = self._jobs.get(own)
        if job is None:
            raise Problem(404, "There is no such job; a finished one is kept for a while only.")
        return job

    def place(self, job: Job) -> int | None:
        """Give the place of a job in the queue, 1 being the next; None when it does not wait."""
        waiting = [own for own, _ in self._waiting]
        return waiting.index(job) + 1 if job in waiting else None

    def cancel(self, job: Job) -> None:
        """Stop a job that is not finished, and the worker that is at it."""
        self._waiting = deque(pair for pair in self._waiting if pair[0] is not job)
        job.cancel()
        self._keep_for_a_while(job)

    def forget(self, job: Job) -> None:
        """Let go of a job and its answer."""
        job.keep_no_longer()
        self._jobs.pop(job.id, None)

    def _can_hold(self, n_jobs: int, n_bytes: int, instead_of: int = 0) -> bool:
        """Forget finished jobs, the first finished first, until as much more fits, if it can."""
        if n_bytes > self._sizes.most_bytes:
            return False
        finished = deque(sorted((own for own in self._jobs.values() if own.finished), key=_age))
        while not self._has_room(n_jobs, n_bytes - instead_of):
            if not finished:
                return False
            self.forget(finished.popleft())
        return True

    def _has_room(self, n_jobs: int, n_bytes: int) -> bool:
        fits = self._held() + n_bytes <= self._sizes.most_bytes
        return fits and len(self._jobs) + n_jobs <= self._sizes.most

    def _held(self) -> int:
        return sum(job.nbytes for job in self._jobs.values())

    def _advance(self) -> None:
        while self._waiting and self._n_running < self._sizes.side_by_side:
            job, work = self._waiting.popleft()
            self._n_running += 1
            job.start(self._run(job, work), self._ended)

    async def _run(self, job: Job, work: Work) -> None:
        with listening(job.hear), patience(self._sizes.deadline):
            job.finish(self._bounded(job, await self._in_time(work)))
        self._keep_for_a_while(job)

    def _ended(self) -> None:
        self._n_running -= 1
        self._advance()

    async def _in_time(self, work: Work) -> Response:
        seconds = self._sizes.deadline
        try:
            async with asyncio.timeout(seconds):
                return await work()
        except TimeoutError:
            detail = f"The job was stopped after its deadline of {seconds:g} seconds."
            return response(Problem(504, detail))

    def _bounded(self, job: Job, given: Response) -> Response:
        """Give the answer, or the problem that it cannot be kept."""
        if self._can_hold(0, len(given.body), instead_of=job.nbytes):
            return given
        detail = f"There is no room to keep an answer of {len(given.body):,} bytes."
        return response(Problem(507, detail))

    def _keep_for_a_while(self, job: Job) -> None:
        if job.id in self._jobs:
            job.keep(lambda: self.forget(job))


def _age(job: Job) -> float:
    return job.finished_at or 0.0


@cache
def job_board() -> JobBoard:
    """Give the board of this process.

    Raises
    ------
    SizeError
        An environment variable breaks a rule.
    """
    return JobBoard(job_sizes())
