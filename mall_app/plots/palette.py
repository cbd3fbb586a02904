"""Colours and markers of segments: told apart without colour vision, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass

import colorcet

# Okabe & Ito (2008), "Color Universal Design", in their order with black last. The yellow of the
# light theme is darker, and blue and black of the dark theme lighter, to stand off the ground.
_LIGHT = ("#E69F00", "#56B4E9", "#009E73", "#D9C81B", "#0072B2", "#D55E00", "#CC79A7", "#3A3A3A")
_DARK = ("#F0AE2B", "#6CC4F5", "#1FBF92", "#F0E442", "#4C9BE0", "#F07A2E", "#E19CC4", "#D9D9D9")
MARKERS = ("circle", "square", "triangle", "diamond", "inverted_triangle", "hex", "star", "plus")
NOISE_MARKER = "x"


@dataclass(frozen=True)
class Palette:
    """Every colour a plot needs, for one theme.

    Parameters
    ----------
    dark : bool, default False
        For the dark theme.
    """

    dark: bool = False

    def colour(self, segment: int) -> str:
        """Give the colour of a segment; noise (-1) is grey.

        Examples
        --------
        >>> Palette().colour(0), Palette().colour(-1)
        ('#E69F00', '#8A8F98')
        """
        own = _DARK if self.dark else _LIGHT
        if segment < 0:
            return self.noise
        if segment < len(own):
            return own[segment]
        further = colorcet.glasbey_light if self.dark else colorcet.glasbey_dark
        return str(further[(segment - len(own)) % len(further)])

    @property
    def noise(self) -> str:
        """Grey of customers in no segment."""
        return "#7C828C" if self.dark else "#8A8F98"

    @property
    def text(self) -> str:
        """Colour of titles and labels."""
        return "#E6E8EB" if self.dark else "#1F2933"

    @property
    def muted(self) -> str:
        """Colour of axes and ticks."""
        return "#A3ABB5" if self.dark else "#616E7C"

    @property
    def grid(self) -> str:
        """Colour of grid lines."""
        return "#2F3742" if self.dark else "#E8EBEF"

    @property
    def ground(self) -> str:
        """Colour behind a plot."""
        return "#1B2129" if self.dark else "#FFFFFF"

    @property
    def accent(self) -> str:
        """The one colour of what can be acted on."""
        return "#5EB3C4" if self.dark else "#0B6E7F"

    @property
    def diverging(self) -> list[str]:
        """Colours from far below to far above average; orange to purple by way of the ground."""
        if self.dark:
            return ["#F0A35E", "#B97B48", "#7A5638", "#2A313B", "#5A4F86", "#8676BC", "#B3A3EC"]
        return ["#C7681C", "#E5A468", "#F6D9BC", "#F7F7F7", "#D8D3E8", "#A99CCF", "#6F5CA8"]


def marker(segment: int) -> str:
    """Give the Bokeh marker of a segment; noise (-1) is a cross.

    Examples
    --------
    >>> marker(0), marker(8), marker(-1)
    ('circle', 'circle', 'x')
    """
    return NOISE_MARKER if segment < 0 else MARKERS[segment % len(MARKERS)]
