"""The next steps of the k slider in the browser's hands, so that a key is answered there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import panel as pn
from panel.custom import JSComponent

from mall_app.engine import Engine
from mall_app.errors import WorkbenchError
from mall_app.identity.lineage import Lineage
from mall_app.settings import Settings
from mall_app.views.drawing import Drawing, Foreseeing
from mall_app.views.page_loop import open_page, when_open
from mall_app.views.state import ViewState

MOST_ROWS = 2_000
STEPS = (1, -1)
# A step that is drawn in the browser has a result here by then, or is taken back.
TAKEN_BACK_MS = 100
# Of a browser that never says what it holds.
_MOST_SENT = 64


class NextSteps(JSComponent):
    """Sends the browser what the page shows after a step up or down, where it is known.

    The browser draws it as the key is pressed and says so. What follows is as ever: the step is
    fitted or looked up here, and what then differs from what is drawn is sent.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    engine : Engine
        Knows the fits; nothing is fitted for this.
    first, rest : sequence of Foreseeing
        What is drawn at the key, and what after that.
    """

    _esm = "next_steps.js"

    def __init__(
        self,
        state: ViewState,
        engine: Engine,
        first: Sequence[Foreseeing],
        rest: Sequence[Foreseeing],
        **params: Any,
    ) -> None:
        super().__init__(width=0, height=0, margin=0, **params)
        self._state = state
        self._engine = engine
        self._views = {"first": first, "rest": rest}
        self._sent: dict[int, list[Drawing]] = {}
        self._number = 0
        self._is_held = False
        self._unanswered = False
        state.plots.watch(self.forget, at_once=True)
        state.plots.watch(self.prepare)
        state.param.watch(lambda *_: self.prepare(), ["selection", "x", "y"])
        state.param.watch(self._drop, "busy")
        when_open(self.prepare)

    def forget(self) -> None:
        """Have the browser draw no more of what was sent: it began from another result.

        A step that it has begun to draw it finishes at this, before what follows comes.
        """
        self._unanswered = False
        self._drop()

    def _drop(self, *_: Any) -> None:
        """Take what was sent out of the browser's hands: what is under way may make it wrong."""
        if self._is_held:
            self._tell([])

    def prepare(self) -> None:
        """Send what the page shows after each step whose fit is known."""
        self.forget()
        model, used = self._state.model, self._state.model.result.settings
        if open_page() is None or used.n_clusters is None or self._state.selection:
            return
        if model.table.whole is not None or len(model.table) > MOST_ROWS:
            return
        settings = model.settings.unedited()
        if settings.n_clusters != used.n_clusters:
            return  # a step is under way
        self._tell([own for step in STEPS for own in self._after(settings, step)])

    def _after(self, settings: Settings, step: int) -> list[dict[str, Any]]:
        """Give what the page shows after a step, or nothing when that is not known."""
        model = self._state.model
        n_clusters = (settings.n_clusters or 0) + step
        try:
            base = self._engine.known(model.table, settings.changed(n_clusters=n_clusters))
            if base is None:
                return []
            after = model.foreseen(model.revision(base))
        except WorkbenchError:
            return []  # there is no such step, and the page says so when it is asked for
        return [{"n_clusters": n_clusters, **self._kept(after)}]

    def _kept(self, after: Lineage) -> dict[str, Any]:
        """Keep what is sent, for when the browser says that it has drawn it."""
        before = self._state.model.result
        drawings = {
            part: [own for view in views for own in view.foresee(after, before)]
            for part, views in self._views.items()
        }
        self._number += 1
        self._sent[self._number] = [own for part in drawings.values() for own in part]
        while len(self._sent) > _MOST_SENT:
            del self._sent[next(iter(self._sent))]
        return {"number": self._number} | {
            part: [{"name": own.name, "values": dict(own.values)} for own in drawn]
            for part, drawn in drawings.items()
        }

    def _tell(self, steps: list[dict[str, Any]]) -> None:
        self._is_held = bool(steps)
        self._send_msg({"steps": steps, "first": self._number - len(steps) + 1})

    def _server_event(self, doc: Any, event: Any) -> None:
        """Take a message when it comes; Panel would first do all that waits, without its lock."""
        if pn.state._unblocked(doc):
            self._comm_event(doc, event)
        else:
            super()._server_event(doc, event)

    def _handle_msg(self, data: Any) -> None:
        """Take note of what the browser holds or has drawn; its message is untrusted."""
        match data:
            case {"holds_from": int(first)}:
                self._sent = {own: drawn for own, drawn in self._sent.items() if own >= first}
            case {"drawn": int(number)} if number in self._sent:
                self._note(self._sent.pop(number))

    def _note(self, drawings: list[Drawing]) -> None:
        """Do here what the browser has done, and have a result follow it."""
        for own in drawings:
            own.mirror()
        self._state.plots.drawn()
        self._unanswered = True
        document = open_page()
        if document is not None:
            document.add_timeout_callback(self._take_back, TAKEN_BACK_MS)

    def _take_back(self) -> None:
        """Draw what there is a result for, when the step that was drawn has none as yet."""
        if self._unanswered:
            self._state.plots.due()
