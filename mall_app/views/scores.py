"""Score cards: value, direction, change against the previous fit, how it was obtained."""

from __future__ import annotations

from dataclasses import dataclass

from mall_app.identity.lineage import Lineage
from mall_app.metrics import Score
from mall_app.plots.palette import Palette
from mall_app.result import ClusteringResult
from mall_app.views.drawing import Drawing
from mall_app.views.html_view import HtmlView


@dataclass(frozen=True)
class _Card:
    key: str
    title: str
    help: str
    decimals: int


_CARDS = (
    _Card("silhouette_score", "Silhouette", "-1 to 1 · higher is better", 3),
    _Card("davies_bouldin_score", "Davies-Bouldin", "from 0 · lower is better", 3),
    _Card("calinski_harabasz_score", "Calinski-Harabasz", "from 0 · higher is better", 1),
)


class ScoreCards(HtmlView):
    """A row of cards that changes by text alone, so that it is the first thing to answer.

    Parameters
    ----------
    state : ViewState
        What is looked at.
    """

    at_once = True

    def html(self) -> str:
        """Write the content from the state."""
        return self._cards(self.state.model.result, self.state.previous)

    def foresee(self, after: Lineage, before: ClusteringResult) -> list[Drawing]:
        """Give what changes with another result."""
        return [self.drawing(self._cards(after.result, before))]

    def _cards(self, result: ClusteringResult, before: ClusteringResult | None) -> str:
        cards = [_found(result, before)]
        cards += [_scored(own, result, before, self.state.palette) for own in _CARDS]
        return f'<div class="cards">{"".join(cards)}</div>'

    def css(self) -> str:
        """Write the rules of this view alone."""
        palette = self.state.palette
        return f"""
.cards {{ display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(170px, 1fr)); }}
.card {{ padding: 12px 16px; min-height: 92px; }}
.change {{ margin-left: 8px; }}
.better {{ color: {"#41C98B" if palette.dark else "#0B7A4B"}; }}
.worse {{ color: {"#F08A70" if palette.dark else "#B23A1E"}; }}
"""


def _found(result: ClusteringResult, before: ClusteringResult | None) -> str:
    noise = f" · {result.n_noise:,} noise" if result.n_noise else ""
    used = f"{result.n_used:,} customers{noise}"
    return _frame("segments", "Segments", f"{result.n_clusters}", _steps(result, before), used)


def _steps(result: ClusteringResult, before: ClusteringResult | None) -> str:
    if before is None or before.n_clusters == result.n_clusters:
        return ""
    return f'<span class="change small muted">was {before.n_clusters}</span>'


def _scored(
    own: _Card, result: ClusteringResult, before: ClusteringResult | None, palette: Palette
) -> str:
    score = result.metrics[own.key]
    if score.value is None:
        return _frame(own.key, own.title, "–", "", score.reason or own.help)
    earlier = before.metrics[own.key].value if before is not None else None
    value = f"{score.value:,.{own.decimals}f}"
    return _frame(own.key, own.title, value, _change(own, score, earlier), _how(own, score))


def _how(own: _Card, score: Score) -> str:
    if score.method == "exact":
        return f"{own.help} · exact"
    return (
        f"{own.help} · ±{1.96 * (score.standard_error or 0):.3f} "
        f"from a sample of {score.sample_size:,}"
    )


def _change(own: _Card, score: Score, earlier: float | None) -> str:
    if earlier is None or score.value is None:
        return ""
    change = score.value - earlier
    if abs(change) < 0.5 * 10**-own.decimals:
        return '<span class="change small muted">no change</span>'
    better = (change > 0) == (score.direction == "higher")
    word, arrow = ("better" if better else "worse"), ("▲" if change > 0 else "▼")
    return (
        f'<span class="change small {word}" title="{word} than before">'
        f"{arrow} {abs(change):,.{own.decimals}f} {word}</span>"
    )


def _frame(key: str, title: str, value: str, change: str, note: str) -> str:
    return (
        f'<div class="card" data-score="{key}"><div class="small muted">{title}</div>'
        f'<div><span class="large value">{value}</span>{change}</div>'
        f'<div class="small muted">{note}</div></div>'
    )
