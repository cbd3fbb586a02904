"""A table too large for a mark each: what the page draws, sends, selects and pages."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import holoviews as hv
import holoviews.plotting.bokeh  # registers the backend
import numpy as np
import pandas as pd
import pytest
from bokeh.models import ColumnDataSource, Plot

from mall_app.data.partitioned import PartitionedTable
from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.identity.lineage import Lineage
from mall_app.model.model import ClusteringModel
from mall_app.settings import Settings
from mall_app.views.customers import CustomersView
from mall_app.views.paged_table import PagedTable
from mall_app.views.scatter import ScatterView
from mall_app.views.silhouette import SilhouetteView
from mall_app.views.state import ViewState

N_ROWS = 24_000


@cache
def lineage() -> Lineage:
    """Three groups with names, one customer in a thousand without an age, fitted once."""
    generator = np.random.default_rng(0)
    middle = np.array([[10.0, 20.0], [60.0, 30.0], [40.0, 80.0]])[np.arange(N_ROWS) % 3]
    spend, visits = (middle + generator.normal(0, 4, (N_ROWS, 2))).T.round(3)
    spend[::1000] = np.nan
    customer = [f"C{row:05d}" for row in range(N_ROWS)]
    frame = pd.DataFrame({"Customer_ID": customer, "Spend": spend, "Visits": visits})
    table = Table.from_frame(frame)
    result = fit(table, Settings(n_clusters=3, params={"n_init": 1}))
    return Lineage(table, result, result)


class Page:
    """The parts of the page that draw or list customers, with their Bokeh models made."""

    def __init__(self, own: Lineage) -> None:
        hv.Store.set_current_backend("bokeh")
        self.model = ClusteringModel(own)
        self.state = ViewState(self.model)
        self.customers = CustomersView(self.state, active=False)
        self.scatter = ScatterView(self.state).__panel__().get_root()
        self.silhouette = SilhouetteView(self.state).__panel__().get_root()

    def source(self, field: str) -> ColumnDataSource:
        """Give the columns behind the plot that has a field: ``up`` or ``silhouette``."""
        root = self.scatter if field == "up" else self.silhouette
        found = [own for own in root.select({"type": ColumnDataSource}) if field in own.data]
        return next(own for own in found if "row" in own.data)


@pytest.fixture
def large() -> Page:
    return Page(lineage())


def figure(page: Page) -> Any:
    return page.scatter.select_one({"type": Plot})


def sources(plot: Plot) -> list[Any]:
    return [getattr(own, "data_source", None) for own in plot.renderers]


def image(page: Page) -> dict[str, Any]:
    [found] = [own for own in sources(figure(page)) if own and "image" in own.data]
    return dict(found.data)


def zoom(page: Page, across: tuple[float, float], up: tuple[float, float]) -> None:
    for bounds, (start, end) in zip(
        (figure(page).x_range, figure(page).y_range), (across, up), strict=True
    ):
        bounds.update(start=start, end=end)


def told(page: Page, event: str, name: str) -> ColumnDataSource:
    """Give what the browser writes an event of the figure into."""
    [callback] = [own for own in figure(page).js_event_callbacks[event] if name in own.args]
    return callback.args[name]


def draw(page: Page, kind: str, across: list[float], up: list[float]) -> None:
    """Draw a box (its corners) or a lasso, or click."""
    drawn = told(page, "selectiongeometry", "drawn")
    drawn.data = {"x": across, "y": up, "type": [kind] * len(across)}


def inside(across: tuple[float, float], up: tuple[float, float]) -> list[int]:
    frame = lineage().table.frame
    kept = frame["Spend"].between(*across) & frame["Visits"].between(*up)
    return np.flatnonzero(kept).tolist()


def test_every_customer_is_in_the_image_and_none_is_sent(large: Page) -> None:
    shown = image(large)
    assert len(large.source("up").data["row"]) == 0
    assert shown["image"][0].nbytes < 1_000_000
    assert figure(large).title.text == f"{N_ROWS - 24:,} customers"
    assert shown["x"][0] == figure(large).x_range.start
    assert shown["y"][0] + shown["dh"][0] == pytest.approx(figure(large).y_range.end)


def test_segments_have_their_colours_in_both_themes(large: Page) -> None:
    for dark in (False, True):
        large.state.dark = dark
        seen = image(large)["image"][0]
        strongest = np.unique(seen[seen >> 24 > 200])
        drawn = {tuple(np.uint32(own).tobytes()[:3]) for own in strongest}
        colours = [large.state.palette.colour(own) for own in range(3)]
        assert {tuple(bytes.fromhex(own[1:])) for own in colours} <= drawn


def test_a_zoom_counts_anew(large: Page) -> None:
    before = image(large)["image"][0]
    zoom(large, (0.0, 30.0), (10.0, 30.0))
    shown = image(large)
    assert (shown["x"], shown["dw"], shown["y"], shown["dh"]) == ([0.0], [30.0], [10.0], [20.0])
    assert not np.array_equal(shown["image"][0], before)
    n_seen = len(inside((0.0, 30.0), (10.0, 30.0)))
    assert figure(large).title.text == f"{n_seen:,} in view · {N_ROWS - 24:,} customers"


def test_few_customers_in_view_have_marks_and_tooltips(large: Page) -> None:
    zoom(large, (9.0, 11.0), (19.0, 21.0))
    data = large.source("up").data
    assert data["row"].tolist() == inside((9.0, 11.0), (19.0, 21.0))
    assert data["field_0"][0] == lineage().table.frame["Customer_ID"].iloc[data["row"][0]]
    assert image(large)["image"] == []
    zoom(large, (0.0, 90.0), (0.0, 90.0))
    assert len(large.source("up").data["row"]) == 0
    assert len(image(large)["image"]) == 1


def point(page: Page, *place: float) -> list[int]:
    """Rest the pointer at a place, or outside; give the rows that are marked."""
    pointer = told(page, "mousemove", "pointer")
    pointer.data = {"x": list(place[:1]), "y": list(place[1:])}
    return list(page.source("up").data["row"])


def test_the_pointer_finds_the_nearest_customer(large: Page) -> None:
    frame = lineage().table.frame
    for place in ((12.0, 21.0), (61.5, 28.0)):
        away = np.hypot(frame["Spend"] - place[0], frame["Visits"] - place[1])
        assert frame["Spend"].iloc[point(large, *place)[0]] == pytest.approx(place[0], abs=1)
        assert away.iloc[point(large, *place)[0]] < 0.5
    assert point(large, 90.0, 95.0) == []
    assert point(large) == []


def test_a_box_selects_on_the_server_and_filters_the_table(large: Page) -> None:
    large.customers.active = True
    draw(large, "rect", [20.0, 8.0], [15.0, 30.0])
    chosen = inside((8.0, 20.0), (15.0, 30.0))
    assert large.state.selection == chosen
    assert large.source("up").selected.indices == []
    strength = image(large)["image"][0] >> 24
    assert strength.max() == 255
    assert 0 < strength[strength > 0].min() < 100
    said = f"{len(chosen):,} of {N_ROWS:,} customers selected"
    assert said in large.customers._note.object
    table = paged(large)
    assert table.page().tolist() == chosen[:15]
    assert table._table.value["Spend"].between(8, 20).all()
    bars = large.source("silhouette")
    rows = [int(bars.data["row"][place]) for place in bars.selected.indices]
    assert rows
    assert set(rows) <= set(chosen)


def test_a_lasso_and_a_click_select(large: Page) -> None:
    draw(large, "poly", [0.0, 20.0, 20.0, 0.0], [10.0, 10.0, 30.0, 30.0])
    assert large.state.selection == inside((0.0, 20.0), (10.0, 30.0))
    draw(large, "point", [12.0], [21.0])
    assert len(large.state.selection) == 1
    draw(large, "point", [95.0], [95.0])
    assert large.state.selection == []


def test_a_selection_made_elsewhere_stands_out(large: Page) -> None:
    large.state.selection = [5, 7]
    strength = image(large)["image"][0] >> 24
    assert 0 < np.count_nonzero(strength > 100) < 60


def paged(page: Page) -> PagedTable:
    page.customers.active = True
    found = page.customers._paged
    assert found is not None
    return found


def test_the_widget_holds_a_page_of_the_customers(large: Page) -> None:
    table = paged(large)
    assert table._pages.count == 1_600
    assert len(table._table.value) == 15
    table._pages.value = 1_599
    assert table._table.value["Customer_ID"].tolist()[-1] == "C23999"
    segment = table._table.value["segment"]
    assert segment.tolist() == lineage().result.labels[-15:].tolist()


def test_sorting_a_page_sorts_all_customers(large: Page) -> None:
    table, frame = paged(large), lineage().table.frame
    table._table.sorters = [{"field": "Spend", "dir": "desc"}]
    assert table._table.value["Spend"].tolist() == frame["Spend"].nlargest(15).tolist()
    table._table.sorters = [{"field": "margin", "dir": "asc"}]
    least = np.sort(lineage().result.doubt.margin)[:15].round(2)
    assert table._table.value["margin"].tolist() == pytest.approx(least.tolist())
    table._table.sorters = []
    assert table.page().tolist() == list(range(15))


def test_customers_are_ticked_on_several_pages(large: Page) -> None:
    table = paged(large)
    table._table.selection = [3]
    table._pages.value = 2
    table._table.selection = [0]
    assert large.state.selection == [3, 30]
    table._pages.value = 0
    assert table._table.selection == [3]
    table._table.selection = []
    assert large.state.selection == [30]


def test_a_small_table_after_a_large_one_has_its_marks(large: Page) -> None:
    paged(large)
    few = lineage().table.frame.head(300).dropna()
    large.model.use(few)
    assert len(large.source("up").data["row"]) == len(few)
    assert image(large)["image"] == []
    assert figure(large).title.text == ""
    assert large.source("up").data["marker"].tolist().count("circle") > 0
    assert len(large.customers._table.value) == len(few)
    assert large.customers._content[0] is large.customers._table
    large.model.use(lineage().table)
    assert len(image(large)["image"]) == 1
    assert len(large.source("up").data["row"]) == 0


def test_a_sample_says_of_how_many_it_is() -> None:
    own = lineage()
    whole = PartitionedTable("customers.parquet", (), tuple(own.table.frame), "0")
    vars(whole)["n_rows"] = 20_000_000
    table = replace(own.table, whole=whole)
    page = Page(Lineage(table, own.base, own.result))
    said = f"{N_ROWS - 24:,} of 20,000,000 customers drawn"
    assert figure(page).title.text == said
    page.customers.active = True
    assert page.customers._note.object.endswith("a sample of 20,000,000")


def test_a_file_has_no_more_than_a_hundred_thousand_customers(
    large: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mall_app.views.customers.MOST_IN_FILE", 100)
    view = large.customers
    view.active = True
    assert view._download.disabled
    assert view._download.label == "Select at most 100 to download"
    large.state.selection = [5, 7]
    assert view._download.label == "Download these 2 customers"
    lines = view._csv().decode().splitlines()
    assert [line.split(",")[0] for line in lines] == ["Customer_ID", "C00005", "C00007"]
