"""Whether a new customer is like any that the model was made with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.spatial import KDTree

from mall_app.assigners.base import ORDERS
from mall_app.geometry.points import FloatArray, Metric, Points

LEAST_P_VALUE = 0.01
_FEW_DIMENSIONS = 8
_LARGEST_SAMPLE = 20_000
_LARGEST_WIDE_SAMPLE = 3_000  # a tree of many dimensions looks at nearly every row


@dataclass(frozen=True, eq=False)
class Novelty:
    """How far known customers lie from each other, to judge how far a new one lies.

    Parameters
    ----------
    values : ndarray of shape (n_known, n_dimensions)
        Coordinates of known customers.
    spacing : ndarray of shape (n_known,)
        Distance of each to the nearest other one, rising.
    metric : {"euclidean", "cityblock"}
        How far is measured.

    References
    ----------
    Laxhammar, R. and Falkman, G. (2010). Conformal prediction for distribution-independent anomaly
    detection in streaming vessel data. StreamKDD 2010, 47-55.
    """

    values: FloatArray
    spacing: FloatArray
    metric: Metric

    @classmethod
    def of(cls, points: Points, random_state: int = 0) -> Novelty:
        """Learn from customers; of more than 20 000 (3 000 in over 8 dimensions) from a sample.

        Examples
        --------
        >>> known = Novelty.of(Points(np.array([[0.0], [1.0], [3.0]])))
        >>> known.p_values(np.array([[2.0], [9.0]])).tolist()
        [1.0, 0.25]
        >>> known.unlike(np.array([[2.0], [9.0]])).tolist()
        [False, True]
        """
        wide = points.values.shape[1] > _FEW_DIMENSIONS
        largest = _LARGEST_WIDE_SAMPLE if wide else _LARGEST_SAMPLE
        values = points.values
        if len(values) > largest:
            drawn = np.random.default_rng(random_state).choice(len(values), largest, replace=False)
            values = values[np.sort(drawn)]
        spacing = KDTree(values).query(values, k=[2], p=ORDERS[points.metric])[0].ravel()
        return cls(values, np.sort(spacing), points.metric)

    def p_values(self, values: FloatArray) -> FloatArray:
        """Give the share of known customers that lie as far from the others as each new one does.

        Returns
        -------
        ndarray of shape (n_rows,)
            The conformal p-value ``(1 + number as far or farther) / (n_known + 1)``.
        """
        as_far = len(self.spacing) - np.searchsorted(self.spacing, self._distances(values))
        return np.asarray((1 + as_far) / (len(self.spacing) + 1))

    def unlike(self, values: FloatArray) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Tell which lie farther out than any known one, or have a p-value of at most 0.01."""
        p_values = self.p_values(values)
        least = 1 / (len(self.spacing) + 1)
        return np.asarray((p_values <= LEAST_P_VALUE) | (p_values <= least))

    def _distances(self, values: FloatArray) -> FloatArray:
        return np.asarray(self._tree.query(values, p=ORDERS[self.metric])[0])

    @cached_property
    def _tree(self) -> KDTree:
        return KDTree(self.values)
