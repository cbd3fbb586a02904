"""Customers in two dimensions, for a picture of a clustering in more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from scipy.linalg import eigh

from mall_app.geometry.points import FloatArray, IntArray, Metric, Points
from mall_app.geometry.scale import centred

LANDMARKS = 500
_LEAST_STRENGTH = 1e-10
_BLOCK_DISTANCES = 2_000_000
_METHODS: Mapping[Metric, str] = MappingProxyType(
    {"euclidean": "Principal components", "cityblock": "Classical scaling"}
)


@dataclass(frozen=True, eq=False)
class Projection:
    """Where each customer lies in the plane that shows most of the differences.

    Parameters
    ----------
    coordinates : ndarray of shape (n_rows, 2)
        In units of the distance; read-only. The second column is 0 when there is one dimension.
    explained : tuple of two floats
        Share of all differences (variance, or squared distance from the middle) along each axis,
        from 0 to 1.
    method : str
        ``"Principal components"`` or ``"Classical scaling"``.
    n_landmarks : int
        Customers that decided the plane: all of them, or a sample.
    """

    coordinates: FloatArray
    explained: tuple[float, float]
    method: str
    n_landmarks: int

    @property
    def axis_titles(self) -> tuple[str, str]:
        """Titles of the two axes, with the share each explains."""
        name = "Component" if self.method == _METHODS["euclidean"] else "Coordinate"
        first, second = (f"{name} {i} ({share:.0%})" for i, share in enumerate(self.explained, 1))
        return first, second

    @property
    def sentence(self) -> str:
        """How it was made, in words."""
        total = len(self.coordinates)
        plane = f"{self.method}: the plane shows {sum(self.explained):.0%} of the differences"
        if self.n_landmarks == total:
            return f"{plane}."
        return f"{plane}, as {self.n_landmarks:,} of {total:,} customers have them."


def project(points: Points, random_state: int = 0) -> Projection:
    """Lay points out in two dimensions.

    Euclidean distances are projected on their two principal components. Other distances are laid
    out by classical scaling; of more than 500 customers by that of a sample, on which the others
    are placed by their distances to it (landmark scaling).

    Parameters
    ----------
    points : Points
        At least two distinct rows.
    random_state : int
        Seed of the sample.

    Returns
    -------
    Projection
        The same for the same points; along each axis the farthest customer lies on the positive
        side.

    References
    ----------
    Gower, J. C. (1966). Some distance properties of latent root and vector methods used in
    multivariate analysis. Biometrika 53, 325-338.
    de Silva, V. and Tenenbaum, J. B. (2004). Sparse multidimensional scaling using landmark points.
    Stanford University.

    Examples
    --------
    >>> found = project(Points(np.array([[0.0, 0.0], [3.0, 4.0]])))
    >>> found.coordinates.round(6).tolist(), found.axis_titles[0]
    ([[2.5, 0.0], [-2.5, 0.0]], 'Component 1 (100%)')
    """
    own = centred(points)
    if points.metric == "euclidean":
        coordinates, explained, n_landmarks = _principal_components(own.values)
    else:
        drawn = _landmarks(len(points), random_state)
        coordinates, explained = _scaled(Points(own.values, points.metric), drawn)
        n_landmarks = len(drawn)
    coordinates = _upright(coordinates) * own.unit
    coordinates.setflags(write=False)
    return Projection(coordinates, explained, _METHODS[points.metric], n_landmarks)


def _principal_components(values: FloatArray) -> tuple[FloatArray, tuple[float, float], int]:
    scatter = values.T @ values
    strengths, axes = eigh(scatter)
    coordinates = values @ axes[:, ::-1][:, :2]
    return _two(coordinates), _shares(strengths, float(np.trace(scatter))), len(values)


def _landmarks(n_rows: int, random_state: int) -> IntArray:
    """Give the rows that decide the plane, in the order of the table."""
    if n_rows <= LANDMARKS:
        return np.arange(n_rows, dtype=np.int64)
    generator = np.random.default_rng(random_state)
    return np.sort(generator.choice(n_rows, LANDMARKS, replace=False)).astype(np.int64)


def _scaled(points: Points, landmarks: IntArray) -> tuple[FloatArray, tuple[float, float]]:
    """Scale the landmarks classically, and place every row by its distances to them."""
    chosen = points.take(landmarks)
    squared = chosen.distances() ** 2
    means = squared.mean(axis=0)
    products = -0.5 * (squared - means - means[:, None] + means.mean())
    strengths, axes = eigh(products)
    # City-block distances need not fit in Euclidean space: what is negative shows no difference.
    strengths[strengths < strengths[-1] * _LEAST_STRENGTH] = 0.0
    kept = strengths[::-1][:2]
    weights = axes[:, ::-1][:, :2] / np.sqrt(np.where(kept > 0, kept, np.inf))
    block = max(1, _BLOCK_DISTANCES // len(landmarks))
    parts = [
        0.5 * (means - points.take(slice(start, start + block)).distances(chosen.values) ** 2)
        for start in range(0, len(points), block)
    ]
    coordinates = np.vstack([part @ weights for part in parts])
    return _two(coordinates), _shares(strengths, float(strengths.sum()))


def _two(coordinates: FloatArray) -> FloatArray:
    missing = 2 - coordinates.shape[1]
    return np.asarray(np.pad(coordinates, ((0, 0), (0, missing))))


def _shares(strengths: FloatArray, total: float) -> tuple[float, float]:
    """Share of the two largest of rising strengths in their total."""
    first, second = (np.append(strengths[::-1], 0.0)[:2] / total).clip(0.0, 1.0).tolist()
    return first, second


def _upright(coordinates: FloatArray) -> FloatArray:
    """Turn each axis so that the farthest row, the first of equals, is on the positive side."""
    sizes = np.abs(coordinates)
    farthest = (sizes >= sizes.max(axis=0) * (1 - 1e-9)).argmax(axis=0)
    signs = np.sign(coordinates[farthest, [0, 1]])
    return np.asarray(coordinates * np.where(signs == 0, 1.0, signs))
