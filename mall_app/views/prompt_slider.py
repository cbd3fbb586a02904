"""A slider that answers a key as soon as all that the key sends is here."""

from __future__ import annotations

from typing import Any

import panel as pn
import panel_material_ui as pmui

# Panel waits 50 ms for what may follow, which would be most of the time of an answer.
MORE_MS = 10
# The browser is told first that its second message came; an answer would wait for that.
TOLD_MS = 2


class PromptSlider(pmui.IntSlider):
    """Sends a key's answer at once, a drag's as fast as it goes.

    A key sends two messages, the value and that it is final. An answer to the first alone is held
    up by the second, so Panel is to wait a little; but no longer than until the second is here.
    """

    _debounce = MORE_MS

    def _server_change(
        self, doc: Any, ref: str, subpath: str | None, attr: str, old: Any, new: Any
    ) -> None:
        super()._server_change(doc, ref, subpath, attr, old, new)
        if attr == "value_throttled" and doc.session_context:
            # Panel does what waits by its number, so that what comes early does not come twice.
            for change in list(pn.state._change_callbacks.get(doc, {}).values()):
                doc.add_timeout_callback(change, TOLD_MS)
