"""The one calculation a view has in the engine: a new one takes the place of one under way."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from functools import partial
from typing import Any

from mall_app.errors import WorkbenchError
from mall_app.views.page_loop import when_done
from mall_app.views.state import ViewState

Take = Callable[[Any], None]
Fail = Callable[[WorkbenchError], None]


class OneAtATime:
    """Starts work and hands on what came of it, in the page's own turn.

    Parameters
    ----------
    state : ViewState
        Told what is running.
    """

    def __init__(self, state: ViewState) -> None:
        self._state = state
        self._running: Future[Any] | None = None

    @property
    def busy(self) -> bool:
        """Whether work is under way."""
        return self._running is not None

    def start(
        self,
        what: str,
        call: Callable[[], Future[Any]],
        take: Take,
        fail: Fail,
        cancelled: Callable[[], None] | None = None,
    ) -> None:
        """Begin work in place of what is under way, of which nothing is heard any more.

        Parameters
        ----------
        what : str
            What the page says while it lasts; empty when it says nothing.
        call : callable
            Hands it to the engine.
        take, fail, cancelled : callable
            One of them is called: with the answer, with the error, or when somebody stopped it.
        """
        self.stop()
        self._running = None
        try:
            self._running = call()
        except WorkbenchError as error:
            fail(error)
            return
        self._state.begin(what, self._running)
        when_done(self._running, partial(self._finish, take, fail, cancelled))

    def stop(self) -> None:
        """Give up what is under way."""
        if self._running is not None:
            self._running.cancel()

    def _finish(
        self, take: Take, fail: Fail, cancelled: Callable[[], None] | None, done: Future[Any]
    ) -> None:
        self._state.end(done)
        if done is not self._running:
            return
        self._running = None
        try:
            answer = done.result()
        except CancelledError:
            if cancelled is not None:
                cancelled()
        except WorkbenchError as error:
            fail(error)
        else:
            take(answer)
