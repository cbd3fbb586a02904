"""A card a segment: who they are, in words, numbers and small bars."""

from __future__ import annotations

from html import escape
from typing import Any

import panel as pn
import param

from mall_app.plots.palette import Palette
from mall_app.segments import Segment, split_unit
from mall_app.views.marks import mark
from mall_app.views.state import ViewState
from mall_app.views.style import card, text_styles

_LONGEST_BAR = 2.0


class SegmentCards(pn.viewable.Viewer):
    """Cards in the order of the segments; they are the legend of every plot.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    state = param.ClassSelector(class_=ViewState, constant=True)

    def __init__(self, state: ViewState, **params: Any) -> None:
        super().__init__(state=state, **params)
        self._pane = pn.pane.HTML(self._html(), sizing_mode="stretch_width", margin=0,
                                  stylesheets=[self._sheet()])
        state.model.param.watch(self._refresh, "result")
        state.param.watch(self._restyle, "dark")

    def __panel__(self) -> pn.viewable.Viewable:
        return self._pane

    def _refresh(self, *_: Any) -> None:
        self._pane.object = self._html()

    def _restyle(self, *_: Any) -> None:
        self._pane.stylesheets = [self._sheet()]
        self._refresh()

    def _html(self) -> str:
        result, palette = self.state.model.result, self.state.palette
        cards = [_segment(own, palette) for own in result.profiles]
        if result.n_noise:
            cards.append(_noise(result.n_noise, len(result.labels), palette))
        return f'<div class="cards">{"".join(cards)}</div>'

    def _sheet(self) -> str:
        palette = self.state.palette
        frame = "; ".join(f"{name}: {value}" for name, value in card(palette).items())
        return text_styles(palette) + f"""
.cards {{ display: grid; gap: 16px; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); }}
.card {{ {frame}; padding: 16px; display: flex; flex-direction: column; gap: 8px; }}
.name {{ font-weight: 600; display: flex; gap: 8px; align-items: baseline; }}
.size {{ margin-left: auto; white-space: nowrap; font-variant-numeric: tabular-nums; }}
.row {{ display: grid; grid-template-columns: 1fr 72px 84px; gap: 8px; align-items: center; }}
.label {{ overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }}
.track {{ height: 8px; border-radius: 4px; background: {palette.grid}; position: relative; }}
.bar {{ position: absolute; top: 0; bottom: 0; border-radius: 4px; }}
.middle {{ position: absolute; left: 50%; top: -2px; bottom: -2px; width: 1px;
           background: {palette.muted}; }}
p {{ margin: 0; }}
"""


def _segment(own: Segment, palette: Palette) -> str:
    rows = "".join(_bar(name, value, own, palette)
                   for name, value in own.distinctive(list(own.numeric)))
    return (
        f'<div class="card" data-segment="{own.segment}"><div class="name">'
        f"{mark(own.segment, palette)}<span>{escape(own.name)}</span>"
        f'<span class="size muted small">{own.size:,} · {own.share:.0%}</span></div>'
        f'<div class="small">{rows}</div>'
        f'<p class="muted small">{escape(own.sentence)}</p></div>'
    )


def _bar(name: str, difference: float, own: Segment, palette: Palette) -> str:
    width = min(abs(difference) / _LONGEST_BAR, 1.0) * 50
    left = 50.0 if difference > 0 else 50.0 - width
    quantity, unit = split_unit(name)
    shown_unit = f" {unit}" if unit and not unit[0].isdigit() else ""
    return (
        f'<div class="row"><span class="label" title="{escape(name)}">{escape(quantity)}</span>'
        f'<span class="track" title="{difference:+.2f} standard deviations from the average">'
        f'<span class="bar" style="left:{left:.1f}%;width:{width:.1f}%;'
        f'background:{palette.colour(own.segment)}"></span><span class="middle"></span></span>'
        f'<span class="number">{own.numeric[name].mean:,.4g}{escape(shown_unit)}</span></div>'
    )


def _noise(count: int, total: int, palette: Palette) -> str:
    return (
        f'<div class="card" data-segment="-1"><div class="name">{mark(-1, palette)}'
        f'<span>Noise</span><span class="size muted small">{count:,} · {count / total:.0%}</span>'
        '</div><p class="muted small">Customers like no segment. They take no part in the scores.'
        "</p></div>"
    )
