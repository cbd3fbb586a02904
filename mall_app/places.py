"""Where the rows of a table are worked on, and which of them an algorithm sees."""

from __future__ import annotations

from mall_app.algorithms import Algorithm
from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.geometry.encoding import METRICS
from mall_app.settings import Settings


def resolve_engine(table: Table, asked: str) -> str:
    """Give the engine for a table: ``"local"`` or ``"dask"``.

    Raises
    ------
    SettingsError
        Local, for a table that is not held in memory.
    """
    if table.whole is None:
        return "local" if asked == "auto" else asked
    if asked == "local":
        raise SettingsError(
            f"engine must be 'dask' or 'auto' for a table of {table.n_customers:,} rows that stay "
            "in their files, not 'local'.",
            ("engine",),
        )
    return "dask"


# These pass over every row of every partition; the others see a sample of a table in partitions.
ON_PARTITIONS = ("kmeans", "minibatch_kmeans", "bisecting_kmeans", "gaussian_mixture")


def resolve_strategy(algorithm: Algorithm, table: Table, settings: Settings) -> str:
    """Give what the algorithm sees: ``"full"``, ``"sample"`` or ``"summary"``."""
    if table.whole is not None or settings.engine == "dask":
        return _strategy_on_partitions(algorithm, settings.strategy)
    if settings.strategy != "auto":
        return settings.strategy
    soon = algorithm.is_soon_done(len(table), METRICS[settings.distance])
    return "full" if soon else algorithm.condensed_to


def _strategy_on_partitions(algorithm: Algorithm, asked: str) -> str:
    full = algorithm.key in ON_PARTITIONS
    if asked == "full" and not full:
        raise SettingsError(
            f"strategy must be 'sample' or 'summary' for {algorithm.key} on a Dask cluster, not "
            f"'full'; {', '.join(ON_PARTITIONS)} see every customer there.",
            ("strategy",),
        )
    return ("full" if full else algorithm.condensed_to) if asked == "auto" else asked
