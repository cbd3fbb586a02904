"""A long calculation on the page: how far it is, a button to stop it, why it did not work."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

import panel as pn
import panel_material_ui as pmui

from mall_app.views.one_at_a_time import OneAtATime
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView
from mall_app.views.style import as_text

Progress = Callable[[int, int], None]


class StudyRun(StateView):
    """One study at a time; a bar while it runs, a sentence when it fails.

    Parameters
    ----------
    state : ViewState
        What is looked at; closing its page stops the study.
    what : str
        What is done, as in "Gathering evidence".
    """

    def __init__(self, state: ViewState, what: str, **params: Any) -> None:
        super().__init__(state, **params)
        self._what = what
        self._work = OneAtATime(state)
        self._told: tuple[int, int] = (0, 0)
        self._telling = False
        self._started = 0.0
        self._bar = pmui.LinearProgress(
            value=0, variant="determinate", sizing_mode="stretch_width", margin=(12, 0)
        )
        self._words = pmui.Typography("", variant="body2", margin=(6, 16, 6, 0))
        stop = pmui.Button(
            label="Cancel", size="small", variant="outlined", margin=0, on_click=self.stop
        )
        self._row = pn.Row(
            self._words,
            self._bar,
            stop,
            sizing_mode="stretch_width",
            visible=False,
            styles={"gap": "16px", "align-items": "center"},
        )
        self._problem = pmui.Alert(
            object="", severity="warning", visible=False, sizing_mode="stretch_width", margin=0
        )

    def __panel__(self) -> pn.viewable.Viewable:
        return pn.Column(self._row, self._problem, sizing_mode="stretch_width", margin=0)

    @property
    def busy(self) -> bool:
        """Whether a study is under way."""
        return self._work.busy

    def start(self, call: Callable[[Progress], Future[Any]], take: Callable[[Any], None]) -> None:
        """Begin a study, in place of one under way.

        Parameters
        ----------
        call : callable
            Takes a progress callback, which may be called in any thread; gives the future.
        take : callable
            Takes the answer; not called when the study fails or is stopped.
        """
        self.fail("")
        self._told, self._started = (0, 0), time.monotonic()
        self._work.start(
            "",
            partial(call, partial(self._note, pn.state.curdoc)),
            partial(self._take, take),
            lambda error: self._end(str(error)),
            lambda: self._end(f"{self._what} was cancelled."),
        )
        self._row.visible = self._work.busy
        self._tell()

    def stop(self, *_: Any) -> None:
        """Give up what is under way."""
        self._work.stop()

    def _end(self, problem: str = "") -> None:
        self._row.visible = False
        self.fail(problem)

    def _take(self, take: Callable[[Any], None], answer: Any) -> None:
        self._end()
        take(answer)

    def fail(self, sentence: str) -> None:
        """Say why there is no answer; nothing for an empty sentence."""
        self._problem.param.update(object=as_text(sentence), visible=bool(sentence))

    def _note(self, document: Any, done: int, total: int) -> None:
        """Take note in a thread of the engine, and tell it in one of the page's own turns."""
        self._told = (done, total)
        if self._telling or document is None or document.session_context is None:
            return
        self._telling = True
        document.add_next_tick_callback(self._tell)

    def _tell(self) -> None:
        self._telling = False
        done, total = self._told
        share = done / total if total else 0.0
        seconds = time.monotonic() - self._started
        self._bar.value = int(100 * share)
        self._words.object = f"{self._what}: {share:.0%} after {seconds:.0f} s"
