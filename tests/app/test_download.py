"""Files are written beside the page, which says so and can stop waiting for them."""

from __future__ import annotations

import asyncio
from threading import Event, current_thread, main_thread

import pytest

from mall_app.errors import DataError
from mall_app.model.model import ClusteringModel
from mall_app.views.download import written_beside
from mall_app.views.state import ViewState
from tests.event_loop import run_apart


@pytest.fixture
def state() -> ViewState:
    return ViewState(ClusteringModel())


def test_the_page_is_live_and_says_what_is_written(state: ViewState) -> None:
    go_on, threads = Event(), []

    def write() -> bytes:
        threads.append(current_thread())
        assert go_on.wait(30)
        return b"a,b"

    async def visit() -> bytes:
        file = asyncio.ensure_future(written_beside(state, "the table", write)())
        await asyncio.sleep(0)
        assert state.busy == "Writing the table"
        go_on.set()
        return (await file).getvalue()

    assert run_apart(visit()) == b"a,b"
    assert state.busy == ""
    assert threads != [main_thread()]


def test_a_person_may_stop_waiting_and_gets_no_file(state: ViewState) -> None:
    go_on = Event()

    async def visit() -> None:
        file = asyncio.ensure_future(
            written_beside(state, "the table", lambda: bytes(go_on.wait(30)))()
        )
        await asyncio.sleep(0)
        state.cancel()
        with pytest.raises(asyncio.CancelledError):
            await file
        go_on.set()

    run_apart(visit())
    assert state.busy == state.problem == ""


def test_what_cannot_be_written_is_told(state: ViewState) -> None:
    def write() -> bytes:
        raise DataError("The disk is full.")

    given = run_apart(written_beside(state, "the model", write)())
    assert given.getvalue() == b""
    assert state.problem == "The model was not written. The disk is full."
