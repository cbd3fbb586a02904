"""Customers on two of their columns, one mark each, and the centres of their segments."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

import holoviews as hv
import numpy as np

from mall_app.data.table import Table
from mall_app.plots.base import column_values, shown_positions
from mall_app.plots.palette import Palette, marker
from mall_app.result import ClusteringResult

POINT_FIELDS = ("row", "segment", "segment_name", "colour", "marker")


def segment_scatter(
    table: Table, result: ClusteringResult, x: str, y: str, palette: Palette
) -> hv.Points:
    """Draw each customer with the colour and marker of the segment.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    x, y : str
        Numeric columns for the axes.
    palette : Palette
        Colours.

    Returns
    -------
    holoviews.Points
        One point a customer in the order of `result.labels`; above 10 000, a fixed sample.
    """
    shown = shown_positions(result)
    labels, rows = result.labels[shown], result.rows[shown]
    names = {own.segment: own.name for own in result.profiles} | {-1: "Noise"}
    data: dict[str, Any] = {
        x: column_values(table, x)[rows],
        y: column_values(table, y)[rows],
        "row": rows,
        "segment": labels,
        "segment_name": [names[label] for label in labels.tolist()],
        "colour": [palette.colour(label) for label in labels.tolist()],
        "marker": [marker(label) for label in labels.tolist()],
    }
    further = [name for name in hover_columns(table) if name not in (x, y)]
    data |= {name: column_values(table, name)[rows] for name in further}
    kdims, vdims = (_axes(x, y), [*POINT_FIELDS, *further])
    data = {name if name != y or x != y else f"{y} ": own for name, own in data.items()}
    return hv.Points(data, kdims, vdims)


def segment_centres(
    table: Table, result: ClusteringResult, x: str, y: str, palette: Palette
) -> hv.Points:
    """Draw the mean of each segment on the two axes, in the units of the columns."""
    own = [
        profile
        for profile in result.profiles
        if profile.numeric[x].mean is not None and profile.numeric[y].mean is not None
    ]
    points = [(profile.numeric[x].mean, profile.numeric[y].mean) for profile in own]
    data = np.array(points, dtype=np.float64).reshape(-1, 2)
    kdims = _axes(x, y)
    return hv.Points(
        {
            kdims[0]: data[:, 0],
            kdims[1]: data[:, 1],
            "segment": [profile.segment for profile in own],
            "segment_name": [profile.name for profile in own],
            "colour": [palette.colour(profile.segment) for profile in own],
            "marker": [marker(profile.segment) for profile in own],
            "ring": [palette.text] * len(own),
        },
        kdims,
        ["segment", "segment_name", "colour", "marker", "ring"],
    )


def hover_columns(table: Table, most: int = 12) -> list[str]:
    """Give the columns a tooltip shows: identifiers first, then the rest in table order."""
    rest = [name for name in table.frame if name not in table.identifiers]
    return [*table.identifiers, *rest][:most]


def tooltips(table: Table, x: str, y: str) -> str:
    """Write the HTML of the tooltip of a customer."""
    rows = "".join(
        f"<tr><td style='opacity:.7;padding-right:12px'>{escape(name)}</td>"
        f"<td style='text-align:right'>@{{{_field(name)}}}{_format(table, name)}</td></tr>"
        for name in hover_columns(table)
    )
    return (
        "<div style='font:13px/1.5 system-ui;padding:4px 2px'>"
        "<div style='font-weight:600;margin-bottom:4px'>"
        "<span style='color:@colour'>&#9632;</span> @segment_name</div>"
        f"<table style='border-spacing:0'>{rows}</table></div>"
    )


def _axes(x: str, y: str) -> list[str]:
    """Two different dimension names, also when both axes show one column."""
    return [x, y if x != y else f"{y} "]


def _field(name: str) -> str:
    return hv.core.util.dimension_sanitizer(name)


def _format(table: Table, name: str) -> str:
    return "{0,0.[00]}" if name in table.numeric else ""


def point_options(hooks: Sequence[Any], **further: Any) -> dict[str, Any]:
    """Give the look of customers: marks that stay apart when they overlap."""
    return {
        "color": "colour",
        "marker": hv.dim("marker"),
        "size": 8,
        "alpha": 0.8,
        "nonselection_alpha": 0.12,
        "selection_alpha": 1.0,
        "hooks": list(hooks),
        **further,
    }


def centre_options() -> dict[str, Any]:
    """Give the look of centres: large, ringed in the colour of the text."""
    return {
        "color": "colour",
        "line_color": "ring",
        "marker": hv.dim("marker"),
        "size": 20,
        "line_width": 2,
        "alpha": 1.0,
        "tools": [],
    }
