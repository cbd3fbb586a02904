"""Tables of known structure, and of none."""

from __future__ import annotations

import numpy as np
from sklearn.datasets import make_blobs, make_circles, make_moons

from mall_app.evidence.pieces import sample_of
from mall_app.evidence.references import KINDS
from mall_app.evidence.structure import (
    SAMPLE_ROWS,
    Structure,
    judge,
    reference_statistics,
    statistics,
)
from mall_app.geometry.points import FloatArray, Points


def standardised(values: FloatArray) -> Points:
    return Points((values - values.mean(axis=0)) / values.std(axis=0))


def structure_of(values: FloatArray, seed: int = 0, n_references: int = 39) -> Structure:
    """The null test, with fewer references than usual."""
    points = sample_of(standardised(values), SAMPLE_ROWS, seed)
    drawn = {kind: reference_statistics(points, kind, 0, n_references, seed) for kind in KINDS}
    return judge(statistics(points, seed), drawn, len(points))


def uniform(n_rows: int, n_dimensions: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).uniform(size=(n_rows, n_dimensions))


def gaussian(n_rows: int, n_dimensions: int, seed: int) -> FloatArray:
    return np.random.default_rng(seed).standard_normal((n_rows, n_dimensions))


def correlated(n_rows: int, n_dimensions: int, seed: int) -> FloatArray:
    generator = np.random.default_rng(seed)
    mixing = generator.standard_normal((n_dimensions, n_dimensions))
    return generator.standard_normal((n_rows, n_dimensions)) @ mixing


def likert(n_rows: int, n_dimensions: int, seed: int) -> FloatArray:
    return np.clip(np.rint(gaussian(n_rows, n_dimensions, seed) * 1.1 + 3), 1, 5)


NOISE = {
    "uniform 2-D": lambda seed: uniform(100, 2, seed),
    "uniform 5-D": lambda seed: uniform(150, 5, seed),
    "Gaussian 3-D": lambda seed: gaussian(100, 3, seed),
    "many Gaussian 2-D": lambda seed: gaussian(2000, 2, seed),
    "correlated 4-D": lambda seed: correlated(150, 4, seed),
    "lognormal 2-D": lambda seed: np.exp(gaussian(150, 2, seed)),
    "exponential 4-D": lambda seed: np.random.default_rng(seed).exponential(size=(150, 4)),
    "heavy tails 3-D": lambda seed: np.random.default_rng(seed).standard_t(3, size=(100, 3)),
    "answers from 1 to 5": lambda seed: likert(100, 1, seed),
    "four answers from 1 to 5": lambda seed: likert(400, 4, seed),
}
GROUPS = {
    "blobs": lambda: make_blobs(150, centers=3, random_state=0)[0],
    "four wide blobs": lambda: make_blobs(200, centers=4, random_state=3)[0],
    "anisotropic": lambda: (
        make_blobs(200, random_state=170)[0] @ np.array([[0.6, -0.6], [-0.4, 0.8]])
    ),
    "moons": lambda: make_moons(200, noise=0.06, random_state=0)[0],
    "nested circles": lambda: make_circles(200, noise=0.05, factor=0.5, random_state=0)[0],
    "uneven sizes": lambda: np.vstack([gaussian(170, 2, 0), gaussian(30, 2, 1) / 2 + 5]),
}
