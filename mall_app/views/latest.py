"""Work in a thread beside the page, where only the latest request counts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any, TypeVar

import panel as pn

from mall_app.views.page_loop import when_done

Value = TypeVar("Value")


class Latest:
    """Does one thing at a time; of what is asked for meanwhile, the last is done next.

    For work of a fraction of a second that lets other threads run and only reads: what the page
    shows is changed by what is called with the outcome, in the page's own turn. In a notebook all
    is done at once.
    """

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None
        self._running = False
        self._next: Callable[[], None] | None = None

    def run(self, work: Callable[[], Value], then: Callable[[Value], None]) -> None:
        """Do `work`, then call `then` with what came of it."""
        if not on_a_page():
            then(work())
            return
        if self._running:
            self._next = partial(self.run, work, then)
            return
        self._pool = self._pool or ThreadPoolExecutor(1, thread_name_prefix="plot")
        self._running = True
        when_done(self._pool.submit(work), partial(self._finish, then))

    def _finish(self, then: Callable[[Any], None], done: Future[Any]) -> None:
        self._running = False
        following, self._next = self._next, None
        if following is not None:
            following()
        then(done.result())


def on_a_page() -> bool:
    """Tell whether this runs for a page of the server, not in a notebook or a script."""
    document = pn.state.curdoc
    return document is not None and document.session_context is not None
