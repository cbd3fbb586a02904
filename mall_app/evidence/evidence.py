"""Evidence for the number of segments: indices, stability, a null test, a recommendation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from types import MappingProxyType
from typing import Any

import pandas as pd

from mall_app.data.table import Table
from mall_app.evidence.conclude import Parts, gather
from mall_app.evidence.index import Index
from mall_app.evidence.pieces import (
    SAMPLE_ROWS,
    Piece,
    pieces_of,
    sample_of,
    score_all,
    work_out,
)
from mall_app.evidence.question import DEFAULT_BOOTSTRAPS, Question, ask
from mall_app.evidence.recommend import Agreement, recommend
from mall_app.evidence.stability import Stability
from mall_app.evidence.structure import Structure
from mall_app.evidence.study import Progress, Study
from mall_app.settings import Settings


@dataclass(frozen=True, eq=False)
class Evidence:
    """What speaks for each number of segments, and what it comes to.

    Parameters
    ----------
    recommended_k : int or None
        The number with the best case; None when the customers have no structure, or no number
        fits what was asked for.
    headline : str
        The outcome in a sentence; that indices disagree, where they do.
    reasons : tuple of str
        Why, in sentences, the most important first.
    indices : mapping of str to Index
        ``silhouette_score``, ``davies_bouldin_score``, ``calinski_harabasz_score``, ``inertia``,
        ``gap``, ``bic``, ``aic`` and ``stability``.
    agreement : Agreement
        Which number each index votes for.
    stability : mapping of int to Stability
        By number of segments; empty without bootstraps.
    structure : Structure
        Whether there is any, against tables that have none.
    smallest : mapping of int to int
        Customers in the smallest segment, by number of segments.
    settings : Settings
        What was asked about, with the recommended number of segments.
    warnings : tuple of str
        What the user should know, in sentences.
    """

    recommended_k: int | None
    headline: str
    reasons: tuple[str, ...]
    indices: Mapping[str, Index]
    agreement: Agreement
    stability: Mapping[int, Stability]
    structure: Structure
    smallest: Mapping[int, int]
    settings: Settings
    warnings: tuple[str, ...]

    def __post_init__(self) -> None:
        """Make the mappings read-only."""
        for name in ("indices", "stability", "smallest"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle by the fields: a mapping proxy cannot be pickled."""
        values = {n: getattr(self, n) for n in self.__dataclass_fields__}
        plain = {n: dict(v) if isinstance(v, MappingProxyType) else v for n, v in values.items()}
        return type(self), tuple(plain.values())

    def __repr__(self) -> str:
        """Give the headline, and a line for each number of segments."""
        return "\n".join([f"Evidence: {self.headline}", *map(self._line, self.ks)])

    def _line(self, k: int) -> str:
        own = self.stability[k].adjusted_rand if k in self.stability else None
        votes = [self.indices[n].title for n, vote in self.agreement.votes.items() if vote == k]
        told = [f"smallest segment {self.smallest[k]}"]
        told += [] if own is None else [f"stability {own:.2f}"]
        told += [f"votes: {', '.join(votes)}"] if votes else []
        return f"  k = {k}: {'; '.join(told)}"

    @property
    def ks(self) -> tuple[int, ...]:
        """The numbers of segments looked at, rising."""
        return tuple(self.smallest)

    @property
    def nbytes(self) -> int:
        """About how much memory it takes: a few hundred bytes for each number in it."""
        return 4_000 + 200 * sum(len(self.indices) + k for k in self.ks)

    @cached_property
    def indices_frame(self) -> pd.DataFrame:
        """One row a number of segments, one column an index; nan where it does not exist."""
        columns = {name: dict(own.values) for name, own in self.indices.items()}
        frame = pd.DataFrame(columns, dtype="float64").reindex(sorted(self._with_one))
        return frame.rename_axis("n_clusters")

    @cached_property
    def votes_frame(self) -> pd.DataFrame:
        """One row an index: the number it votes for, its rule, and why it has no vote, or "".

        Rows are named like the columns of `indices_frame`; AIC does not count.
        """
        rows = [
            {
                "title": own.title,
                "best_k": own.best_k,
                "rule": own.rule,
                "reason": own.reason or "",
            }
            for own in self.indices.values()
        ]
        frame = pd.DataFrame(rows, index=pd.Index(list(self.indices), name="index"))
        return frame.astype({"best_k": "Int64"})

    @cached_property
    def stability_frame(self) -> pd.DataFrame:
        """One row a segment of each number of segments: size, overlap, spread and verdict."""
        rows = [
            {"n_clusters": k, **segment.to_dict()}
            for k, own in self.stability.items()
            for segment in own.segments
        ]
        names = ["n_clusters", "segment", "size", "jaccard", "spread", "verdict"]
        return pd.DataFrame(rows, columns=names).set_index(["n_clusters", "segment"])

    @property
    def _with_one(self) -> set[int]:
        return {k for own in self.indices.values() for k in own.values}

    def to_dict(self) -> dict[str, Any]:
        """Give everything as JSON-ready values, no nan among them."""
        return {
            "recommended_k": self.recommended_k,
            "headline": self.headline,
            "reasons": list(self.reasons),
            "indices": {name: own.to_dict() for name, own in self.indices.items()},
            "agreement": self.agreement.to_dict(),
            "stability": {str(k): own.to_dict() for k, own in self.stability.items()},
            "structure": self.structure.to_dict(),
            "smallest": {str(k): size for k, size in self.smallest.items()},
            "warnings": list(self.warnings),
        }


def evidence(
    table: Table,
    settings: Settings,
    ks: Iterable[int] | None = None,
    *,
    n_bootstraps: int = DEFAULT_BOOTSTRAPS,
    n_references: int | None = None,
    minimum_size: float | None = None,
    progress: Progress | None = None,
) -> Evidence:
    """Gather what speaks for each number of segments.

    Scores are of all customers, see `mall_app.partitions.evidence` for a table that is not held in
    memory. Stability and gap statistic look at 1000 of them at most and the
    null test at 400, drawn at random. The numbers are the same whoever works them out.

    Parameters
    ----------
    table : Table
        The customers.
    settings : Settings
        All but `n_clusters`, `numbering` and `edits`, which play no part.
    ks : iterable of int, optional
        Numbers of segments, 50 at most; by default 2 to 10, as far as customers differ.
    n_bootstraps : int from 0 to 1000, default 100
        Times the customers are drawn anew, for the stability of each k; 0 leaves it out.
    n_references : int from 5 to 500, optional
        Uniform tables for the gap statistic; by default 50, or 20 for a slow algorithm.
    minimum_size : int or float, optional
        Customers (from 1), or share of them (below 1), that each segment must have.
    progress : callable, optional
        Called with pieces done and pieces in all; what it raises ends the work.

    Returns
    -------
    Evidence

    Raises
    ------
    SettingsError
        A value breaks a rule, or the algorithm finds the number of segments itself.
    DataError
        The table cannot be clustered.

    Examples
    --------
    >>> ages = [20, 21, 22, 23, 24, 40, 41, 42, 43, 44, 60, 61, 62, 63, 64]
    >>> table = Table.from_frame(pd.DataFrame({"Age": ages}))
    >>> evidence(table, Settings(), range(2, 5), n_bootstraps=10).recommended_k
    3
    """
    study = evidence_study(
        table,
        settings,
        ks,
        n_bootstraps=n_bootstraps,
        n_references=n_references,
        minimum_size=minimum_size,
    )
    found: Evidence = study.run_here(progress)
    return found


def evidence_study(
    table: Table,
    settings: Settings,
    ks: Iterable[int] | None = None,
    *,
    n_bootstraps: int = DEFAULT_BOOTSTRAPS,
    n_references: int | None = None,
    minimum_size: float | None = None,
) -> Study:
    """Check what is asked and cut the work into pieces; the arguments are those of `evidence`."""
    question, features = ask(table, settings, ks, n_bootstraps, n_references, minimum_size)
    points = sample_of(features.points, SAMPLE_ROWS, question.settings.random_state)

    def call_of(piece: Piece) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        if piece.kind == "parts":
            from mall_app.partitions.evidence import score_parts

            return score_parts, (table, question)
        if piece.kind == "scores":
            return score_all, (table, question, piece)
        return work_out, (points, question, piece)

    return Study(
        key=("evidence", table.sha256, *question.key),
        pieces=pieces_of(question, table.whole is not None),
        call_of=call_of,
        conclude=partial(_conclude, question, _about_samples(table, question.settings.algorithm)),
    )


def _about_samples(table: Table, algorithm: str) -> tuple[str, ...]:
    """Say which figures are of all customers, where not all are."""
    if table.whole is None:
        return ()
    criteria = ", BIC and AIC of these" if algorithm == "gaussian_mixture" else ""
    return (
        f"Sizes, Davies-Bouldin, Calinski-Harabasz and inertia are of all {table.n_customers:,} "
        "customers, and the silhouette is estimated from a sample of them, with its standard "
        f"error. Stability, gap statistic and null test are of at most {SAMPLE_ROWS:,} of the "
        f"{len(table):,} that are held{criteria}.",
    )


def _conclude(question: Question, notes: tuple[str, ...], found: Mapping[Piece, Any]) -> Evidence:
    scored = found.get(Piece("parts"), {})
    parts: Parts = gather(question, {**found, **{Piece("scores", k): scored[k] for k in scored}})
    outcome = recommend(
        parts.indices, parts.stability, parts.structure, parts.smallest, parts.least
    )
    return Evidence(
        recommended_k=outcome.k,
        headline=outcome.headline,
        reasons=outcome.reasons,
        indices=parts.indices,
        agreement=outcome.agreement,
        stability=parts.stability,
        structure=parts.structure,
        smallest=parts.smallest,
        settings=question.settings.changed(n_clusters=outcome.k),
        warnings=(*notes, *parts.warnings),
    )
