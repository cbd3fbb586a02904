"""What the evidence comes to, in words, votes and figures."""

from __future__ import annotations

from html import escape

from mall_app.evidence import Evidence
from mall_app.plots.evidence import VERDICTS
from mall_app.plots.palette import Palette
from mall_app.views.method_table import foldable, table_css


def outcome_html(own: Evidence, palette: Palette) -> str:
    """Write the headline, the reasons and what to beware of."""
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in own.reasons)
    warnings = "".join(f"<li>{escape(warning)}</li>" for warning in own.warnings)
    beware = f"<p class='small muted'>To know:</p><ul class='muted'>{warnings}</ul>"
    return (
        f"<style>{table_css(palette)}{_CSS}</style><div class='headline'>{escape(own.headline)}"
        f"</div><ul>{reasons}</ul>{beware if warnings else ''}"
    )


def votes_html(own: Evidence, palette: Palette) -> str:
    """Write a table with a row an index, and a mark at the number it votes for."""
    ks = own.ks
    heads = "".join(f"<th class='k{_chosen(k, own)}'>{k}</th>" for k in ks)
    rows = "".join(
        _vote_row(own.indices[name].title, own.indices[name].best_k, own)
        for name in own.agreement.votes
        if name in own.indices
    )
    sizes = "".join(f"<td class='k{_chosen(k, own)}'>{own.smallest[k]:,}</td>" for k in ks)
    return (
        f"<style>{table_css(palette)}{_CSS}"
        f".on {{ background: {palette.grid}; }} .dot {{ background: {palette.accent}; }}</style>"
        "<div class='scroll'><table class='votes'><thead><tr><th>Votes for k =</th>"
        f"{heads}</tr></thead><tbody>{rows}<tr><td class='muted'>Smallest segment</td>{sizes}</tr>"
        "</tbody></table></div>"
    )


def stability_html(own: Evidence, k: int, names: dict[int, str], palette: Palette) -> str:
    """Write how well each segment of one number of segments comes back.

    Parameters
    ----------
    own : Evidence
        What is told of.
    k : int
        The number of segments.
    names : dict of int to str
        HTML of the names of segments, by their place in order of size, where they are known.
    palette : Palette
        Colours.
    """
    found = own.stability.get(k)
    if found is None or not found.segments:
        return ""
    rows = "".join(
        f"<tr><td>{names.get(each.segment, f'Segment {each.segment}')}</td>"
        f"<td>{each.size:,}</td><td>{each.jaccard:.2f} ± {each.spread:.2f}</td>"
        f"<td class='words'>{VERDICTS[each.verdict]} {each.verdict}</td></tr>"
        for each in found.segments
    )
    return (
        f"<style>{table_css(palette)}"
        "td:first-child { white-space: normal; min-width: 150px; }</style>"
        f"<p><b>With {k} segments</b>, over {found.n_bootstraps} bootstraps:</p>"
        "<div class='scroll'><table><thead><tr><th>Segment</th><th>Customers</th>"
        "<th>Overlap (Jaccard)</th><th class='words'>Verdict</th></tr></thead>"
        f"<tbody>{rows}</tbody></table></div>"
    )


def figures_html(own: Evidence, palette: Palette) -> str:
    """Write every index of every number of segments, to unfold."""
    names = [name for name, index in own.indices.items() if any(index.values.values())]
    heads = "".join(f"<th>{escape(own.indices[name].title)}</th>" for name in names)
    ks = sorted({k for name in names for k in own.indices[name].values})
    rows = "".join(
        f"<tr{' class=here' if k == own.recommended_k else ''}><td>{k}</td>"
        + "".join(f"<td>{_figure(own, name, k)}</td>" for name in names)
        + "</tr>"
        for k in ks
    )
    table = f"<table><thead><tr><th>k</th>{heads}</tr></thead><tbody>{rows}</tbody></table>"
    return foldable("All indices as a table (± standard error)", table, palette)


_CSS = """
.headline { font-size: 18px; font-weight: 600; line-height: 1.35; margin-bottom: 8px; }
ul { margin: 0 0 8px 0; padding-left: 20px; max-width: 96ch; }
li { margin-bottom: 4px; }
.dot { display: inline-block; width: 10px; height: 10px; border-radius: 5px; }
.votes th.k, .votes td.k { text-align: center; padding: 6px 8px; min-width: 16px; }
"""


def _chosen(k: int, own: Evidence) -> str:
    return " on" if k == own.recommended_k else ""


def _vote_row(title: str, vote: int | None, own: Evidence) -> str:
    mark = "<span class='dot' role='img' aria-label='vote'></span>"
    cells = "".join(
        f"<td class='k{_chosen(k, own)}'>{mark if k == vote else ''}</td>" for k in own.ks
    )
    told = "no vote" if vote is None else f"{vote}" if vote not in own.ks else ""
    note = f" <span class='small muted'>({told})</span>" if told else ""
    return f"<tr><td>{escape(title)}{note}</td>{cells}</tr>"


def _figure(own: Evidence, name: str, k: int) -> str:
    index = own.indices[name]
    value, error = index.values.get(k), index.standard_errors.get(k)
    if value is None:
        return "–"
    return f"{value:,.4g}" + (f" ± {error:.2g}" if error is not None else "")
