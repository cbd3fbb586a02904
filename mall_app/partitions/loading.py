"""From the files of a table to points that the workers hold, or read anew in each pass."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mall_app.data.partitioned import PART_ROWS, SAMPLE_SEED, Part, PartitionedTable
from mall_app.data.table import Table
from mall_app.errors import DataError
from mall_app.features import FeatureMatrix, build_features
from mall_app.partitions.columns import read_columns
from mall_app.partitions.coordinates import bytes_of, coordinates
from mall_app.partitions.learning import Learned, Whole, learn
from mall_app.partitions.passes import Cloud
from mall_app.partitions.workers import Parted, Workers
from mall_app.progress import step
from mall_app.settings import Settings

HELD_SHARE = 0.5  # of the workers' memory: what is worked on takes several times its own size
MANY_PARTITIONS = 64  # beyond which small ones are put together
_BYTES_OF_A_VALUE = 8


@dataclass(frozen=True, eq=False)
class Loaded:
    """A table on the workers.

    Parameters
    ----------
    cloud : Cloud
        Its customers as points.
    columns : Parted of Columns
        Every quantity and category in original units.
    learned : Learned
        What was learned from all rows.
    features : FeatureMatrix
        The sample of the table, scaled as the whole.
    """

    cloud: Cloud
    columns: Parted
    learned: Learned
    features: FeatureMatrix


def load(workers: Workers, table: Table, settings: Settings) -> Loaded:
    """Read a table in partitions, learn from all its rows, and make points of them.

    What fits into half the memory of the workers stays there: the points, and the columns they and
    the description of the segments are made from. What does not is read again in each pass.

    Raises
    ------
    DataError
        A partition cannot be read or used, or there is nothing to tell apart.
    """
    whole = _whole(table)
    names = settings.features or table.numeric
    parts = Parted(together(whole.parts))
    step(0, 0, "Reading the partitions")
    room = HELD_SHARE * workers.memory
    used = [own for own in (*table.numeric, *table.categorical) if own in names]
    points = bytes_of(whole.n_rows, _n_dimensions(table, names))
    n_columns = len(table.numeric) + len(table.categorical)
    everything = points + whole.n_rows * n_columns * _BYTES_OF_A_VALUE
    make = workers.hold if everything <= room else workers.lazily
    columns = make(read_columns, parts, table.numeric, table.categorical, names)
    own = columns
    if everything > room:
        numeric = [name for name in used if name in table.numeric]
        categorical = [name for name in used if name in table.categorical]
        own = workers.lazily(read_columns, parts, numeric, categorical, names)
    drop = settings.missing == "drop"
    learned = learn(Whole(workers, own, names, settings), table)
    make = workers.hold if points <= room else workers.lazily
    values = make(coordinates, own, learned.encoding, names, drop)
    features = build_features(table, settings, learned.encoding)
    is_whole = learned.summary.n_used == learned.summary.n_rows
    cloud = Cloud(
        workers,
        values,
        features.points,
        learned.lengths,
        _reach(learned),
        len(table),
        SAMPLE_SEED if is_whole else None,
    )
    return Loaded(cloud, columns, learned, features)


def _reach(learned: Learned) -> float:
    """Say how far the farthest row may lie, by the ends of each quantity; see `Cloud.reach`."""
    far = mean = 0.0
    for own in learned.encoding.numbers:
        known, unit = learned.summary.numbers[own.name], (own.factor / own.divisor) ** 2
        far += unit * max(known.high - known.mean, known.mean - known.low) ** 2
        mean += unit * known.scatter / known.count
    return far / mean if mean > 0 else 0.0


def together(parts: Sequence[Part]) -> list[tuple[Part, ...]]:
    """Put small parts that follow each other into one partition where there are very many.

    Each partition costs the scheduler some milliseconds in each pass, whatever is in it.
    """
    if len(parts) <= MANY_PARTITIONS:
        return [(part,) for part in parts]
    most = min(PART_ROWS, max(1, sum(part.n_rows for part in parts) // MANY_PARTITIONS))
    found: list[tuple[Part, ...]] = [()]
    rows = 0
    for part in parts:
        if rows and rows + part.n_rows > most:
            found.append(())
            rows = 0
        found[-1] += (part,)
        rows += part.n_rows
    return found


def _whole(table: Table) -> PartitionedTable:
    if table.whole is None:
        raise DataError("The table is held in memory and has no partitions.")
    return table.whole


def _n_dimensions(table: Table, names: tuple[str, ...]) -> int:
    return sum(
        len(table.categories[name].values) if name in table.categories else 1 for name in names
    )
