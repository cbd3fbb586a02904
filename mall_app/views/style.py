"""The look of the page: one accent, three text sizes, an 8 px grid."""

from __future__ import annotations

from typing import Any

from mall_app.plots.palette import Palette

FONT = "Roboto, 'Segoe UI', system-ui, sans-serif"
SMALL, BODY, LARGE = "12px", "14px", "24px"
# On a phone the title of the page stays on one line, beside the link and the theme switch.
_TITLE = {"whiteSpace": "nowrap", "@media (max-width: 600px)": {"fontSize": "18px"}}


def as_text(text: str) -> str:
    """Write a text so that a part which reads Markdown and HTML shows it as it is.

    Examples
    --------
    >>> as_text("<b> 1. *x*")
    '&#60;b&#62; 1&#46; &#42;x&#42;'
    """
    return "".join(
        f"&#{ord(own)};" if own.isascii() and not own.isalnum() and own != " " else own
        for own in text
    )


def theme_config() -> dict[str, Any]:
    """Give the Material theme of the page for light and dark."""
    return {"light": _theme(Palette(False)), "dark": _theme(Palette(True))}


def _theme(palette: Palette) -> dict[str, Any]:
    return {
        "palette": {
            "primary": {"main": palette.accent},
            "background": {
                "default": "#12171D" if palette.dark else "#F4F6F8",
                "paper": palette.ground,
            },
            "text": {"primary": palette.text, "secondary": palette.muted},
        },
        "typography": {"fontFamily": FONT, "fontSize": 14},
        "shape": {"borderRadius": 8},
        "components": {
            "MuiAppBar": {
                "styleOverrides": {
                    "root": {
                        "backgroundColor": "#14323B" if palette.dark else "#0B5563",
                        "color": "#FFFFFF",
                        "boxShadow": "none",
                        "& .title": _TITLE,
                    }
                }
            },
        },
    }


def first_look(dark: bool) -> str:
    """Give the colours of the page before its scripts have come, as declarations of CSS."""
    palette = Palette(dark)
    theme = _theme(palette)
    bar = theme["components"]["MuiAppBar"]["styleOverrides"]["root"]["backgroundColor"]
    return (
        f"--bar: {bar}; --page: {theme['palette']['background']['default']}; "
        f"--block: {palette.ground}; --line: {palette.grid};"
    )


def card(palette: Palette) -> dict[str, str]:
    """Give the frame of a part of the page."""
    return {
        "background": palette.ground,
        "border": f"1px solid {palette.grid}",
        "border-radius": "8px",
    }


def text_styles(palette: Palette) -> str:
    """Give the style sheet of the HTML parts."""
    return f"""
:host {{ font-family: {FONT}; font-size: {BODY}; line-height: 1.5; color: {palette.text}; }}
.muted {{ color: {palette.muted}; }}
.small {{ font-size: {SMALL}; }}
.large {{ font-size: {LARGE}; line-height: 1.25; font-weight: 600;
          font-variant-numeric: tabular-nums; }}
.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
"""
