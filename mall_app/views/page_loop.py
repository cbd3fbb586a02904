"""When things happen on a page: what is cheap first, what is drawn after it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import panel as pn

SETTLE_MS = 300
LONGEST_WAIT_MS = 4_000
# The browser draws the plots in about this time; what it gets meanwhile would be in the way.
DRAWN_MS = 40
TURN_MS = 1


def reach_the_browser(document: Any) -> None:
    """Have every change of a page sent to it, from the moment it is on its way to the browser.

    Until the browser says that all of it is drawn, Panel drops what changes in widgets and
    components, as if the page were yet to be sent whole. But it is sent a while before that, and
    a person may use it meanwhile. What changes before it is sent has nobody to go to as it is.
    """
    pn.state._connected[document] = True


def when_done(future: Future[Any], then: Callable[[Future[Any]], None]) -> None:
    """Call `then` with the finished future: now if it is finished, else on the page's loop.

    Parameters
    ----------
    future : Future
        Work under way, in another thread or process.
    then : callable
        May change models and views; nothing is called when the page is closed by then.
    """
    document = pn.state.curdoc
    if future.done() or document is None:
        then(future)
        return
    future.add_done_callback(
        lambda done: (
            document.add_next_tick_callback(partial(_once_there, document, partial(then, done)))
            if document.session_context is not None
            else None
        )
    )


def _once_there(document: Any, call: Callable[[], None]) -> None:
    """Call now, or soon after the page is drawn if it is on its way to the browser.

    What changes between its sending and its drawing is lost to some of its parts. A browser that
    is slow to say that all is drawn, or never does, is not waited for longer than 4 s.
    """
    session = document.session_context.session
    if pn.state.loaded or session is None or not session.connection_count:
        call()
        return
    waiting = [call]

    def at_last() -> None:
        if waiting:
            waiting.pop()()

    pn.state.onload(lambda: document.add_timeout_callback(at_last, SETTLE_MS))
    document.add_timeout_callback(at_last, LONGEST_WAIT_MS)


def when_open(call: Callable[[], None]) -> None:
    """Call a moment after a visitor's browser has drawn the page; never without a visitor."""
    document = pn.state.curdoc
    if document is not None and document.session_context is not None:
        pn.state.onload(lambda: document.add_timeout_callback(call, SETTLE_MS))


class Redraw:
    """Draws plots together with the numbers, and the rest of the page after them.

    What is watched is called in the order of watching. On an open page, what is `at_once` is
    called now, and all the rest when the browser has had the time to draw that, each in a turn of
    its own of the page's event loop; once however often a redraw is due meanwhile. Without a page,
    or before it is on its way itself, all is drawn now.
    """

    def __init__(self) -> None:
        self._watchers: list[Callable[[], None]] = []
        self._first: list[Callable[[], None]] = []
        self._waiting: list[Callable[[], None]] = []
        self._turns = 0
        self._wait = DRAWN_MS

    def watch(self, watcher: Callable[[], None], *, at_once: bool = False) -> None:
        """Call `watcher` whenever a redraw is due.

        Parameters
        ----------
        watcher : callable
            Draws something from the state.
        at_once : bool, default False
            Whether it is among what a person looks at when the numbers change.
        """
        (self._first if at_once else self._watchers).append(watcher)

    def due(self) -> None:
        """Ask for a redraw."""
        self._turns += 1  # what is left of the redraw before is part of this one
        self._waiting = list(self._watchers)
        document, milliseconds = open_page(), self._wait
        self._wait = DRAWN_MS
        for watcher in self._first:
            watcher()
        if document is None:
            self._all()
        else:
            self._next(document, milliseconds)

    def drawn(self) -> None:
        """Have the rest follow the next redraw at once: the browser has drawn what is first."""
        self._wait = TURN_MS

    def _all(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()

    def _next(self, document: Any, milliseconds: int) -> None:
        document.add_timeout_callback(partial(self._turn, self._turns), milliseconds)

    def _turn(self, number: int) -> None:
        if number != self._turns or not self._waiting:
            return
        try:
            self._waiting.pop(0)()
        finally:  # what fails keeps nothing after it from being drawn
            document = open_page()
            if document is None:
                self._all()
            elif self._waiting:
                self._next(document, TURN_MS)


def open_page() -> Any:
    """Give the document of the page at hand if a browser shows it, else None."""
    document = pn.state.curdoc
    if document is None or document.session_context is None or not pn.state.loaded:
        return None
    return document
