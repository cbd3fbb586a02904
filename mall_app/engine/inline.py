"""The engine's calls, carried out at once where they are made, as in a notebook."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from functools import partial
from typing import Any

from mall_app.data.table import Table
from mall_app.evidence import Comparison, Evidence, compare, evidence
from mall_app.settings import Settings
from mall_app.sweep import Sweep, sweep


class InlineEngine:
    """Answers like `Engine`, in this process and thread: every future is finished already."""

    long_deadline = math.inf

    def sweep(self, table: Table, settings: Settings, ks: Iterable[int]) -> Future[Sweep]:
        """Sweep over k; see `mall_app.sweep.sweep`."""
        return self.call(sweep, table, settings, tuple(ks))

    def evidence(
        self, table: Table, settings: Settings, ks: Iterable[int] | None = None, **options: Any
    ) -> Future[Evidence]:
        """Gather evidence; see `mall_app.evidence.evidence`."""
        return self.call(partial(evidence, **options), table, settings, ks)

    def compare(
        self,
        table: Table,
        candidates: Iterable[Settings | str],
        settings: Settings | None = None,
        **options: Any,
    ) -> Future[Comparison]:
        """Cluster in several ways; see `mall_app.evidence.compare`."""
        return self.call(partial(compare, **options), table, candidates, settings)

    def call(self, function: Callable[..., Any], *args: Any) -> Future[Any]:
        """Call a function; what it raises comes out of ``result()``."""
        done: Future[Any] = Future()
        try:
            done.set_result(function(*args))
        except Exception as error:
            done.set_exception(error)
        return done
