"""Back from a worker to the page that asked."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import panel as pn


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
            document.add_next_tick_callback(partial(then, done))
            if document.session_context is not None
            else None
        )
    )
