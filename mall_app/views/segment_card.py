"""One segment as a card: name, size, sentence, what sets it apart, rule, customers, note."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from mall_app.data.table import Table
from mall_app.plots.palette import Palette
from mall_app.segments.segment import Distinction, Rule, Segment, split_unit
from mall_app.views.marks import mark

LONGEST_BAR = 3.0
MOST_TYPICAL = 3


@dataclass(frozen=True)
class CardContent:
    """What a card is written from.

    Parameters
    ----------
    segment : Segment
        Who they are.
    table : Table
        The customers.
    palette : Palette
        Colours.
    n_doubtful : int
        Members that are about as near to another segment.
    is_pinned : bool
        Whether customers are held in it.
    """

    segment: Segment
    table: Table
    palette: Palette
    n_doubtful: int = 0
    is_pinned: bool = False


def segment_card(content: CardContent) -> str:
    """Write the card as HTML."""
    own, palette = content.segment, content.palette
    colour = palette.colour(own.segment)
    bars = "".join(_bar(each, colour) for each in own.distinctive(content.table.features))
    note = f"<p class='note small'>{escape(own.note)}</p>" if own.note else ""
    pinned = " · pinned" if content.is_pinned else ""
    return (
        f"<article class='card' data-segment=\"{own.segment}\" data-name='{escape(own.name)}' "
        f"data-note='{escape(own.note)}' data-pinned='{str(content.is_pinned).lower()}'>"
        f"<header>{mark(own.segment, palette)}<h3 title='{escape(own.name)}'>"
        f"{escape(own.name)}</h3><button type='button' class='more' data-action='menu' "
        f"aria-haspopup='menu' aria-label='Change segment {own.segment}'>⋯</button></header>"
        f"<div class='muted small'>{own.segment} · {own.size:,} customers · {own.share:.0%}"
        f"{pinned}</div>{note}<p class='small'>{escape(own.sentence)}</p>"
        f"<div class='small bars'>{bars}</div>{_details(content)}</article>"
    )


def noise_card(count: int, total: int, palette: Palette) -> str:
    """Write the card of the customers in no segment."""
    return (
        f"<article class='card' data-segment=\"-1\"><header>{mark(-1, palette)}<h3>Noise</h3>"
        f"</header><div class='muted small'>{count:,} customers · {count / total:.0%}</div>"
        "<p class='small'>Customers like no segment. They take no part in the scores.</p></article>"
    )


def _details(content: CardContent) -> str:
    own = content.segment
    doubtful = ""
    if content.n_doubtful:
        where = " in the sample" if content.table.whole is not None else ""
        said = f"{content.n_doubtful:,} doubtful{where}"
        doubtful = _choice("doubtful", said, own.segment)
    typical = _choice("typical", _typical(own, content.table), own.segment)
    return f"<footer class='small muted'>{_rule(own.rule)}<div>{typical}{doubtful}</div></footer>"


def _rule(rule: Rule | None) -> str:
    if rule is None:
        return "<div>No short rule tells it apart.</div>"
    said = escape(rule.text.replace(" <= ", " ≤ "))
    meaning = (
        f"{rule.precision:.0%} of the customers this describes are in the segment, and it "
        f"describes {rule.recall:.0%} of the segment"
    )
    return (
        f"<div class='rule'>{said}<span class='fit' title='{meaning}'>"
        f"precision {rule.precision:.0%}, recall {rule.recall:.0%}</span></div>"
    )


def _typical(own: Segment, table: Table) -> str:
    rows = own.typical[:MOST_TYPICAL]
    if table.identifiers:
        names = table.frame[table.identifiers[0]].iloc[list(rows)].astype(str).tolist()
        return f"Like {', '.join(name[:20] for name in names)}"
    if table.whole is not None:  # rows of the sample have other numbers in the files
        return f"{len(rows)} typical"
    return f"Like rows {', '.join(str(row + 1) for row in rows)}"


def _choice(which: str, label: str, segment: int) -> str:
    return (
        f"<button type='button' class='quiet' data-action='{which}' "
        f"title='Select the {which} customers of segment {segment}'>{escape(label)}</button>"
    )


def _bar(own: Distinction, colour: str) -> str:
    """Draw a difference from the rest, and its confidence interval as a line over it."""
    value = own.effect.value if own.effect else own.difference
    start, end = sorted((_place(0.0), _place(value)))
    whisker, said = "", f"{value:+.2f} standard deviations from the average"
    if own.effect:
        low, high = _place(own.effect.low), _place(own.effect.high)
        whisker = f"<i class='whisker' style='left:{low:.1f}%;width:{high - low:.1f}%'></i>"
        said = (
            f"{value:+.2f} from the rest ({_scale(own)}; 95 % interval "
            f"{own.effect.low:+.2f} to {own.effect.high:+.2f})"
        )
    name, level = _words(own)
    return (
        f"<div class='label'><span>{escape(name)}</span><span class='number'>{escape(level)}"
        f"</span></div><div class='track' title='{escape(said)}'><i class='bar' "
        f"style='left:{start:.1f}%;width:{end - start:.1f}%;background:{colour}'></i>{whisker}"
        "<i class='middle'></i></div>"
    )


def _scale(own: Distinction) -> str:
    return "standard deviations" if own.value is None else "Cohen's h"


def _place(value: float) -> float:
    """Give the place on the track in per cent; what is beyond the end stays at the end."""
    return 50 + 50 * max(-1.0, min(1.0, value / LONGEST_BAR))


def _words(own: Distinction) -> tuple[str, str]:
    if own.value is not None:
        return f"{own.column}: {own.value}", f"{own.level:.0%}"
    quantity, unit = split_unit(own.column)
    shown_unit = f" {unit}" if unit and not unit[0].isdigit() else ""
    return quantity, f"{own.level:,.4g}{shown_unit}"
