"""A card a segment: who they are, in words, numbers and small bars."""

from __future__ import annotations

from html import escape

from mall_app.plots.palette import Palette
from mall_app.segments import Segment, split_unit
from mall_app.views.html_view import HtmlView
from mall_app.views.marks import mark

_LONGEST_BAR = 2.0


class SegmentCards(HtmlView):
    """Cards in the order of the segments; they are the legend of every plot.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    def html(self) -> str:
        """Write the content from the state."""
        result, palette = self.state.model.result, self.state.palette
        cards = [_segment(own, palette) for own in result.profiles]
        if result.n_noise:
            cards.append(_noise(result.n_noise, len(result.labels), palette))
        return f'<div class="cards">{"".join(cards)}</div>'

    def css(self) -> str:
        """Write the rules of this view alone."""
        palette = self.state.palette
        return f"""
.cards {{ display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(196px, 1fr)); }}
.card {{ padding: 16px; display: flex; flex-direction: column; gap: 8px; }}
.card {{ overflow-wrap: anywhere; min-width: 0; }}
.name span {{ display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 3;
              overflow: hidden; }}
.number {{ white-space: nowrap; }}
.name {{ font-weight: 600; display: flex; gap: 8px; align-items: baseline; line-height: 1.35; }}
.label {{ display: flex; justify-content: space-between; gap: 8px; margin-top: 4px; }}
.track {{ height: 6px; border-radius: 3px; background: {palette.grid}; position: relative; }}
.bar {{ position: absolute; top: 0; bottom: 0; border-radius: 3px; }}
.middle {{ position: absolute; left: 50%; top: -2px; bottom: -2px; width: 1px;
           background: {palette.muted}; }}
p {{ margin: 0; }}
"""


def _segment(own: Segment, palette: Palette) -> str:
    bars = "".join(
        _bar(each.column, each.difference, own, palette)
        for each in own.distinctive(list(own.numeric))
    )
    return _card(
        own.segment,
        own.name,
        own.size,
        own.share,
        palette,
        f'<div class="small">{bars}</div><p class="muted small">{escape(own.sentence)}</p>',
    )


def _card(segment: int, name: str, size: int, share: float, palette: Palette, content: str) -> str:
    return (
        f'<div class="card" data-segment="{segment}"><div class="name">{mark(segment, palette)}'
        f'<span title="{escape(name)}">{escape(name)}</span></div>'
        f'<div class="muted small">{size:,} customers · {share:.0%}</div>{content}</div>'
    )


def _bar(name: str, difference: float, own: Segment, palette: Palette) -> str:
    width = min(abs(difference) / _LONGEST_BAR, 1.0) * 50
    left = 50.0 if difference > 0 else 50.0 - width
    quantity, unit = split_unit(name)
    shown_unit = f" {unit}" if unit and not unit[0].isdigit() else ""
    return (
        f'<div class="label"><span>{escape(quantity)}</span>'
        f'<span class="number">{own.numeric[name].mean:,.4g}{escape(shown_unit)}</span></div>'
        f'<div class="track" title="{difference:+.2f} standard deviations from the average">'
        f'<span class="bar" style="left:{left:.1f}%;width:{width:.1f}%;'
        f'background:{palette.colour(own.segment)}"></span><span class="middle"></span></div>'
    )


def _noise(count: int, total: int, palette: Palette) -> str:
    return _card(
        -1,
        "Noise",
        count,
        count / total,
        palette,
        '<p class="muted small">Customers like no segment. They take no part in the scores.</p>',
    )
