"""The component of a Gaussian mixture most likely to have made a customer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from mall_app.assigners.base import Assigner, Assignment, Method, blocks, joined
from mall_app.geometry.points import FloatArray, IntArray, Points

if TYPE_CHECKING:
    from sklearn.mixture import GaussianMixture

Shape = Literal["full", "tied", "diag", "spherical"]


@dataclass(frozen=True, eq=False)
class MixtureAssigner(Assigner):
    """The segment with the largest posterior probability.

    Parameters
    ----------
    means : ndarray of shape (n_components, n_dimensions)
        Centre of each component.
    precisions : ndarray
        Cholesky factors of the inverse covariances, as scikit-learn keeps them for this shape.
    weights : ndarray of shape (n_components,)
        Prior probability of each.
    labels : ndarray of shape (n_components,)
        Label of each; several may share one.
    shape : {"full", "tied", "diag", "spherical"}
        Of the covariances.
    """

    means: FloatArray
    precisions: FloatArray
    weights: FloatArray
    labels: IntArray
    shape: Shape = "full"
    method: Method = "native"

    @classmethod
    def of(cls, mixture: GaussianMixture) -> MixtureAssigner:
        """Take over what a mixture learned; its components are the labels."""
        labels = np.arange(len(mixture.weights_), dtype=np.int64)
        return cls(
            mixture.means_,
            mixture.precisions_cholesky_,
            mixture.weights_,
            labels,
            mixture.covariance_type,
        )

    @property
    def aligned(self) -> tuple[str, ...]:
        """Names of the fields that have one entry a part."""
        own = ("means", "weights")
        return own if self.shape == "tied" else (*own, "precisions")

    def assign(self, points: Points) -> Assignment:
        """Give each of the points the label of its likeliest component, as the algorithm does.

        Confidence is the posterior probability of that segment, all its components together.
        """
        parts = []
        for cut in blocks(len(points), len(self.means) * points.values.shape[1]):
            posterior = self._posterior(points.values[cut])
            labels = self.labels[posterior.argmax(axis=1)]
            own = np.where(self.labels == labels[:, None], posterior, 0.0).sum(axis=1)
            parts.append(Assignment(labels, np.minimum(own, 1.0)))
        return joined(parts)

    def membership(self, points: Points) -> FloatArray:
        """Give the posterior probability of each segment, in the order of their numbers."""
        segments = np.unique(self.labels)
        return np.asarray(self._posterior(points.values) @ (self.labels[:, None] == segments))

    def _posterior(self, values: FloatArray) -> FloatArray:
        from sklearn.mixture import GaussianMixture

        mixture = GaussianMixture(len(self.means), covariance_type=self.shape)
        mixture.means_, mixture.precisions_cholesky_ = self.means, self.precisions
        mixture.weights_ = self.weights / self.weights.sum()
        return np.asarray(mixture.predict_proba(values))
