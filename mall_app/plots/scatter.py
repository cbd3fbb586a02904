"""Customers on two of their columns, one mark each, and the centres of their segments."""

from __future__ import annotations

from html import escape
from typing import Any

import holoviews as hv
import numpy as np

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.plots.base import MOST_MARKS, Axis, column_values
from mall_app.plots.membership import membership_of, shading
from mall_app.plots.palette import Palette, marker
from mall_app.result import ClusteringResult
from mall_app.segments.segment import Segment

AXES = ["across", "up"]  # not labelled: HoloViews takes a label for a name
OPACITY = 0.8
MARK_FIELDS = ["segment", "segment_name", "color", "marker"]


def segment_scatter(
    table: Table,
    result: ClusteringResult,
    x: str | Axis,
    y: str | Axis,
    palette: Palette,
    positions: IntArray | None = None,
) -> hv.Points:
    """Draw each customer with the colour and marker of the segment.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.
    x, y : str or Axis
        Numeric columns for the axes, or other numbers.
    palette : Palette
        Colours.
    positions : ndarray of int, optional
        Which customers, as positions in ``result.labels``; by default all.

    Returns
    -------
    holoviews.Points
        One point a customer. Its dimensions have names of their own (``across``, ``up``,
        ``field_0`` ...), for a column of a table may be called anything.
    """
    data = scatter_columns(table, result, x, y, palette, positions)
    return hv.Points(data, AXES, [name for name in data if name not in AXES]).opts(
        color="color", marker=hv.dim("marker"), size=8, alpha=OPACITY
    )


def scatter_columns(
    table: Table,
    result: ClusteringResult,
    x: str | Axis,
    y: str | Axis,
    palette: Palette,
    positions: IntArray | None = None,
) -> dict[str, Any]:
    """Give what `segment_scatter` draws, by dimension; its parameters are the same."""
    shown = slice(None) if positions is None else positions
    labels, rows = result.labels[shown], result.rows[shown]
    names = {own.segment: own.name for own in result.profiles} | {-1: "Noise"}
    fields = hover_fields(table)
    return {
        "across": column_values(table, x, rows),
        "up": column_values(table, y, rows),
        "row": rows,
        **_marks(labels.tolist(), names, palette),
        "opacity": _opacity(table, result, shown),
        **{field: column_values(table, name, rows) for field, name in fields.items()},
    }


def segment_centres(
    table: Table, result: ClusteringResult, x: str | Axis, y: str | Axis, palette: Palette
) -> hv.Points:
    """Draw the mean of each segment on the two axes, in the units of the columns."""
    data = centre_columns(table, result, x, y, palette)
    return hv.Points(data, AXES, [*MARK_FIELDS, "ring"]).opts(
        color="color", line_color="ring", marker=hv.dim("marker"), size=20, line_width=2
    )


def centre_columns(
    table: Table, result: ClusteringResult, x: str | Axis, y: str | Axis, palette: Palette
) -> dict[str, Any]:
    """Give what `segment_centres` draws, by dimension."""
    places = {
        own.segment: (_mean(own, result, x), _mean(own, result, y)) for own in result.profiles
    }
    known = [own for own in result.profiles if None not in places[own.segment]]
    names = {own.segment: own.name for own in known}
    return {
        "across": np.array([places[own][0] for own in names], dtype=np.float64),
        "up": np.array([places[own][1] for own in names], dtype=np.float64),
        **_marks(list(names), names, palette),
        "ring": [palette.text] * len(known),
    }


def _mean(own: Segment, result: ClusteringResult, axis: str | Axis) -> float | None:
    if isinstance(axis, str):
        return own.numeric[axis].mean
    values = axis.values[result.rows[result.labels == own.segment]]
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else None


def hover_fields(table: Table, most: int = 12) -> dict[str, str]:
    """Give the columns a tooltip shows by field: identifiers first, then in table order."""
    rest = [name for name in table.roles if name not in table.identifiers]
    names = [*table.identifiers, *rest][:most]
    return {f"field_{place}": name for place, name in enumerate(names)}


def tooltips(table: Table) -> str:
    """Write the HTML of the tooltip of a customer."""
    rows = "".join(
        f"<tr><td style='opacity:.7;padding-right:12px'>{_plain(name)}</td>"
        f"<td style='text-align:right'>@{field}{_format(table, name)}</td></tr>"
        for field, name in hover_fields(table).items()
    )
    return (
        "<div style='font:13px/1.5 system-ui;padding:4px 2px'>"
        "<div style='font-weight:600;margin-bottom:4px'>"
        "<span style='color:@color'>&#9632;</span> @segment_name</div>"
        f"<table style='border-spacing:0'>{rows}</table></div>"
    )


def _marks(labels: list[int], names: dict[int, str], palette: Palette) -> dict[str, Any]:
    return {
        "segment": np.array(labels, dtype=np.int64),
        "segment_name": [names[label] for label in labels],
        "color": [palette.colour(label) for label in labels],
        "marker": [marker(label) for label in labels],
    }


def _opacity(table: Table, result: ClusteringResult, shown: IntArray | slice) -> FloatArray:
    """Fainter marks for customers between two segments, where the method knows of them.

    To know it of some in a large table would take the shares of all.
    """
    found = membership_of(table, result) if len(result.labels) <= MOST_MARKS else None
    if found is None:
        return np.full(len(result.labels[shown]), OPACITY)
    return shading(found.share[shown])


def _plain(name: str) -> str:
    """Write a header so that neither HTML nor Bokeh's ``@`` and ``$`` fields are read in it."""
    return escape(name).replace("@", "&#64;").replace("$", "&#36;")


def _format(table: Table, name: str) -> str:
    return "{0,0.[00]}" if name in table.numeric else ""
