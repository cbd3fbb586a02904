"""What a model is kept and used for once it is made, as methods."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
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
    from mall_app.partitions.write import Written

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
        return self._placing().predict(frame)

    def _placing(self) -> Predictor:
        kept = self._predictor
        if kept is None or kept[0] is not self.result:
            kept = (self.result, Predictor.of(self.table, self.result))
            self._predictor = kept
        return kept[1]

    def predict_to(
        self,
        source: pd.DataFrame | str | os.PathLike[str],
        path: str | os.PathLike[str],
        *,
        confidence: bool = True,
        overwrite: bool = False,
    ) -> Written:
        """Give customers of any number the segments there are, and write them to Parquet files.

        Parameters
        ----------
        source : pandas.DataFrame or path
            The customers. A Parquet file or folder is read a partition at a time, by the workers
            of the Dask cluster when `engine` is ``"dask"``.
        path : str or path
            Folder for the files: all columns, then ``segment`` and ``confidence`` as in `predict`.
            It is there when it is whole, and nothing is left of it otherwise.
        confidence : bool, default True
            Whether to write that column.
        overwrite : bool, default False
            Whether a folder of Parquet files that is there already may be replaced.

        Returns
        -------
        mall_app.partitions.write.Written
            Path, rows, files, and the names of the new columns.

        Raises
        ------
        DataError
            A feature is missing or of another kind, or there is something at `path` already.
        StoreError, StoreFull
            The folder cannot be written, or the disk is full.
        """
        from mall_app.partitions.write import Destination, predict_to, rows_of

        engine = "dask" if self.result.settings.engine == "dask" else "local"
        to = Destination(Path(path), confidence, overwrite)
        return predict_to(rows_of(source), self._placing(), to, engine=engine)

    def write_labelled(
        self, path: str | os.PathLike[str], *, confidence: bool = False, overwrite: bool = False
    ) -> Written:
        """Write every customer of the table with its segment to a folder of Parquet files.

        Parameters and errors are those of `predict_to`. A table that stays in its files is
        labelled a partition at a time, and none of its rows come here.

        Examples
        --------
        >>> import tempfile
        >>> from mall_app import ClusteringModel
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     written = ClusteringModel().write_labelled(f"{folder}/segments")
        ...     read = pd.read_parquet(written.path)
        >>> written.segment, read["segment"].nunique()
        ('segment', 5)
        """
        from mall_app.partitions.write import Destination, write_labelled

        to = Destination(Path(path), confidence, overwrite)
        return write_labelled(self.table, self.result, to)

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

        No code of the file is run, so it may come from anybody. Of a table that stays in its
        files the model has a sample; it fits anew as long as these are where they were, unchanged.

        Raises
        ------
        ModelFileError
            The file cannot be read, is no model, is damaged, or from a later version.
        """
        from mall_app.keeping.model_file import load_model
        from mall_app.keeping.whole import reopened

        archive = load_model(path)
        base = archive.base()
        lineage = Lineage(reopened(archive.table), base, archive.result(base))
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
