"""A card a segment, what changed since the last fit, and the edits made by hand."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np

from mall_app.identity.changes import Migration
from mall_app.identity.lineage import Lineage
from mall_app.result import ClusteringResult
from mall_app.segments.members import DOUBTFUL_MARGIN
from mall_app.views.drawing import Drawing
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
        self._board = SegmentBoard(self._do, tags=[self.name])
        self._board.content = self._content()
        state.plots.watch(self._refresh)

    def __panel__(self) -> SegmentBoard:
        return self._board

    def foresee(self, after: Lineage, _before: ClusteringResult) -> list[Drawing]:
        """Give what changes with another result of the same table."""
        content = self._written(after.result, after.migration)
        mirror = partial(self._board.param.update, content=content)
        return [Drawing(self.name, {"content": content}, mirror)]

    def _refresh(self) -> None:
        self._board.content = self._content()

    def _content(self) -> str:
        state = self.state
        migration = state.model.migration if state.previous is not None else None
        return self._written(state.model.result, migration)

    def _written(self, result: ClusteringResult, migration: Migration | None) -> str:
        state = self.state
        held = pinned(result.settings.edits)
        doubtful = _count_doubtful(result)
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
            f"<style>{segment_style(state.palette)}</style>{self._line(result, migration)}"
            f"<div class='cards'>{''.join(cards)}</div>"
        )

    def _line(self, result: ClusteringResult, migration: Migration | None) -> str:
        """Write what changed, beside what was changed by hand; its height is always there."""
        changed = (
            migration_line(migration, self.state.palette)
            if migration is not None
            else "<span class='muted changes'>The segments, and what sets each apart</span>"
        )
        return f"<div class='line small'>{changed}{edit_list(result.settings.edits)}</div>"

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


def _count_doubtful(result: ClusteringResult) -> dict[int, int]:
    """Count the customers of each segment that are about as near to another one."""
    numbers, counts = np.unique(
        result.labels[result.doubt.margin < DOUBTFUL_MARGIN], return_counts=True
    )
    return dict(zip(numbers.tolist(), counts.tolist(), strict=True))
