"""Peer (a): the same scikit-learn calls, made directly in a process that has the table."""

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import calinski_harabasz_score, davies_bouldin_score, silhouette_score

from tests.benchmarks.processes import REPOSITORY

FEATURES = ["Annual Income (k$)", "Spending Score (1-100)"]


def load_points() -> np.ndarray:
    """Return the two columns that are clustered, shape (200, 2), in k$ and points of 100."""
    table = pd.read_csv(REPOSITORY / "data" / "Mall_Customers.csv")
    return table[FEATURES].to_numpy(dtype=float)


def fit_and_score(points: np.ndarray, random_state: int, n_clusters: int = 5) -> dict[str, object]:
    """Fit KMeans from ten starts and compute the three scores that ``POST /cluster`` gives."""
    model = KMeans(n_clusters=n_clusters, n_init=10, random_state=random_state).fit(points)
    return {
        "labels": model.labels_.tolist(),
        "silhouette_score": silhouette_score(points, model.labels_),
        "davies_bouldin_score": davies_bouldin_score(points, model.labels_),
        "calinski_harabasz_score": calinski_harabasz_score(points, model.labels_),
    }
