"""What each segment is, counted over all partitions.

Counts, means, standard deviations, ends and effects are exact, and so are the shares of categories.
Quartiles come from a histogram of 1 000 bins for each segment, laid over the middle of what the
sample of the table shows of it (from its first to its ninth tenth); they are interpolated within a
bin, so they are off by less than a thousandth of that span.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite

import numpy as np

from mall_app.data.table import Table
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.lloyd_step import Labels
from mall_app.kernels.tallies import Frame, Tally, tally
from mall_app.partitions.columns import Columns
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted, Workers
from mall_app.segments.effects import Effect, Moments, ShareContrast, hedges_g
from mall_app.segments.profiles import NumericProfile, share_contrasts

_BINS = 1_000
_UNKNOWN = -1.0  # below every end of a middle: that of the group is not known
_SHOWN = 200  # rows of a segment in the sample that say where its middle lies
_QUARTILES = (0.5, 0.25, 0.75)
MISSING = "(missing)"
MOST_VALUES = 1_000  # of a category that is described; each is told for each group

Profile = tuple[dict[str, NumericProfile], dict[str, dict[str, ShareContrast]]]


@dataclass(frozen=True, eq=False)
class Described:
    """Partitions, and the group of each of their rows.

    Parameters
    ----------
    workers : Workers
        Who has them.
    columns : Parted of Columns
        Every quantity and category of the table.
    codes : Parted
        Group of each row that was clustered; -1 is noise.
    features : tuple of str
        What was clustered on: where one is missing a row was left out.
    drop : bool
        Whether it was.
    sizes : ndarray of shape (n_groups,)
        Rows of each group.
    """

    workers: Workers
    columns: Parted
    codes: Parted
    features: tuple[str, ...]
    drop: bool
    sizes: IntArray


def profiles(whole: Described, table: Table, rows: IntArray, codes: IntArray) -> list[Profile]:
    """Describe each group by each quantity and category of the table.

    Parameters
    ----------
    whole : Described
        The partitions.
    table : Table
        The sample of them.
    rows, codes : ndarray of shape (n_used,)
        Its rows that were clustered, and their groups.
    """
    n_groups = len(whole.sizes)
    frames = {name: _frame(table.number(name)[rows], codes, n_groups) for name in table.numeric}
    tallies = _tallied(whole, frames)
    wide = {own: _wider(frames[own], found) for own, found in tallies.items()}
    again = _tallied(whole, {own: frame for own, frame in wide.items() if frame is not None})
    frames |= {own: frame for own, frame in wide.items() if frame is not None}
    numeric = _numeric(frames, tallies | again, table)
    contrasts = _categories(whole, table)
    return list(zip(numeric, contrasts, strict=True))


def _frame(known: FloatArray, codes: IntArray, n_groups: int) -> Frame:
    """Lay the bins of each group over its middle in the sample; the last group is noise."""
    everything = known[~np.isnan(known)]
    middle = float(everything.mean()) if len(everything) else 0.0
    unit = float(everything.std()) if len(everything) else 0.0
    low, high = np.zeros(n_groups + 1), np.full(n_groups + 1, _UNKNOWN)
    for own in range(n_groups):
        here = known[codes == own]
        here = here[~np.isnan(here)]
        if len(here) >= _SHOWN:
            low[own], high[own] = np.quantile(here, (0.1, 0.9))
    return Frame(middle, unit or 1.0, low, high, _BINS)


def _wider(frame: Frame, found: Tally) -> Frame | None:
    """Give a frame that holds all of the groups whose quartiles are not within theirs."""
    outside = np.array(
        [
            count > 0 and (high < low or bins[0] > (count - 1) // 4 or bins[-1] > (count - 1) // 4)
            for count, bins, low, high in zip(
                found.counts, found.bins, frame.low, frame.high, strict=True
            )
        ]
    )
    outside[-1] = False  # of noise there is no profile
    if not outside.any():
        return None
    low, high = np.where(outside, found.least, frame.low), np.where(outside, found.most, frame.high)
    return replace(frame, low=low, high=high)


def _tallied(whole: Described, frames: dict[str, Frame]) -> dict[str, Tally]:
    if not frames:
        return {}
    parts = whole.workers.collect(
        _tally,
        whole.columns,
        whole.codes,
        whole.features,
        whole.drop,
        len(whole.sizes),
        frames,
    )
    return {name: summed([own[name] for own in parts]) for name in frames}


def _tally(
    columns: Columns,
    codes: Labels,
    features: Sequence[str],
    drop: bool,
    n_groups: int,
    frames: dict[str, Frame],
) -> dict[str, Tally]:
    rows = columns.present(features) if drop else None
    groups = np.where(codes < 0, np.int32(n_groups), codes)  # once, not for every column
    found = {}
    for name, frame in frames.items():
        values = columns.numbers[name]
        found[name] = tally(values if rows is None else values[rows], groups, frame)
    return found


def _numeric(
    frames: dict[str, Frame], tallies: dict[str, Tally], table: Table
) -> list[dict[str, NumericProfile]]:
    """Give the profiles of each group but the last, which is noise."""
    columns = []
    for name, frame in frames.items():
        known = table.number(name)
        known = known[~np.isnan(known)]
        whole_numbers = bool((known == np.round(known)).all())
        columns.append(_column(frame, tallies[name], whole_numbers))
    return [dict(zip(frames, group, strict=True)) for group in zip(*columns, strict=True)]


@np.errstate(invalid="ignore", divide="ignore", over="ignore")
def _column(frame: Frame, found: Tally, whole_numbers: bool) -> list[NumericProfile]:
    count = found.counts.sum()
    shift = found.sums.sum() / count
    variance = found.squares.sum() / count - shift**2
    varies = found.least.min() != found.most.max()
    spread = np.sqrt(max(variance, 0.0)) if varies else 0.0
    means = frame.middle + frame.unit * found.sums / found.counts
    difference = (found.sums / found.counts - shift) / spread
    value, half = _effects(found, shift, spread)
    quartiles = [_quantiles(frame, found, share, whole_numbers) for share in _QUARTILES]
    table = np.column_stack([means, *quartiles, found.least, found.most, difference])
    ends = np.column_stack([value, value - half, value + half])
    return [
        _profile(row, _effect(*effect))
        for row, effect in zip(table[:-1].tolist(), ends[:-1].tolist(), strict=True)
    ]


def _effects(found: Tally, shift: float, spread: float) -> tuple[FloatArray, FloatArray]:
    """Give Hedges' g of each group against all other rows, and half the width of its interval."""
    counts = found.counts.astype(np.float64)
    sums = (found.sums - counts * shift) / spread
    squares = (found.squares - 2 * shift * found.sums + counts * shift**2) / spread**2
    groups = Moments(counts[:, None], sums[:, None], squares[:, None])
    sides = (groups.counts, groups.sums, groups.squares)
    everyone = Moments(*(np.asarray(own.sum(axis=0, keepdims=True)) for own in sides))
    value, half = hedges_g(groups, groups.rest(everyone))
    return value[:, 0], half[:, 0]


def _quantiles(frame: Frame, found: Tally, share: float, whole_numbers: bool) -> FloatArray:
    """Interpolate between the two values of each group that a quantile lies between."""
    quantiles = np.full(len(found.counts), np.nan)
    for own, count in enumerate(found.counts.tolist()):
        if not count:
            continue
        first, along = divmod(share * (count - 1), 1)
        ranks = np.array([int(first), min(int(first) + 1, count - 1)])
        below, above = _ranked(frame, found, own, ranks, whole_numbers)
        quantiles[own] = below + along * (above - below)
    return quantiles


def _ranked(
    frame: Frame, found: Tally, own: int, ranks: IntArray, whole_numbers: bool
) -> FloatArray:
    """Give the values of a group that so many others are below, by where they lie in their bins."""
    width = max(frame.high[own] - frame.low[own], 0.0) / frame.n_bins
    reached = found.bins[own].cumsum()
    places = np.searchsorted(reached, ranks, side="right")
    within = found.bins[own, places]
    along = (ranks - (reached[places] - within) + 0.5) / within
    values = frame.low[own] + (places - 1 + along) * width
    if whole_numbers and width < 1:
        values = np.floor(frame.low[own] + places * width)
    return np.asarray(np.clip(values, found.least[own], found.most[own]))


def _categories(whole: Described, table: Table) -> list[dict[str, dict[str, ShareContrast]]]:
    found: list[dict[str, dict[str, ShareContrast]]] = [{} for _ in whole.sizes]
    if not table.categorical or not len(whole.sizes):
        return found
    n_groups = len(whole.sizes)
    parts = whole.workers.collect(
        _counted, whole.columns, whole.codes, whole.features, whole.drop, n_groups
    )
    sizes = whole.sizes[:, None].astype(np.float64)
    for name in table.categorical:
        values = sorted({value for own in parts for value in own[name]} - {MISSING})
        if len(values) > MOST_VALUES:
            continue  # no category in the whole table, whatever its sample looks like
        missing = any(own[name][MISSING].any() for own in parts)
        nothing = np.zeros(n_groups + 1, dtype=np.int64)
        shown = [*values, MISSING] if missing else values
        counts = np.stack(
            [sum((own[name].get(value, nothing) for own in parts), nothing) for value in shown],
            axis=1,
        )
        contrasts = share_contrasts(counts[:-1], sizes, counts.sum(axis=0))
        for own, row in zip(found, contrasts, strict=True):
            own[name] = dict(zip(shown, row, strict=True))
    return found


def _counted(
    columns: Columns, codes: Labels, features: Sequence[str], drop: bool, n_groups: int
) -> dict[str, dict[str, IntArray]]:
    """Count each value, and those missing, in each group and, as the last, in noise."""
    rows = columns.present(features) if drop else None
    groups = np.where(codes < 0, n_groups, codes).astype(np.int64)
    found = {}
    for name, category in columns.categories.items():
        values = category.values[: MOST_VALUES + 1]
        own = category.codes if rows is None else category.codes[rows]
        own = np.where(own < 0, len(values), np.minimum(own, len(values)))
        width = len(values) + 1
        counts = np.bincount(groups * width + own, minlength=(n_groups + 1) * width)
        table = counts.reshape(n_groups + 1, width)
        found[name] = dict(zip([*values, MISSING], table.T, strict=True))
    return found


def _profile(row: list[float], effect: Effect | None) -> NumericProfile:
    mean, median, lower, upper, minimum, maximum, difference = map(_finite, row)
    return NumericProfile(mean, median, lower, upper, minimum, maximum, difference, effect)


def _finite(value: float) -> float | None:
    return value if isfinite(value) else None


def _effect(value: float, low: float, high: float) -> Effect | None:
    return Effect(value, low, high) if isfinite(value + low + high) else None
