"""Customers too many for marks: what is counted, how it is coloured, and who is where."""

from __future__ import annotations

import numpy as np
import pytest

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.geometry.points import IntArray
from mall_app.plots.counting import Cloud, Window, count, count_by_datashader
from mall_app.plots.density import UNCHOSEN, cloud_of, draw_cloud, shade
from mall_app.plots.lookup import inside_box, inside_outline, nearest
from mall_app.plots.palette import Palette
from mall_app.settings import Settings
from tests.core.tables import table_of

LIGHT, DARK = Palette(), Palette(dark=True)


def cloud(n_rows: int = 20_000, n_groups: int = 6, seed: int = 0) -> Cloud:
    generator = np.random.default_rng(seed)
    across, up = generator.normal(0, 10, (2, n_rows))
    across[:7] = np.nan
    group = generator.integers(0, n_groups, n_rows).astype(np.int8)
    return Cloud(across, up, group, (-1, *range(n_groups - 1)))


def rgba(pixel: int) -> tuple[int, ...]:
    return tuple(int(own) for own in np.uint32(pixel).tobytes())


def colour(text: str) -> tuple[int, ...]:
    return tuple(int(text[place : place + 2], 16) for place in (1, 3, 5))


def test_every_customer_in_the_window_is_counted_once() -> None:
    own, view = cloud(), Window((-15.0, 20.0), (-5.0, 40.0), 70, 45)
    counts = count(own, view)
    inside = inside_box(own, view.x_range, view.y_range)
    assert counts.shape == (45, 70, 6)
    assert counts.sum(axis=(0, 1)).tolist() == np.bincount(own.group[inside]).tolist()
    expected, _, _ = np.histogram2d(
        own.up[inside], own.across[inside], (45, 70), (view.y_range, view.x_range)
    )
    assert np.abs(counts.sum(axis=2) - expected).sum() <= 2  # a value on an edge, rounded


@pytest.mark.parametrize("n_groups", [1, 6, 20])
def test_datashader_counts_the_same(n_groups: int) -> None:
    own = cloud(n_groups=n_groups)
    for view in (Window((-40.0, 40.0), (-40.0, 40.0), 200, 90), Window((0, 1), (0, 1), 30, 30)):
        assert np.array_equal(count(own, view), count_by_datashader(own, view))


def test_the_edges_of_a_window_belong_to_it() -> None:
    corners = np.array([0.0, 1.0, 0.0, 1.0])
    own = Cloud(corners, corners[::-1].copy(), np.zeros(4, dtype=np.int8), (0,))
    assert count(own, Window((0.0, 1.0), (0.0, 1.0), 10, 10)).sum() == 4


def test_many_segments_get_larger_pixels() -> None:
    view = Window((0, 1), (0, 1), 1_000, 500)
    assert view.for_groups(20) == view
    coarse = view.for_groups(250)
    assert coarse.width * coarse.height * 250 <= 16_000_000
    assert coarse.width / coarse.height == pytest.approx(2, rel=0.02)
    assert Window((0, 1), (0, 1), 4_000, 1_000).for_groups(3).width == 1_200


@pytest.mark.parametrize("palette", [LIGHT, DARK], ids=["light", "dark"])
def test_pixels_have_the_colour_of_their_segment(palette: Palette) -> None:
    counts = np.zeros((9, 9, 2), dtype=np.uint32)
    counts[2, 2, 0], counts[2, 3, 1] = 5, 7
    counts[7, 7] = (1, 1)
    colours = [palette.noise, palette.colour(0)]
    image = shade(counts, colours)
    assert rgba(image[2, 2])[:3] == colour(palette.noise)
    assert rgba(image[2, 3])[:3] == colour(palette.colour(0))
    mixed = np.mean([colour(own) for own in colours], axis=0)
    assert np.abs(np.array(rgba(image[7, 7])[:3]) - mixed).max() <= 0.5
    assert image[0, 0] == 0


def test_more_customers_are_stronger_and_one_is_never_faint() -> None:
    counts = np.zeros((1, 50, 1), dtype=np.uint32)
    counts[0, ::5, 0] = [1, 2, 4, 8, 16, 32, 64, 1_000, 50_000, 4_000_000]
    strength = [rgba(own)[3] for own in shade(counts, ["#000000"])[0, ::5]]
    assert strength == sorted(set(strength))
    assert strength[0] >= 100
    assert strength[-1] == 255


def test_a_customer_alone_is_larger_than_a_pixel() -> None:
    counts = np.zeros((400, 400, 1), dtype=np.uint32)
    counts[100, 100] = 1
    drawn = np.flatnonzero(shade(counts, ["#102030"]))
    assert 5 <= len(drawn) <= 13
    assert np.abs(np.array(np.divmod(drawn, 400)) - 100).max() <= 2


def test_crowded_pixels_stay_as_they_are() -> None:
    counts = np.zeros((40, 40, 1), dtype=np.uint32)
    counts[10:30, 10:30] = 3
    assert np.count_nonzero(shade(counts, ["#102030"])) == 400


def test_selected_customers_stand_out() -> None:
    own, view = cloud(), Window((-30.0, 30.0), (-30.0, 30.0), 60, 60)
    chosen = inside_box(own, (0.0, 30.0), (-30.0, 30.0))
    image, n_seen = draw_cloud(own, view, LIGHT, chosen)
    alpha = image >> 24
    assert n_seen == len(inside_box(own, view.x_range, view.y_range))
    assert alpha[:, :29].max() <= 255 * UNCHOSEN + 1
    assert alpha[:, 31:].max() == 255
    none, _ = draw_cloud(own, view, LIGHT, chosen[:0])
    assert (none >> 24).max() <= 255 * UNCHOSEN + 1


def test_an_empty_window_is_transparent() -> None:
    image, n_seen = draw_cloud(cloud(), Window((500.0, 501.0), (0.0, 1.0), 20, 10), LIGHT)
    assert (image.any(), image.shape, n_seen) == (False, (10, 20), 0)


def test_a_cloud_has_the_customers_that_were_clustered_and_noise() -> None:
    values = [*np.linspace(0, 1, 20), None, *np.linspace(9, 10, 10), 99.0]
    table = table_of(a=values, b=np.arange(32.0))
    result = fit(table, Settings("dbscan", scaling="none", features=("a",)))
    own = cloud_of(table, result, "a", "b")
    assert own.up.tolist() == [float(row) for row in range(32) if row != 20]
    assert [own.segments[group] for group in own.group] == result.labels.tolist()


def test_a_cloud_of_all_customers_copies_no_column(mall: Table) -> None:
    result = fit(mall, Settings())
    own = cloud_of(mall, result, "Age", "Annual Income (k$)")
    assert np.shares_memory(own.across, mall.numbers)


def test_segments_share_colours_beyond_those_there_are() -> None:
    table = table_of(a=np.repeat(np.arange(300.0), 2))
    result = fit(table, Settings(n_clusters=300, params={"n_init": 1}))
    own = cloud_of(table, result, "a", "a")
    assert len(own.segments) < 300
    drawn = [LIGHT.colour(own.segments[group]) for group in own.group]
    assert drawn == [LIGHT.colour(label) for label in result.labels.tolist()]


def away(own: Cloud, place: tuple[float, float]) -> IntArray:
    return np.argsort(np.hypot(own.across - place[0], own.up - place[1]))


def test_the_nearest_customer_is_found_within_reach() -> None:
    own = cloud()
    for place in ((0.0, 0.0), (12.5, -7.25), (30.0, 20.0)):
        assert nearest(own, place, (20.0, 20.0)) == away(own, place)[0]
    assert nearest(own, (1_000.0, 0.0), (20.0, 20.0)) is None
    corner = Cloud(np.array([0.9]), np.array([0.9]), np.zeros(1, dtype=np.int8), (0,))
    assert nearest(corner, (0.0, 0.0), (1.0, 1.0)) is None  # in the box, outside the circle


def test_an_outline_holds_the_customers_inside() -> None:
    own = cloud()
    turn = np.linspace(0, 2 * np.pi, 200)
    inside = inside_outline(own, 3 + 8 * np.cos(turn), 8 * np.sin(turn))
    distance = np.hypot(own.across - 3, own.up)
    assert set(np.flatnonzero(distance < 7.9)) <= set(inside)
    assert not set(np.flatnonzero(distance > 8)) & set(inside)
    assert len(inside_outline(own, np.array([0.0, 1.0]), np.array([0.0, 1.0]))) == 0
