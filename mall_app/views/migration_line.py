"""What became of the segments of the fit before, in a line that opens into a table."""

from __future__ import annotations

from html import escape

from mall_app.identity.changes import Change, Migration
from mall_app.plots.palette import Palette
from mall_app.views.marks import mark

_HEADS = ("Segment", "", "From", "To", "Before", "Now", "Stayed", "Left", "Joined")


def migration_line(migration: Migration, palette: Palette) -> str:
    """Write the sentence as HTML, with the table folded away behind it."""
    heads = "".join(
        f"<th{' class=number' if place > 3 else ''}>{title}</th>"
        for place, title in enumerate(_HEADS)
    )
    rows = "".join(_row(own, palette) for own in migration.changes)
    return (
        "<details class='changes' data-key='changes'><summary><span class='muted'>What "
        f"changed:</span> {escape(migration.sentence)}</summary><div class='scroll'>"
        f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _row(own: Change, palette: Palette) -> str:
    counts = (own.n_before, own.n_customers, own.n_stayed, own.n_moved, own.n_joined)
    numbers = "".join(f"<td class='number'>{count:,}</td>" for count in counts)
    places = (
        f"<td>{', '.join(map(str, others)) or '–'}</td>" for others in (own.sources, own.targets)
    )
    return (
        f"<tr><td>{mark(own.segment, palette, 12)} {own.segment}</td><td>{own.status}</td>"
        f"{''.join(places)}{numbers}</tr>"
    )
