"""Customers between two segments, for methods that give shares."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn

from mall_app.plots.base import column_values
from mall_app.plots.membership import BETWEEN, Membership, membership_of
from mall_app.views.marks import mark
from mall_app.views.method_table import table_css
from mall_app.views.state import ViewState
from mall_app.views.state_view import StateView

MOST_CUSTOMERS, MOST_COLUMNS = 15, 4


class MembershipView(StateView):
    """A row a customer that two segments may claim, the least sure first.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    visible : bool
        Whether it takes room before it is first shown.
    """

    def __init__(self, state: ViewState, visible: bool = True, **params: Any) -> None:
        super().__init__(state, **params)
        self._pane = pn.pane.HTML("", sizing_mode="stretch_width", margin=0, visible=visible)

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def show(self) -> None:
        """Write the list anew, or nothing when the method gives no shares."""
        found = membership_of(self.state.model.table, self.state.model.result)
        self._pane.visible = found is not None
        if found is not None:
            self._pane.object = f"<style>{table_css(self.state.palette)}</style>{self.html(found)}"

    def html(self, found: Membership) -> str:
        """Write the list."""
        between = found.between
        if not len(between):
            return (
                f"<p>Every customer belongs to one segment with a share of {BETWEEN:.0%} or more; "
                "faint marks in the scatter are the least sure.</p>"
            )
        few = between[:MOST_CUSTOMERS].tolist()
        count = f"{len(between):,} of {len(found.share):,} customers are between two segments"
        first = f"; the {len(few)} least sure" if len(between) > len(few) else ""
        rows = "".join(self._row(found, place) for place in few)
        heads = "".join(f"<th>{escape(name)}</th>" for name in self._columns())
        return (
            f"<p>{count}: no segment has a share of {BETWEEN:.0%} in them{first}. In the scatter, "
            "the fainter a mark, the less sure.</p><div class='scroll'><table><thead><tr>"
            "<th>Customer</th><th class='words'>Segment</th><th>Share</th>"
            f"<th class='words'>Or</th><th>Share</th>{heads}</tr></thead>"
            f"<tbody>{rows}</tbody></table></div>"
        )

    def _columns(self) -> list[str]:
        features = self.state.model.result.settings.features or ()
        return list(features)[:MOST_COLUMNS]

    def _row(self, found: Membership, place: int) -> str:
        model = self.state.model
        row = int(model.result.rows[place])
        values = [column_values(model.table, name)[row] for name in self._columns()]
        cells = "".join(f"<td>{_shown(value)}</td>" for value in values)
        return (
            f"<tr><td>{escape(self._name(row))}</td>"
            f"<td class='words'>{self._segment(int(model.result.labels[place]))}</td>"
            f"<td>{found.share[place]:.0%}</td>"
            f"<td class='words'>{self._segment(int(found.second[place]))}</td>"
            f"<td>{found.second_share[place]:.0%}</td>{cells}</tr>"
        )

    def _name(self, row: int) -> str:
        table = self.state.model.table
        if table.identifiers:
            return str(table.frame[table.identifiers[0]].iloc[row])
        return f"row {row + 1:,}"

    def _segment(self, segment: int) -> str:
        names = {own.segment: own.name for own in self.state.model.result.profiles}
        name = escape(names.get(segment, "–"))
        return f"{mark(segment, self.state.palette)} {name}"


def _shown(value: Any) -> str:
    return f"{value:,.4g}" if isinstance(value, float) else escape(str(value))
