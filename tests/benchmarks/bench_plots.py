"""Plots of 1M and 10M customers: the scatter and its zooms, against HoloViews with Datashader."""

import time
from collections.abc import Callable
from functools import partial
from typing import Any

import datashader
import holoviews as hv
import numpy as np
import pandas as pd
from bokeh.core.serialization import Serializer
from bokeh.models import ColumnDataSource
from holoviews.operation.datashader import datashade

from mall_app.plots.counting import Cloud, Counter, Window, count, count_by_datashader, warm_up
from mall_app.plots.density import draw_cloud
from mall_app.plots.lookup import inside_box, nearest
from mall_app.plots.palette import Palette
from tests.benchmarks.timing import Sample, in_turns, markdown_table, verdict

SIZES = (1_000_000, 10_000_000)
N_SEGMENTS = 5
ROUNDS, CALLS = 3, 3
AIM_MS = {1_000_000: 1_000, 10_000_000: 3_000}
WHOLE = ((-45.0, 45.0), (-45.0, 45.0))
ZOOMS = [((0.0 - half, 0.0 + half), (-half, half)) for half in np.linspace(6, 30, 13)]
PALETTE = Palette()


def customers(n_rows: int) -> Cloud:
    """Make up customers of five overlapping segments, and noise among them."""
    generator = np.random.default_rng(0)
    group = generator.integers(0, N_SEGMENTS + 1, n_rows, dtype=np.int8)
    middle = np.vstack([[0.0, 0.0], generator.normal(0, 12, (N_SEGMENTS, 2))])
    spread = np.where(group == 0, 15.0, 4.0)
    across, up = (middle[group, axis] + generator.normal(0, spread) for axis in (0, 1))
    return Cloud(across, up, group, (-1, *range(N_SEGMENTS)))


def ours(cloud: Cloud, counted: Counter, number: int) -> object:
    """Draw a part that was not drawn before."""
    window = Window(*ZOOMS[number % len(ZOOMS)], 860, 380)
    return draw_cloud(cloud, window, PALETTE, counted=counted)


def by_holoviews(points: hv.Points, number: int) -> object:
    """Draw the same part by HoloViews' operation, with the same colours."""
    x_range, y_range = ZOOMS[number % len(ZOOMS)]
    return datashade(
        points,
        aggregator=datashader.count_cat("group"),
        color_key=[PALETTE.colour(own) for own in (-1, *range(N_SEGMENTS))],
        x_range=x_range,
        y_range=y_range,
        width=860,
        height=380,
        dynamic=False,
    )


def once(call: Callable[[], object]) -> float:
    """Time a first call, in milliseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1e3


def as_glyphs(cloud: Cloud) -> int:
    """Write the customers as a mark each would go to the browser; give the bytes."""
    columns = {"x": cloud.across, "y": cloud.up, "segment": cloud.group.astype(np.int64)}
    source: Any = ColumnDataSource(columns)
    return sum(len(own.to_bytes()) for own in Serializer(deferred=True).serialize(source).buffers)


def rows_of(n_rows: int) -> list[tuple[str, ...]]:
    """Time everything on one size."""
    cloud = customers(n_rows)
    first = once(lambda: draw_cloud(cloud, Window(*WHOLE, 860, 380), PALETTE))
    names = pd.Categorical.from_codes(cloud.group, [str(own) for own in range(N_SEGMENTS + 1)])
    frame = pd.DataFrame({"across": cloud.across, "up": cloud.up, "group": names})
    points = hv.Points(frame, ["across", "up"], ["group"])
    first_theirs = once(partial(by_holoviews, points, 0))
    warm_up()
    zooms = in_turns(
        {
            "ours": partial(ours, cloud, count),
            "warm": partial(ours, cloud, count_by_datashader),
            "HoloViews": partial(by_holoviews, points),
        },
        ROUNDS,
        CALLS,
    )
    pointer = Window(*WHOLE, 860, 380).units(9)
    pointed = in_turns(
        {
            "nearest": lambda _: nearest(cloud, (1.0, 2.0), pointer),
            "box": lambda _: inside_box(cloud, (-5.0, 5.0), (-5.0, 5.0)),
        },
        1,
        CALLS,
    )
    size = f"{n_rows // 1_000_000}M"
    marks = once(lambda: as_glyphs(cloud))
    aim = verdict(first, AIM_MS[n_rows], "ms")
    return [
        (f"{size}: first plot", f"{first:,.0f} ms", f"{first_theirs:,.0f} ms", aim),
        (f"{size}: zoom, from the start", *_against(zooms["ours"], zooms["HoloViews"])),
        (f"{size}: zoom, Datashader compiled", *_against(zooms["warm"], zooms["HoloViews"])),
        (f"{size}: nearest to the pointer", f"{pointed['nearest'].median:,.0f} ms", "–", "–"),
        (f"{size}: who is in a box", f"{pointed['box'].median:,.0f} ms", "–", "–"),
        (f"{size}: a mark each, only to write", "–", f"{marks:,.0f} ms", _megabytes(cloud)),
    ]


def _against(own: Sample, theirs: Sample) -> tuple[str, str, str]:
    ratio = theirs.ratio_to(own)
    return f"{own.median:,.0f} ms", f"{theirs.median:,.0f} ms", f"{ratio:.1f} times as fast"


def _megabytes(cloud: Cloud) -> str:
    image, _ = draw_cloud(cloud, Window(*WHOLE, 860, 380), PALETTE)
    return f"{as_glyphs(cloud) / 1e6:,.0f} MB to the browser, not {image.nbytes / 1e6:.1f}"


def report() -> str:
    """Run it; return the table."""
    hv.extension("bokeh")
    rows = [row for n_rows in SIZES for row in rows_of(n_rows)]
    return markdown_table(("customers", "ours", "HoloViews + Datashader", ""), rows)
