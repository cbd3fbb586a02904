"""The segment cards in the browser: HTML that is replaced, a menu and a dialog that are not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import param
from panel.custom import JSComponent


class SegmentBoard(JSComponent):
    """Shows HTML and hands back what its buttons ask for.

    A button with ``data-action`` sends ``{"action", "segment"}``; the action ``menu`` opens the
    menu of the card it is in instead, whose entries send likewise, with what they need besides.

    Parameters
    ----------
    asked : callable
        Called with each message; it comes from the browser and is untrusted.
    """

    content = param.String(doc="The HTML, style included.")

    _esm = "segment_board.js"

    def __init__(self, asked: Callable[[dict[str, Any]], None], **params: Any) -> None:
        super().__init__(sizing_mode="stretch_width", margin=0, **params)
        self._asked = asked

    def _handle_msg(self, data: Any) -> None:
        if isinstance(data, dict):
            self._asked(data)
