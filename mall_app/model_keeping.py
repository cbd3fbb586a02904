"""What a model is kept and used for once it is made, as methods."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Self

import pandas as pd

from mall_app.data.table import Table
from mall_app.lineage import Lineage
from mall_app.prediction import Prediction, Predictor
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
        from mall_app.keeping.archive import save_archive

        asked = {name: getattr(self, name) for name in _NOT_USED}
        save_archive(path, self.table, self._lineage.base, self.result, asked=asked)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Give the model of a file, with the segments it was saved with; nothing is fitted.

        No code of the file is run, so it may come from anybody.

        Raises
        ------
        ModelFileError
            The file cannot be read, is no model, is damaged, or from a later version.
        """
        from mall_app.keeping.archive import load_archive

        archive = load_archive(path)
        base = archive.base()
        lineage = Lineage(archive.table, base, archive.result(base))
        return cls(lineage, **archive.asked)

    def replay(self) -> Replay:
        """Fit anew from the receipt, and say whether the labels are the same, or why not.

        Returns
        -------
        mall_app.keeping.replay.Replay
        """
        from mall_app.keeping.replay import replay

        return replay(self.table, self.result.receipt, self.result.labels)
