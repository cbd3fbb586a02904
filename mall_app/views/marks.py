"""The mark of a segment as inline SVG: the same shape and colour as in the plots."""

from __future__ import annotations

from mall_app.plots.palette import Palette, marker

_SHAPES = {
    "circle": '<circle cx="8" cy="8" r="6"/>',
    "square": '<rect x="2.5" y="2.5" width="11" height="11"/>',
    "triangle": '<path d="M8 2 14.5 13.5H1.5Z"/>',
    "diamond": '<path d="M8 1 14 8 8 15 2 8Z"/>',
    "inverted_triangle": '<path d="M8 14 1.5 2.5H14.5Z"/>',
    "hex": '<path d="M8 1.5 14 4.8V11.2L8 14.5 2 11.2V4.8Z"/>',
    "star": '<path d="M8 1 9.9 6H15L10.9 9.2 12.4 14.4 8 11.3 3.6 14.4 5.1 9.2 1 6H6.1Z"/>',
    "plus": '<path d="M8 2V14M2 8H14" stroke-width="3"/>',
    "x": '<path d="M3 3 13 13M13 3 3 13" stroke-width="2.5"/>',
}


def mark(segment: int, palette: Palette, size: int = 14) -> str:
    """Give the mark of a segment; -1 is noise."""
    colour = palette.colour(segment)
    return (
        f'<svg width="{size}" height="{size}" viewBox="0 0 16 16" fill="{colour}" '
        f'stroke="{colour}" aria-hidden="true" style="vertical-align:-2px;flex:none">'
        f"{_SHAPES[marker(segment)]}</svg>"
    )
