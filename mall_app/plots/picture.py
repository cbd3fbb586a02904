"""A picture of the segments as PNG, drawn off-screen with no browser and no display."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.plots.base import MOST_MARKS, column_values, padded, short
from mall_app.plots.counting import Window
from mall_app.plots.density import cloud_of, draw_cloud
from mall_app.plots.palette import Palette, marker
from mall_app.result import ClusteringResult

WIDTH, HEIGHT, DOTS_PER_INCH = 8.0, 5.0, 100
# A fixed place for the axes: laying out to the text takes as long as drawing it.
AXES_BOX = (0.085, 0.11, 0.705, 0.82)
MOST_LEGEND_ENTRIES = 20
LONGEST_NAME = 60
_MARKERS = {
    "circle": "o",
    "square": "s",
    "triangle": "^",
    "diamond": "D",
    "inverted_triangle": "v",
    "hex": "h",
    "star": "*",
    "plus": "P",
    "x": "x",
}


def render_png(table: Table, result: ClusteringResult) -> bytes:
    """Draw the customers on two features, with centres, axes, legend and title.

    Parameters
    ----------
    table : Table
        The customers.
    result : ClusteringResult
        Their segments.

    Returns
    -------
    bytes
        A PNG of 800 by 500 pixels; more than 20 000 customers are drawn as density.
    """
    figure = draw(table, result)
    file = BytesIO()
    figure.savefig(file, format="png", pil_kwargs={"compress_level": 1})
    return file.getvalue()


def draw(table: Table, result: ClusteringResult) -> Figure:
    """Lay out the figure of `render_png`."""
    x, y = picture_axes(table, result)
    figure = Figure(figsize=(WIDTH, HEIGHT), dpi=DOTS_PER_INCH)
    FigureCanvasAgg(figure)
    axes = figure.add_axes(AXES_BOX)
    _draw_points(axes, table, result, x, y)
    _draw_centres(axes, result, x, y)
    axes.set_xlabel(short(x, LONGEST_NAME), parse_math=False)  # a $ is no formula
    axes.set_ylabel(short(y, LONGEST_NAME), parse_math=False)
    axes.set_title(_title(result), loc="left", fontsize=11, parse_math=False)
    axes.grid(True, color=Palette().grid, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0, colors=Palette().muted)
    _draw_legend(axes)
    return figure


def picture_axes(table: Table, result: ClusteringResult) -> tuple[str, str]:
    """Give the two columns to draw on: numeric features first, then other numeric columns."""
    features = [name for name in result.settings.features or () if name in table.numeric]
    names = [*features, *(name for name in table.numeric if name not in features)]
    return names[0], names[1] if len(names) > 1 else names[0]


def _draw_points(axes: Any, table: Table, result: ClusteringResult, x: str, y: str) -> None:
    if len(result.labels) > MOST_MARKS:
        _draw_density(axes, table, result, x, y)
        return
    across, up = (column_values(table, name, result.rows) for name in (x, y))
    for label, style in _styles(result).items():
        here = np.flatnonzero(result.labels == label)
        edge = {} if label < 0 else {"edgecolors": "white", "linewidths": 0.5}
        axes.scatter(across[here], up[here], s=34, alpha=0.9, **style, **edge)


def _draw_density(axes: Any, table: Table, result: ClusteringResult, x: str, y: str) -> None:
    ranges = padded(column_values(table, x)), padded(column_values(table, y))
    pixels = int(WIDTH * DOTS_PER_INCH * AXES_BOX[2]), int(HEIGHT * DOTS_PER_INCH * AXES_BOX[3])
    image, _ = draw_cloud(cloud_of(table, result, x, y), Window(*ranges, *pixels), Palette())
    rgba = image.view(np.uint8).reshape(*image.shape, 4)
    axes.imshow(rgba, extent=(*ranges[0], *ranges[1]), origin="lower", aspect="auto", zorder=1)
    for style in _styles(result).values():
        axes.scatter([], [], s=34, **style)  # for the legend


def _styles(result: ClusteringResult) -> dict[int, dict[str, Any]]:
    """Give colour, marker and words of each segment that has customers, noise last."""
    sizes = {own.segment: own.size for own in result.profiles}
    sizes |= {-1: result.n_noise} if result.n_noise else {}
    palette = Palette()
    return {
        label: {
            "c": palette.colour(label),
            "marker": _MARKERS[marker(label)],
            "label": f"{'noise' if label < 0 else label}: {size:,}",
        }
        for label, size in sizes.items()
    }


def _draw_centres(axes: Any, result: ClusteringResult, x: str, y: str) -> None:
    palette = Palette()
    for own in result.profiles:
        centre = own.numeric[x].mean, own.numeric[y].mean
        if None not in centre:
            axes.scatter(
                *centre,
                s=160,
                c=palette.colour(own.segment),
                edgecolors=palette.text,
                marker=_MARKERS[marker(own.segment)],
                linewidths=1.5,
                zorder=3,
            )


def _draw_legend(axes: Any) -> None:
    handles = axes.get_legend_handles_labels()[0]
    left_out = len(handles) - MOST_LEGEND_ENTRIES
    if left_out > 0:
        handles = [
            *handles[:MOST_LEGEND_ENTRIES],
            Line2D([], [], linestyle="none", label=f"and {left_out} more"),
        ]
    axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        frameon=False,
        fontsize=9,
        title="Segment: customers",
        alignment="left",
    )


def _title(result: ClusteringResult) -> str:
    score = result.silhouette_score
    shown = "no silhouette" if score is None else f"silhouette {score:.3f}"
    return f"{algorithms()[result.model_name].title}: {result.n_clusters} segments, {shown}"
