"""What keeps the segments apart: each feature's share of the separation."""

from __future__ import annotations

from html import escape

from mall_app.views.html_view import HtmlView

HELP = (
    "Share of each feature in the separation of the segments, in the distance they were found with."
)


class ContributionsView(HtmlView):
    """A bar a feature, the largest share first."""

    def html(self) -> str:
        """Write the content from the state."""
        shares = self.state.model.result.contributions
        if not shares:
            return ""
        ordered = sorted(shares.items(), key=lambda pair: -pair[1])
        rows = "".join(
            f"<span>{escape(name)}</span><div class='track'><i style='width:{share:.1%}'></i></div>"
            f"<span class='number'>{share:.0%}</span>"
            for name, share in ordered
        )
        return (
            "<h3>What keeps the segments apart</h3>"
            f"<p class='muted small'>{HELP}</p><div class='shares'>{rows}</div>"
        )

    def css(self) -> str:
        """Write the rules of this view alone."""
        palette = self.state.palette
        return f"""
h3 {{ font-size: 14px; font-weight: 600; margin: 16px 0 0; }}
p {{ margin: 0 0 8px; }}
.shares {{ display: grid; grid-template-columns: minmax(96px, max-content) minmax(80px, 480px) 40px;
           gap: 8px 16px; align-items: center; overflow-wrap: anywhere; }}
.track {{ height: 8px; border-radius: 4px; background: {palette.grid}; overflow: hidden; }}
.track i {{ display: block; height: 100%; background: {palette.accent}; }}
"""
