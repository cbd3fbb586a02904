"""A card a segment, what changed since the last fit, and the edits made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from mall_app.segments.members import DOUBTFUL_MARGIN
from mall_app.views.edits import carry_out, edit_list, pinned
from mall_app.views.migration_line import migration_line
from mall_app.views.segment_board import SegmentBoard
from mall_app.views.segment_card import CardContent, noise_card, segment_card
from mall_app.views.segment_style import segment_style
from mall_app.views.selected import Rows
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView


class SegmentCards(StateView):
    """Cards in the order of the segments; they are the legend of every plot.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state, **params)
        self._board = SegmentBoard(self._do)
        self._board.content = self._content()
        state.plots.watch(self._refresh)

    def __panel__(self) -> SegmentBoard:
        return self._board

    def _refresh(self) -> None:
        self._board.content = self._content()

    def _content(self) -> str:
        state, result = self.state, self.state.model.result
        held = pinned(result.settings.edits)
        doubtful = self._count_doubtful()
        cards = [
            segment_card(
                CardContent(
                    own,
                    state.model.table,
                    state.palette,
                    doubtful.get(own.segment, 0),
                    own.segment in held,
                )
            )
            for own in result.profiles
        ]
        if result.n_noise:
            cards.append(noise_card(result.n_noise, result.n_used, state.palette))
        return (
            f"<style>{segment_style(state.palette)}</style>{self._line()}"
            f"<div class='cards'>{''.join(cards)}</div>"
        )

    def _line(self) -> str:
        """Write what changed, beside what was changed by hand; its height is always there."""
        state = self.state
        migration = state.model.migration if state.previous is not None else None
        changed = (
            migration_line(migration, state.palette)
            if migration is not None
            else "<span class='muted changes'>The segments, and what sets each apart</span>"
        )
        return (
            f"<div class='line small'>{changed}{edit_list(state.model.result.settings.edits)}</div>"
        )

    def _count_doubtful(self) -> dict[int, int]:
        """Count the customers of each segment that are about as near to another one."""
        result = self.state.model.result
        numbers, counts = np.unique(
            result.labels[result.doubt.margin < DOUBTFUL_MARGIN], return_counts=True
        )
        return dict(zip(numbers.tolist(), counts.tolist(), strict=True))

    def _doubtful(self, segment: int) -> Rows:
        """Give all the customers of a segment that are about as near to another one."""
        result = self.state.model.result
        unsure = (result.labels == segment) & (result.doubt.margin < DOUBTFUL_MARGIN)
        return Rows(result.rows[unsure])

    def _do(self, message: dict[str, Any]) -> None:
        action, segment = message.get("action"), message.get("segment")
        if action == "doubtful" and isinstance(segment, int):
            self.state.selection = self._doubtful(segment)
        elif action == "typical":
            profiles = self.state.model.result.profiles
            self.state.selection = sorted(
                row for own in profiles if own.segment == segment for row in own.typical
            )
        else:
            carry_out(self.state, message)
