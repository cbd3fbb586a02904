"""The profile of the segments as a table of figures, in original units."""

from __future__ import annotations

from html import escape

from mall_app.segments.segment import NumericProfile, Segment
from mall_app.views.html_view import HtmlView
from mall_app.views.marks import mark


class ProfileTable(HtmlView):
    """A row a segment: size, then mean, median and quartiles of each column, then shares."""

    def html(self) -> str:
        """Write the content from the state."""
        result = self.state.model.result
        if not result.profiles:
            return "<p class='muted'>There is no segment to describe: every customer is noise.</p>"
        first = result.profiles[0]
        heads = [f"<th class='number'>{escape(name)}</th>" for name in first.numeric]
        heads += [f"<th class='number'>{escape(name)}</th>" for name in first.categorical]
        rows = "".join(self._row(own) for own in result.profiles)
        return (
            "<div class='scroll'><table><caption>Mean, with median and quartiles below; shares of "
            "categories.</caption><thead><tr><th>Segment</th><th class='number'>Customers</th>"
            f"{''.join(heads)}</tr></thead><tbody>{rows}</tbody></table></div>"
        )

    def css(self) -> str:
        """Write the rules of this view alone."""
        palette = self.state.palette
        return f"""
.scroll {{ overflow-x: auto; margin: 16px 0; }}
table {{ border-collapse: collapse; width: 100%; }}
caption {{ text-align: left; font-size: 12px; color: {palette.muted}; padding-bottom: 8px; }}
th, td {{ padding: 8px 16px 8px 0; text-align: left; vertical-align: top;
          border-bottom: 1px solid {palette.grid}; white-space: nowrap; }}
th {{ font-size: 12px; color: {palette.muted}; font-weight: 600; }}
td:first-child {{ white-space: normal; min-width: 180px; max-width: 280px;
                  overflow-wrap: anywhere; }}
th.number {{ white-space: normal; min-width: 90px; max-width: 200px; overflow-wrap: anywhere; }}
th.number, td.number {{ text-align: right; padding: 8px 0 8px 16px; }}
"""

    def _row(self, own: Segment) -> str:
        cells = [_numbers(numbers) for numbers in own.numeric.values()]
        cells += [_shares(shares) for shares in own.categorical.values()]
        name = f"{own.segment} · {escape(own.name)}"
        return (
            f"<tr><td>{mark(own.segment, self.state.palette)} {name}</td>"
            f"<td class='number'>{own.size:,}<div class='muted small'>{own.share:.1%}</div></td>"
            f"{''.join(cells)}</tr>"
        )


def _numbers(numbers: NumericProfile) -> str:
    if numbers.mean is None:
        return "<td class='number muted'>–</td>"
    return (
        f"<td class='number'>{numbers.mean:,.4g}<div class='muted small'>{numbers.median:,.4g} "
        f"({numbers.lower_quartile:,.4g} to {numbers.upper_quartile:,.4g})</div></td>"
    )


def _shares(shares: dict[str, float], most: int = 3) -> str:
    top = sorted(shares.items(), key=lambda pair: -pair[1])[:most]
    lines = "".join(f"<div>{escape(value)} {share:.0%}</div>" for value, share in top)
    return f"<td class='number'>{lines}</td>"
