"""The one place that runs fits for the app and the API of a process."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Lock
from typing import Any

from mall_app.algorithms import build_algorithm
from mall_app.cache import ResultCache
from mall_app.data.table import Table
from mall_app.engine.ahead import Ahead
from mall_app.engine.on_cluster import DEADLINES, OnCluster, call_at, needs_cluster
from mall_app.engine.parcel import Parcels, call_unpacked
from mall_app.engine.patience import deadline_here
from mall_app.engine.pieces import PieceRun
from mall_app.engine.pool import KillablePool
from mall_app.engine.work import Job, Places, Start, Work
from mall_app.evidence.compare import Comparison, comparison_study
from mall_app.evidence.evidence import Evidence, evidence_study
from mall_app.evidence.study import Progress, Study
from mall_app.fit import fit_resolved, resolve
from mall_app.progress import Listener, listener_here
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sweep import Sweep, sweep

_MOST_QUICK_FITS = 64
_MOST_STUDIES = 8
_LONG = 10  # a study may take as long as ten fits, and so may one fit that somebody watches


class Engine:
    """Runs functions in worker processes: bounded queue, deadline, cancel, results by content.

    Equal calls under way share one calculation. It is killed when its last caller cancels, and
    its deadline counts from the first call.

    Parameters
    ----------
    workers : int
        Processes; they start when first needed.
    queue : int
        Calls that may wait beyond those running; one more is refused.
    deadline : float
        Seconds from a call to its answer, waiting included, when it names no deadline of its own.
    cache_bytes : int
        Bound on remembered results.
    """

    def __init__(
        self, workers: int, queue: int = 16, deadline: float = 30.0, cache_bytes: int = 2**28
    ) -> None:
        self.deadline = deadline
        self.cache = ResultCache(cache_bytes)
        self._parcels = Parcels(cache_bytes // 4)
        self._workers = workers
        self._pool = KillablePool(workers)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="quick-fit")
        self._places = Places(workers + queue, workers)
        self._quick_places = Places(_MOST_QUICK_FITS, _MOST_QUICK_FITS)
        self._study_places = Places(_MOST_STUDIES, 1)
        asked = (self._places, self._quick_places, self._study_places)
        self.ahead = Ahead(self._fit_in_worker, asked)
        self._under_way: dict[tuple[Hashable, float], Job] = {}
        self._lock = Lock()

    @property
    def long_deadline(self) -> float:
        """Seconds for a study, and for what a person can watch and stop."""
        return _LONG * self.deadline

    def fit(
        self, table: Table, settings: Settings, *, deadline: float | None = None
    ) -> Future[ClusteringResult]:
        """Cluster in a worker, or in a thread when that takes a few milliseconds.

        A result that is known comes back as a finished future.

        Raises
        ------
        SettingsError
            The settings break a rule.
        EngineBusy
            Too much is waiting already.
        """
        settings = resolve(table, settings)
        key = fit_key(table, settings)
        algorithm = build_algorithm(settings.algorithm, settings.params)
        quick = algorithm.is_quick(len(table), settings.n_clusters or 0)
        if quick and settings.engine == "local":
            return self._work(
                lambda _: self._thread.submit(fit_resolved, table, settings),
                self._quick_places,
                key,
                deadline_here(self.deadline),
            )
        return self.call(fit_resolved, table, settings, key=key, deadline=deadline)

    def _fit_in_worker(self, table: Table, settings: Settings, places: Places) -> Work:
        start = partial(self._schedule, fit_resolved, (table, settings), self.deadline)
        return self._begun(start, places, fit_key(table, settings), self.deadline)

    def known(self, table: Table, settings: Settings) -> ClusteringResult | None:
        """Give the result if it is remembered; never computes."""
        found: ClusteringResult | None = self.cache.get(fit_key(table, resolve(table, settings)))
        return found

    def sweep(self, table: Table, settings: Settings, ks: Iterable[int]) -> Future[Sweep]:
        """Sweep over k in a worker, and remember each fit of it."""
        numbers = tuple(ks)
        settings = resolve(table, settings.unedited())
        key = ("sweep", numbers, *fit_key(table, settings.changed(n_clusters=2)))
        done = self.call(sweep, table, settings, numbers, key=key)
        done.add_done_callback(self._remember_sweep(table))
        return done

    def _remember_sweep(self, table: Table) -> Callable[[Future[Sweep]], None]:
        def remember(done: Future[Sweep]) -> None:
            if not done.cancelled() and done.exception() is None:
                for result in done.result().results.values():
                    self.cache.put(fit_key(table, result.settings), result)

        return remember

    def evidence(
        self,
        table: Table,
        settings: Settings,
        ks: Iterable[int] | None = None,
        *,
        progress: Progress | None = None,
        deadline: float | None = None,
        **options: Any,
    ) -> Future[Evidence]:
        """Gather evidence for the number of segments, a piece a worker at a time.

        Parameters
        ----------
        table, settings, ks, **options
            As in `mall_app.evidence.evidence`.
        progress : callable, optional
            Called with pieces done and pieces in all, in a thread of the engine.
        deadline : float, optional
            Seconds for all of it; ten times the engine's by default.

        Raises
        ------
        SettingsError
            A value breaks a rule.
        EngineBusy
            Eight studies are under way already.
        """
        return self._study(evidence_study(table, settings, ks, **options), progress, deadline)

    def compare(
        self,
        table: Table,
        candidates: Iterable[Settings | str],
        settings: Settings | None = None,
        *,
        progress: Progress | None = None,
        deadline: float | None = None,
        **options: Any,
    ) -> Future[Comparison]:
        """Cluster in several ways, one a worker at a time.

        The arguments are those of `mall_app.evidence.compare`, and `deadline` as in `evidence`.
        """
        study = comparison_study(table, candidates, settings, **options)
        return self._study(study, progress, deadline)

    def _study(
        self, study: Study, progress: Progress | None, deadline: float | None
    ) -> Future[Any]:
        """Have a study done by all workers, between whatever else is called."""
        usual = deadline_here(self.long_deadline)
        seconds = usual if deadline is None else deadline

        def schedule(piece: Hashable, left: float) -> Future[Any]:
            return self._schedule(*study.call_of(piece), left)

        run = PieceRun(study, schedule, self._workers, seconds)
        work = self._work(run.begin, self._study_places, study.key, seconds)
        if progress is not None:
            total = len(study.pieces)
            if work.done():
                progress(total, total)
            else:
                work.listen(lambda done, of, _: progress(done, of or total))
        return work

    def call(
        self,
        function: Callable[..., Any],
        *args: Any,
        key: Hashable | None = None,
        deadline: float | None = None,
    ) -> Future[Any]:
        """Run a module-level function in a worker process.

        Parameters
        ----------
        function : callable
            Importable by name; it and `args` are pickled.
        *args
            Its arguments.
        key : hashable, optional
            Content key; the answer is remembered under it.
        deadline : float, optional
            Seconds it may take; the default is the engine's, ten times as long on a cluster.

        Returns
        -------
        concurrent.futures.Future
            ``cancel()`` kills the work. ``result()`` raises what the function raised,
            `DeadlineExceeded`, or `WorkerDied`.

        Raises
        ------
        EngineBusy
            Too much is waiting already.
        """
        usual = self.deadline * (DEADLINES if needs_cluster(args) else 1)
        seconds = deadline_here(usual) if deadline is None else deadline
        start = partial(self._schedule, function, args, seconds)
        return self._work(start, self._places, key, seconds)

    def _schedule(
        self,
        function: Callable[..., Any],
        args: tuple[Any, ...],
        seconds: float,
        tell: Listener | None = None,
    ) -> Future[Any]:
        on_cluster = needs_cluster(args)
        if args and isinstance(args[0], Table):
            function, args = call_unpacked, (function, self._parcels.of(args[0]), *args[1:])
        if not on_cluster:
            return self._pool.schedule(function, args, seconds, tell)

        def schedule(address: str, left: float) -> Future[Any]:
            return self._pool.schedule(call_at, (address, function, *args), left, tell)

        return OnCluster(schedule, seconds)

    def _work(self, start: Start, places: Places, key: Hashable | None, seconds: float) -> Work:
        """Give what is known or under way, or start it; whoever listens here hears of it."""
        work = self._begun(start, places, key, seconds)
        self.ahead.give_way_to(work)
        listener = listener_here()
        if listener is not None:
            work.listen(listener)
        return work

    def _begun(self, start: Start, places: Places, key: Hashable | None, seconds: float) -> Work:
        with self._lock:
            known = self.cache.get(key) if key is not None else None
            if known is not None:
                return Work.known(known)
            under_way = self._under_way.get((key, seconds)) if key is not None else None
            joined = under_way.join() if under_way is not None else None
            if joined is not None:
                return joined
            places.take()
            job = Job(seconds)
            if key is not None:
                self._under_way[key, seconds] = job
        job.begin(start, lambda done: self._finish(job, done, places, key, seconds))
        return job.first

    def _finish(
        self, job: Job, done: Future[Any], places: Places, key: Hashable | None, seconds: float
    ) -> None:
        places.give_back()
        if key is not None:
            if not done.cancelled() and done.exception() is None:
                self.cache.put(key, done.result())
            with self._lock:
                if self._under_way.get((key, seconds)) is job:  # not one begun after it was left
                    del self._under_way[key, seconds]
        job.answer(done)

    def ready(self) -> bool:
        """Whether a worker has started and imported what it needs; asking starts one, soon."""
        return self._pool.ready()

    def close(self) -> None:
        """Kill all workers, running or idle."""
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._pool.close()


def fit_key(table: Table, settings: Settings) -> tuple[str, str, str]:
    """Key of a fit: what the data are and what is done to them."""
    return ("fit", table.sha256, settings.canonical())
