"""The segments of new customers, how they were found, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.spatial import KDTree

from mall_app.algorithms import algorithms
from mall_app.assigners import Assigner, Assignment, Method, NearestNeighbours
from mall_app.assigners.base import joined
from mall_app.assigners.neighbours import distinct
from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.encoding import Encoding
from mall_app.geometry.points import FloatArray, IntArray, Points
from mall_app.predict.newcomers import Newcomers, read_newcomers
from mall_app.predict.novelty import Novelty
from mall_app.result import ClusteringResult
from mall_app.settings import Settings
from mall_app.wording import customers

BoolArray = npt.NDArray[np.bool_]
_ROWS_AT_ONCE = 50_000


@dataclass(frozen=True, eq=False)
class Prediction:
    """The segments of new customers, one entry a row of their frame.

    Parameters
    ----------
    labels : pandas array of Int64
        Number of the segment, -1 for noise, missing for a customer that cannot be placed.
    method : {"native", "nearest_centre", "nearest_neighbours", "approximate"}
        How they were found: by the rule of the algorithm itself, by the nearest centre, by the
        nearest customers of the model, or by such a rule that also knows noise.
    confidence : ndarray of shape (n_rows,)
        From 0 to 1, nan where there is no label. What it is depends on the method, see
        `mall_app.assigners`: a posterior probability of a mixture; 1 less the distance to the own
        centre over that to the next; or the share of the ten nearest customers in that segment.
    unlike_training : ndarray of bool, shape (n_rows,)
        Customers unlike any of the model: farther from the nearest one than 99 % of those are from
        each other, or than all of them, or with a value of a category never seen. See
        `mall_app.predict.novelty`.
    names : mapping of int to str
        Name of each segment of the model.
    training_difference : float
        Share of the customers of the model to which this would give another segment than they
        have: more than 0 only when equal customers are in different segments.
    warnings : tuple of str
        What the user should know, in sentences.
    index : pandas.Index
        Of the frame.
    membership : ndarray of shape (n_rows, n_segments), optional
        Share of each segment, in the order of their numbers, where the method knows it.
    """

    labels: pd.api.extensions.ExtensionArray
    method: Method
    confidence: FloatArray
    unlike_training: BoolArray
    names: Mapping[int, str]
    training_difference: float
    warnings: tuple[str, ...]
    index: pd.Index
    membership: FloatArray | None = None

    def __repr__(self) -> str:
        """Give how many customers are in which segment, and by which method."""
        counted = pd.Series(self.labels).value_counts().sort_index()
        told = [f"{'noise' if own == -1 else own}: {n:,}" for own, n in counted.items()]
        lost = int(pd.isna(self.labels).sum())
        told += [f"not placed: {lost:,}"] if lost else []
        unlike = int(self.unlike_training.sum())
        return (
            f"<Prediction by {self.method}: {customers(len(self))} ({', '.join(told)}), "
            f"{unlike:,} unlike those of the model>"
        )

    def __len__(self) -> int:
        """Give the number of customers."""
        return len(self.index)

    def to_frame(self) -> pd.DataFrame:
        """Give one row a customer: segment, name, confidence, unlike_training."""
        names = {**self.names, -1: "Noise"}
        return pd.DataFrame(
            {
                "segment": self.labels,
                "name": pd.Series(self.labels, dtype=object).map(names).to_numpy(),
                "confidence": self.confidence,
                "unlike_training": self.unlike_training,
            },
            index=self.index,
        )

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-ready values; null where a customer cannot be placed."""
        absent = np.asarray(pd.isna(self.labels))
        return {
            "labels": _or_null(self.labels, absent),
            "method": self.method,
            "confidence": _or_null(self.confidence, absent),
            "unlike_training": _or_null(self.unlike_training, absent),
            "segments": [{"segment": own, "name": name} for own, name in self.names.items()],
            "training_difference": self.training_difference,
            "warnings": list(self.warnings),
        }


def predict(table: Table, result: ClusteringResult, frame: pd.DataFrame) -> Prediction:
    """Give new customers the segments of a result; `Predictor` does it for several frames.

    Parameters
    ----------
    table : Table
        What was clustered.
    result : ClusteringResult
        What it came to.
    frame : pandas.DataFrame
        The new customers; the columns the result was made with, in any order.

    Returns
    -------
    Prediction
        Empty for a frame without rows.

    Raises
    ------
    DataError
        A column is missing or has values of another kind.

    Examples
    --------
    >>> from mall_app.fit import fit
    >>> from mall_app.settings import Settings
    >>> table = Table.from_frame(pd.DataFrame({"Age": [20, 21, 60, 61, 62]}))
    >>> given = predict(table, fit(table, Settings(n_clusters=2)), pd.DataFrame({"Age": [25, 90]}))
    >>> given.labels.tolist(), given.method, given.unlike_training.tolist()
    ([1, 0], 'native', [True, True])
    """
    return Predictor.of(table, result).predict(frame)


class Predictor:
    """Places new customers among the segments of one result.

    A customer that equals one of the result in every feature gets the same segment, whatever the
    rule says; where rule and result disagree, confidence is 0.

    Parameters
    ----------
    table : Table
        What was clustered.
    settings : Settings
        How, resolved.
    labels : ndarray of shape (n_used,)
        What it came to.
    assigner : Assigner or None
        Gives these labels; None takes that of the nearest neighbour.
    names : mapping of int to str
        Name of each segment.
    encoding : Encoding, optional
        Learned from the whole that the table is a sample of; by default from the table.
    """

    def __init__(
        self,
        table: Table,
        settings: Settings,
        labels: IntArray,
        assigner: Assigner | None,
        names: Mapping[int, str],
        encoding: Encoding | None = None,
    ) -> None:
        features = build_features(table, settings, encoding)
        self._encoding: Encoding = features.encoding
        self.features = features.features
        self._known = tuple(map(str, table.frame))
        self._decimal = table.report.decimal if table.report else "."
        self._missing = settings.missing
        self._names = dict(names)
        noisy = algorithms()[settings.algorithm].gives_noise or bool((labels < 0).any())
        self._assigner = assigner or NearestNeighbours.of(features.points, labels, noisy)
        self._novelty = Novelty.of(features.points)
        values, own, codes = distinct(features.values, labels)
        self.training_difference = float((own[codes] != labels).mean())
        self._exceptions = self._learn_exceptions(replace(features.points, values=values), own)

    @classmethod
    def of(cls, table: Table, result: ClusteringResult) -> Predictor:
        """Place customers among the segments of a result."""
        names = {own.segment: own.name for own in result.profiles}
        encoding = None if result.population is None else result.population.encoding
        return cls(table, result.settings, result.labels, result.assigner, names, encoding)

    @property
    def method(self) -> Method:
        """How customers are placed."""
        return self._assigner.method

    def predict(self, frame: pd.DataFrame) -> Prediction:
        """Give new customers a segment each; see `predict`."""
        given = read_newcomers(frame, self._encoding, self._known, self._missing, self._decimal)
        found, unlike, shares = self._place(given)
        placed, n_rows = given.placed, len(frame)
        labels, confidence = given.of_rows(found, n_rows)
        strange = np.zeros(n_rows, dtype=bool)
        strange[placed] = unlike | given.unseen
        membership = None
        if shares is not None:
            membership = np.full((n_rows, shares.shape[1]), np.nan)
            membership[placed] = shares
        return Prediction(
            labels=labels,
            method=self.method,
            confidence=confidence,
            unlike_training=strange,
            names=self._names,
            training_difference=self.training_difference,
            warnings=(*given.notes, *_notes(strange, self.training_difference)),
            index=frame.index,
            membership=membership,
        )

    def label(self, frame: pd.DataFrame) -> tuple[pd.arrays.IntegerArray, FloatArray]:
        """Give new customers what `predict` does as labels and confidence, at much less cost."""
        given = read_newcomers(frame, self._encoding, self._known, self._missing, self._decimal)
        found = joined([self._assign(points) for points in self._in_blocks(given)])
        return given.of_rows(found, len(frame))

    def _place(self, given: Newcomers) -> tuple[Assignment, BoolArray, FloatArray | None]:
        found, unlike, shares = [], [np.zeros(0, dtype=bool)], []
        for points in self._in_blocks(given):
            found.append(self._assign(points))
            unlike.append(self._novelty.unlike(points.values))
            share = self._assigner.membership(points)
            shares += [] if share is None else [share]
        together = np.concatenate(shares) if shares else None
        return joined(found), np.concatenate(unlike), together

    def _in_blocks(self, given: Newcomers) -> Iterator[Points]:
        """Encode customers block by block, so that their coordinates never take much memory."""
        for start in range(0, len(given.placed), _ROWS_AT_ONCE):
            cut = slice(start, start + _ROWS_AT_ONCE)
            values = self._encoding.encode(
                {name: own[cut] for name, own in given.numbers.items()},
                {name: own[cut] for name, own in given.codes.items()},
            )
            yield Points(values, self._encoding.metric, self._encoding.blocks)

    def _learn_exceptions(self, points: Points, labels: IntArray) -> tuple[KDTree, IntArray] | None:
        """Find the customers that the rule places otherwise than the result did."""
        if isinstance(self._assigner, NearestNeighbours):
            return None  # each of them is its own nearest neighbour
        wrong = self._assigner.assign(points).labels != labels
        return (KDTree(points.values[wrong]), labels[wrong]) if wrong.any() else None

    def _assign(self, points: Points) -> Assignment:
        given = self._assigner.assign(points)
        if self._exceptions is None:
            return given
        tree, labels = self._exceptions
        distances, nearest = tree.query(points.values, p=np.inf)
        own = np.where(distances == 0, labels[nearest], given.labels)
        return Assignment(own, np.where(own == given.labels, given.confidence, 0.0))


def _or_null(values: Any, absent: BoolArray) -> list[Any]:
    plain = np.asarray(values, dtype=object)
    plain[absent] = None
    return list(plain.tolist())


def _notes(unlike: BoolArray, difference: float) -> list[str]:
    notes = []
    if unlike.any():
        count = int(unlike.sum())
        who = "1 customer is" if count == 1 else f"{count:,} customers are"
        notes.append(f"{who} unlike any that the model was made with.")
    if difference:
        notes.append(
            f"Of the customers of the model, {difference:.1%} would be placed otherwise, because "
            "equal customers are in different segments."
        )
    return notes
