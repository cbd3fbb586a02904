"""What a clustering came to: frozen, complete, and the same for every view that reads it."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, fields
from functools import cached_property
from types import MappingProxyType
from typing import Any

import pandas as pd

from mall_app.assigners import Assigner
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.metrics import Score
from mall_app.population import Population
from mall_app.segments.members import Doubt
from mall_app.segments.segment import Segment
from mall_app.settings import Settings
from mall_app.wording import customers

_EFFECTS = ["segment", "column", "value", "level", "effect", "low", "high", "words"]
_MAPPINGS = ("metrics", "contributions")


@dataclass(frozen=True, eq=False)
class ClusteringResult:
    """One finished clustering.

    Parameters
    ----------
    settings : Settings
        As they were used: features named, every parameter present, `n_clusters` None when the
        algorithm finds the number itself.
    labels : ndarray of shape (n_used,)
        Number of the segment of each customer that was clustered, -1 for noise. From 0, the
        largest, upwards, unless the settings number them otherwise. Read-only.
    rows : ndarray of shape (n_used,)
        Position of each of them in the table. Read-only.
    n_rows : int
        Rows of the table; more than `n_used` when customers were left out.
    metrics : mapping of str to Score
        ``silhouette_score``, ``davies_bouldin_score``, ``calinski_harabasz_score`` and ``inertia``
        (sum of squared distances to the segment's centre, in scaled units).
    silhouette : ndarray of shape (n_used,)
        Silhouette of each customer, -1 to 1; nan for noise and where undefined. Read-only.
    profiles : tuple of Segment
        The segments, described in original units.
    warnings : tuple of str
        What the user should know, in sentences.
    receipt : dict
        What is needed to get the same labels again, JSON-ready.
    doubt : Doubt
        Second-best segment of each customer, the margin to it, and how far out it lies.
    contributions : mapping of str to float
        Share of each feature in the separation of the segments, 1 in all; empty when nothing is
        apart.
    assigner : Assigner, optional
        Gives new customers their segment; None takes that of their nearest neighbour.
    edits_done : tuple of str
        What each edit of the settings did, in sentences.
    population : Population, optional
        How many customers each segment has in the whole table, when the table here is a sample of
        it. Labels and everything else with an entry a customer are then of the sample; metrics, and
        sizes, shares and numbers of the segments, of the whole.
    """

    settings: Settings
    labels: IntArray
    rows: IntArray
    n_rows: int
    metrics: Mapping[str, Score]
    silhouette: FloatArray
    profiles: tuple[Segment, ...]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
    doubt: Doubt
    contributions: Mapping[str, float]
    assigner: Assigner | None = None
    edits_done: tuple[str, ...] = ()
    population: Population | None = None

    def __post_init__(self) -> None:
        """Make everything read-only."""
        for name in _MAPPINGS:
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))
        for array in (self.labels, self.rows, self.silhouette):
            array.setflags(write=False)

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields: a mapping proxy cannot be pickled."""
        values = {entry.name: getattr(self, entry.name) for entry in fields(self)}
        values |= {name: dict(values[name]) for name in _MAPPINGS}
        return type(self), tuple(values.values())

    def __repr__(self) -> str:
        """Give the algorithm, the sizes of the segments and the silhouette."""
        sizes = ", ".join(f"{own.segment}: {own.size:,}" for own in self.profiles[:10])
        more = ", ..." if self.n_clusters > 10 else ""
        noise = f", {self.n_noise:,} noise" if self.n_noise else ""
        value = self.silhouette_score
        score = "" if value is None else f", silhouette {value:.3f}"
        return (
            f"<ClusteringResult {self.model_name}: {customers(self.n_used)} in "
            f"{self.n_clusters} segment{'' if self.n_clusters == 1 else 's'} "
            f"({sizes}{more}){noise}{score}>"
        )

    @property
    def model_name(self) -> str:
        """Key of the algorithm."""
        return self.settings.algorithm

    @property
    def n_clusters(self) -> int:
        """Number of segments found; noise is not one."""
        return len(self.profiles)

    @cached_property
    def n_noise(self) -> int:
        """Number of customers in no segment."""
        if self.population is not None:
            return self.population.n_noise
        return int((self.labels < 0).sum())

    @property
    def n_used(self) -> int:
        """Number of customers that were clustered, noise included."""
        return len(self.rows) if self.population is None else self.population.n_used

    @property
    def silhouette_score(self) -> float | None:
        """Mean silhouette, -1 to 1, higher is better."""
        return self.metrics["silhouette_score"].value

    @property
    def davies_bouldin_score(self) -> float | None:
        """Davies-Bouldin index, from 0, lower is better."""
        return self.metrics["davies_bouldin_score"].value

    @property
    def calinski_harabasz_score(self) -> float | None:
        """Calinski-Harabasz index, from 0, higher is better."""
        return self.metrics["calinski_harabasz_score"].value

    @property
    def inertia(self) -> float | None:
        """Sum of squared distances to the segment centres, lower is tighter."""
        return self.metrics["inertia"].value

    @property
    def nbytes(self) -> int:
        """About how much memory it takes: its arrays, and what describes the segments."""
        arrays = self.labels.nbytes + self.rows.nbytes + self.silhouette.nbytes + self.doubt.nbytes
        return arrays + 4_000 * (1 + len(self.profiles))

    @cached_property
    def segments(self) -> pd.DataFrame:
        """One row a segment: name, size, share, rule, then what it is in each column."""
        return pd.DataFrame(
            [_flat(own) for own in self.profiles],
            index=pd.Index([own.segment for own in self.profiles], name="segment", dtype="int64"),
        )

    @cached_property
    def effects(self) -> pd.DataFrame:
        """What sets each segment apart, one row a segment and column, the strongest first.

        ``value`` is that of a category, missing for a quantity; ``effect`` with its 95 % interval
        ``low`` to ``high`` is Hedges' g against the other customers, Cohen's h for a category;
        ``level`` is the mean or the share here; ``words`` say it. Constant columns are left out.
        """
        rows = [
            {
                "segment": own.segment,
                "column": each.column,
                "value": each.value,
                "level": each.level,
                "effect": each.effect.value if each.effect else None,
                "low": each.effect.low if each.effect else None,
                "high": each.effect.high if each.effect else None,
                "words": each.words,
            }
            for own in self.profiles
            for each in own.distinctive(most=len(own.columns))
        ]
        kinds = {"segment": "int64"} | dict.fromkeys(("level", "effect", "low", "high"), "float64")
        return pd.DataFrame(rows, columns=_EFFECTS).astype(kinds)

    @cached_property
    def members(self) -> pd.DataFrame:
        """Customers worth looking at: one row a typical or doubtful member of a segment.

        Columns are ``segment``, ``kind`` (``"typical"``, the medoid first, or ``"doubtful"``, the
        most doubtful first) and ``row``, the position in the table. `ClusteringModel.members` has
        the customers themselves beside it.
        """
        rows = [
            (own.segment, kind, row)
            for own in self.profiles
            for kind, found in (("typical", own.typical), ("doubtful", own.doubtful))
            for row in found
        ]
        found = pd.DataFrame(rows, columns=["segment", "kind", "row"])
        return found.astype({"segment": "int64", "row": "int64"})

    @cached_property
    def doubts(self) -> pd.DataFrame:
        """One row a customer that was clustered, by position in the table: how sure its segment is.

        Columns are ``segment``, ``second``, ``margin``, ``silhouette`` and
        ``distance_percentile``; see `mall_app.segments.members.Doubt`.
        """
        columns = {
            "segment": self.labels,
            "second": self.doubt.second,
            "margin": self.doubt.margin,
            "silhouette": self.silhouette,
            "distance_percentile": self.doubt.distance_percentile,
        }
        return pd.DataFrame(columns, index=pd.Index(self.rows, name="row"))

    def doubts_of_rows(self) -> dict[str, list[Any]]:
        """Give the columns of `doubts` with an entry for every row of the table, JSON-ready.

        None stands for a customer that was left out, and where there is no value.
        """
        every = self.doubts.drop(columns="segment").reindex(range(self.n_rows))
        second = every["second"].astype("Int64")
        columns = {str(name): every[name] for name in every} | {"second": second}
        return {
            name: column.astype(object).where(column.notna(), None).tolist()
            for name, column in columns.items()
        }

    def labels_of_rows(self) -> list[int | None]:
        """Give the segment of every row of the table; None for a customer that was left out."""
        if len(self.rows) == self.n_rows:
            return list(self.labels.tolist())
        labels: list[int | None] = [None] * self.n_rows
        for row, label in zip(self.rows.tolist(), self.labels.tolist(), strict=True):
            labels[row] = label
        return labels

    def to_dict(self) -> dict[str, Any]:
        """Give the whole result as JSON-ready values, no nan among them.

        ``labels`` is None for a table of which only a sample is held.
        """
        return {
            "model_name": self.model_name,
            "n_clusters": self.n_clusters,
            "n_noise": self.n_noise,
            "silhouette_score": self.silhouette_score,
            "davies_bouldin_score": self.davies_bouldin_score,
            "calinski_harabasz_score": self.calinski_harabasz_score,
            "labels": self.labels_of_rows() if self.population is None else None,
            "segments": [own.to_dict() for own in self.profiles],
            "contributions": dict(self.contributions),
            "metrics": {name: own.to_dict() for name, own in self.metrics.items()},
            "warnings": list(self.warnings),
            "edits_done": list(self.edits_done),
            "receipt": deepcopy(self.receipt),
        }


def _flat(own: Segment) -> dict[str, Any]:
    row: dict[str, Any] = {
        "name": own.name,
        "size": own.size,
        "share": own.share,
        "sentence": own.sentence,
        "note": own.note,
        "rule": own.rule.text if own.rule else None,
        "rule: precision": own.rule.precision if own.rule else None,
        "rule: recall": own.rule.recall if own.rule else None,
    }
    for column, profile in own.numeric.items():
        for statistic in ("mean", "median", "lower_quartile", "upper_quartile"):
            row[f"{column}: {statistic.replace('_', ' ')}"] = getattr(profile, statistic)
        row[f"{column}: effect"] = profile.effect.value if profile.effect else None
    for column, shares in own.categorical.items():
        row |= {f"{column}: share of {value}": share for value, share in shares.items()}
    return row
