"""Files to download, written beside the page so that it stays live meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from io import BytesIO
from threading import Thread

from mall_app.errors import WorkbenchError
from mall_app.views.state import ViewState


def written_beside(
    state: ViewState, what: str, write: Callable[[], bytes]
) -> Callable[[], Awaitable[BytesIO]]:
    """Give what a download button calls for its file.

    Parameters
    ----------
    state : ViewState
        Told what is under way, and what went wrong; the file is empty then.
    what : str
        What is written, within a sentence.
    write : callable
        Gives the content; called in a thread of its own, so it changes nothing of the page.

    Returns
    -------
    callable
        A coroutine function. Cancelled by a person, it gives no file.
    """

    async def callback() -> BytesIO:
        work: Future[bytes] = Future()
        Thread(target=_write, args=(work, write), name="download", daemon=True).start()
        state.begin(f"Writing {what}", work)
        try:
            content = await asyncio.wrap_future(work)
            return BytesIO(content)
        except WorkbenchError as error:
            state.problem = f"{what[:1].upper()}{what[1:]} was not written. {error}"
            return BytesIO()
        finally:
            state.end(work)

    return callback


def _write(work: Future[bytes], write: Callable[[], bytes]) -> None:
    with suppress(InvalidStateError):  # cancelled meanwhile
        try:
            work.set_result(write())
        except Exception as error:  # told on the page
            work.set_exception(error)
