"""What a model can be asked about its table, as methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pandas as pd

from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.labelled import labelled, unused_name
from mall_app.model.settings import SettingsParameters
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.sweep import Sweep, sweep

if TYPE_CHECKING:
    from mall_app.evidence import Comparison, Evidence


class ModelAnalyses(SettingsParameters):
    """Look at other numbers of segments and other algorithms; the model stays as it is."""

    table: Table
    result: ClusteringResult

    def sweep(self, ks: Iterable[int] = range(1, 11)) -> Sweep:
        """Every score for each number of segments, all else equal; see `mall_app.sweep.sweep`."""
        return sweep(self.table, self.settings, ks)

    def evidence(self, ks: Iterable[int] | None = None, **options: Any) -> Evidence:
        """Gather what speaks for each number of segments, and what it comes to.

        Parameters
        ----------
        ks : iterable of int, optional
            Numbers of segments; 2 to 10 by default.
        **options
            `n_bootstraps`, `n_references`, `minimum_size`, `progress` as in
            `mall_app.evidence.evidence`.

        Returns
        -------
        mall_app.evidence.Evidence
            Recommendation with reasons, every index, stability, and whether there is any structure.

        Raises
        ------
        SettingsError
            A value breaks a rule, or the algorithm finds the number of segments itself.

        Examples
        --------
        >>> from mall_app import ClusteringModel
        >>> model = ClusteringModel(
        ...     features=["Annual Income (k$)", "Spending Score (1-100)"], scaling="none"
        ... )
        >>> model.evidence(range(2, 9), n_bootstraps=20).recommended_k
        5
        """
        from mall_app.evidence import evidence

        return evidence(self.table, self.settings, ks, **options)

    def compare(
        self, candidates: Iterable[Settings | str] | None = None, **options: Any
    ) -> Comparison:
        """Cluster the table in several ways, side by side.

        Parameters
        ----------
        candidates : iterable of Settings or str, optional
            Settings, or keys of algorithms that complete those of the model; by default every
            algorithm that serves the table and the distance.
        **options
            `n_bootstraps`, `progress` as in `mall_app.evidence.compare`.

        Returns
        -------
        mall_app.evidence.Comparison

        Raises
        ------
        SettingsError
            There are no candidates, or more than 30.
        """
        from mall_app.evidence import compare

        wanted = self._able() if candidates is None else candidates
        return compare(self.table, wanted, self.settings.unedited(), **options)

    def _able(self) -> list[str]:
        """Keys of the algorithms that can cluster this table with this distance."""
        distance, rows = self.settings.distance, len(self.table)
        return [
            own.key
            for own in algorithms().values()
            if distance in own.distances and own.largest_n >= rows
        ]

    def members(self) -> pd.DataFrame:
        """Give typical and doubtful customers of each segment, with all their columns.

        Returns
        -------
        pandas.DataFrame
            ``segment``, ``kind`` (``"typical"`` or ``"doubtful"``) and ``row`` as in
            `ClusteringResult.members` (``segment_2`` and so on where the table has such a column),
            then the columns of the table, the identifier among them.

        Examples
        --------
        >>> from mall_app import ClusteringModel
        >>> ClusteringModel(n_clusters=2).members()[["segment", "kind", "CustomerID"]].head(2)
           segment     kind  CustomerID
        0        0  typical          99
        1        0  typical          80
        """
        found = self.result.members
        rows = self.table.frame.iloc[found["row"]].reset_index(drop=True)
        own = {name: unused_name(self.table.frame, str(name)) for name in found}
        return pd.concat([found.rename(columns=own), rows], axis=1)

    def labelled(self) -> pd.DataFrame:
        """Give the customers with their segment as a last column."""
        return labelled(self.table, self.result)
