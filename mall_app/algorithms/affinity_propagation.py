"""Clustering by messages between customers that choose each other as examples."""

from __future__ import annotations

import warnings

import numpy as np
import param

from mall_app.algorithms.base import Algorithm, Grouping
from mall_app.assigners import NearestCentre
from mall_app.errors import SettingsError
from mall_app.geometry.points import Metric, Points
from mall_app.geometry.scale import centred

LEAST_PREFERENCE = -1e9  # of points within -1 and 1, and so one segment in any case
UNSETTLED = (
    "The messages did not settle, so the segments may be poor; raise max_iter or damping, or lower "
    "preference."
)


class AffinityPropagation(Algorithm):
    """Affinity propagation: customers exchange messages until some of them stand for the rest."""

    key = "affinity_propagation"
    title = "Affinity propagation"
    summary = "Chooses example customers and their number; for small tables."
    citation = (
        "Frey, B. J. and Dueck, D. (2007). Clustering by passing messages between data points. "
        "Science 315, 972-976."
    )
    order = 90
    needs_n_clusters = False
    native_predict = True
    largest_n = 3_000
    quick_n = 2_000
    sample_rows = 1_500
    distances = ("euclidean", "gower")

    damping = param.Number(
        default=0.9,
        bounds=(0.5, 1.0),
        inclusive_bounds=(True, False),
        doc="Share of the old message that is kept; more is slower and settles more surely.",
    )
    preference = param.Number(
        default=None,
        bounds=(-1e12, 0.0),
        allow_None=True,
        doc="How willing a customer is to be an example, in minus squared distances; lower gives "
        "fewer segments. Empty: the median of all pairs.",
    )
    max_iter = param.Integer(default=500, bounds=(1, 10_000), doc="Most rounds of messages.")

    def memory_bytes(self, n_rows: int, n_dimensions: int, metric: Metric = "euclidean") -> int:
        """Estimate the memory of a fit: similarities, two kinds of messages and scratch space."""
        return 6 * 8 * n_rows**2

    def cluster(self, points: Points, n_clusters: int, random_state: int) -> Grouping:
        """Group the rows of `points`; see `Algorithm.cluster`.

        Raises
        ------
        SettingsError
            No customer was chosen as an example before the rounds were over.
        """
        from sklearn.cluster import AffinityPropagation as SklearnAffinityPropagation

        own = centred(points)
        near = Points(own.values, points.metric).distances()
        preference = self.preference
        if preference is not None:
            preference = max(preference / own.unit / own.unit, LEAST_PREFERENCE)
        with warnings.catch_warnings(record=True) as caught:
            # Its warnings, of all pairs being alike and of not settling, are told in sentences.
            warnings.simplefilter("always")
            fitted = SklearnAffinityPropagation(
                affinity="precomputed",
                damping=self.damping,
                preference=preference,
                max_iter=self.max_iter,
                random_state=random_state,
            ).fit(-(near**2))
        examples = fitted.cluster_centers_indices_
        if len(examples) == 0:
            raise SettingsError(
                f"max_iter must be more than {self.max_iter} for this table and damping "
                f"{self.damping:g}: no customer was chosen as an example.",
                ("params", "max_iter"),
            )
        _, first = np.unique(own.values[examples], axis=0, return_index=True)
        examples = examples[np.sort(first)]
        labels = near[:, examples].argmin(axis=1)
        notes = tuple({UNSETTLED for each in caught if "did not converge" in str(each.message)})
        own_example = NearestCentre.of(points.values[examples], points.metric)
        return Grouping(labels.astype(np.int64), notes, own_example)
