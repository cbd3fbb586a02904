"""One index of how good each number of segments is, and which number it votes for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

TITLES = {
    "silhouette_score": "Silhouette",
    "davies_bouldin_score": "Davies-Bouldin",
    "calinski_harabasz_score": "Calinski-Harabasz",
    "inertia": "Inertia",
    "gap": "Gap statistic",
    "bic": "BIC",
    "aic": "AIC",
    "stability": "Stability",
}
STABLE_RULE = "largest within the spread of the stablest"
VOTERS = tuple(name for name in TITLES if name != "aic")  # it differs from BIC by its penalty only


@dataclass(frozen=True)
class Index:
    """An index by number of segments.

    Parameters
    ----------
    name : str
        A key of `TITLES`.
    values : mapping of int to float or None
        By k; None where it does not exist.
    rule : str
        How `best_k` is found: ``"highest"``, ``"lowest"``, ``"knee"``, ``"first within one standard
        error of the next"`` (gap) or ``"largest within the spread of the stablest"`` (stability).
    best_k : int or None
        The number it votes for.
    standard_errors : mapping of int to float
        Where they are known.
    reason : str or None
        Why there is no vote, or no value.

    Examples
    --------
    >>> best("silhouette_score", {2: 0.4, 3: 0.6, 4: None}, "highest").best_k
    3
    """

    name: str
    values: Mapping[int, float | None]
    rule: str
    best_k: int | None
    standard_errors: Mapping[int, float] = field(default_factory=dict)
    reason: str | None = None

    @property
    def title(self) -> str:
        """Its name for people."""
        return TITLES[self.name]

    @property
    def direction(self) -> str:
        """Which way is better, ``"higher"`` or ``"lower"``."""
        lower = ("davies_bouldin_score", "inertia", "bic", "aic")
        return "lower" if self.name in lower else "higher"

    def to_dict(self) -> dict[str, Any]:
        """Give it as JSON-ready values; numbers of segments become text, as keys must."""
        return {
            "title": self.title,
            "direction": self.direction,
            "rule": self.rule,
            "best_k": self.best_k,
            "values": {str(k): value for k, value in self.values.items()},
            "standard_errors": {str(k): value for k, value in self.standard_errors.items()},
            "reason": self.reason,
        }


def best(
    name: str,
    values: Mapping[int, float | None],
    rule: Literal["highest", "lowest"],
    *,
    standard_errors: Mapping[int, float] | None = None,
    reason: str | None = None,
) -> Index:
    """Make an index that votes for its best value, the smaller k where two are equal."""
    known = {k: value for k, value in values.items() if value is not None}
    sign = -1 if rule == "highest" else 1
    vote = min(known, key=lambda k: (sign * known[k], k), default=None)
    if vote is None and reason is None:
        reason = "It exists for none of these numbers of segments."
    return Index(name, values, rule, vote, standard_errors or {}, None if known else reason)
