"""What a model is kept and used for once it is made, as methods."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

import pandas as pd

from mall_app.algorithms import build_algorithm
from mall_app.data.table import Table
from mall_app.identity.lineage import Lineage
from mall_app.model.settings import values_of
from mall_app.predict.prediction import Prediction, Predictor
from mall_app.result import ClusteringResult

if TYPE_CHECKING:
    from mall_app.keeping.replay import Replay

_NOT_USED = ("n_clusters", "scaling")  # by every algorithm and distance, and kept all the same


class KeptModel:
    """Predict, save, load and replay."""

    table: Table
    result: ClusteringResult
    _lineage: Lineage
    _predictor: tuple[ClusteringResult, Predictor] | None = None

    def predict(self, frame: pd.DataFrame) -> Prediction:
        """Give new customers the segments there are, whatever the algorithm.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row a customer; the features in any order. Other columns are not used.

        Returns
        -------
        Prediction
            Segments, how they were found, how sure that is, and who is unlike any customer here.

        Raises
        ------
        DataError
            A feature is missing, or has values of another kind.

        Examples
        --------
        >>> from mall_app import ClusteringModel
        >>> model = ClusteringModel(features=["Annual Income (k$)", "Spending Score (1-100)"])
        >>> new = pd.DataFrame({"Annual Income (k$)": [20], "Spending Score (1-100)": [80]})
        >>> print(model.predict(new).to_frame()["name"][0])
        Low Annual Income, high Spending Score
        """
        kept = self._predictor
        if kept is None or kept[0] is not self.result:
            kept = (self.result, Predictor.of(self.table, self.result))
            self._predictor = kept
        return kept[1].predict(frame)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Keep the model in one file, its customers and edits included.

        Raises
        ------
        ModelFileError
            It cannot be written; a file that was there before is still there.
        """
        from mall_app.keeping.model_file import save_model

        asked = {name: getattr(self, name) for name in _NOT_USED}
        save_model(path, self.table, self._lineage.base, self.result, asked=asked)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Give the model of a file, with the segments it was saved with; nothing is fitted.

        No code of the file is run, so it may come from anybody.

        Raises
        ------
        ModelFileError
            The file cannot be read, is no model, is damaged, or from a later version.
        """
        from mall_app.keeping.model_file import load_model

        archive = load_model(path)
        base = archive.base()
        lineage = Lineage(archive.table, base, archive.result(base))
        return cls(lineage, **archive.asked)  # type: ignore[call-arg]  # a model takes one

    def adopt(self, lineage: Lineage, **asked: Any) -> None:
        """Become a model that was read elsewhere, as on a page that shows this one.

        Parameters
        ----------
        lineage : Lineage
            Its customers and segments.
        **asked
            Settings it keeps though the fit did not use them.
        """
        used = lineage.result.settings
        method = build_algorithm(used.algorithm, used.params)
        changes = values_of(used) | asked | {"method": method, "table": lineage.table}
        self._become(lineage, changes)

    def _become(self, lineage: Lineage, changes: Mapping[str, Any]) -> None:
        """Take a lineage and parameters as they are; the model does it."""
        raise TypeError(f"{type(self).__name__} does not say how it becomes another.")

    def replay(self) -> Replay:
        """Fit anew from the receipt, and say whether the labels are the same, or why not.

        Returns
        -------
        mall_app.keeping.replay.Replay
        """
        from mall_app.keeping.replay import replay

        return replay(self.table, self.result.receipt, self.result.labels)
