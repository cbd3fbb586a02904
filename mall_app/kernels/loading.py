"""All kernels made ready at once, so that nobody waits for the compiler."""

from __future__ import annotations

import numpy as np

from mall_app.kernels.apartness import density_gap, mean_silhouette
from mall_app.kernels.doubt import centre_margins
from mall_app.kernels.lloyd_each import lloyd_each
from mall_app.kernels.lloyd_step import Rows, lloyd_step
from mall_app.kernels.moments import column_moments
from mall_app.kernels.scatter import cluster_means, scatter_sums
from mall_app.kernels.silhouette import all_distance_sums, cluster_distance_sums
from mall_app.kernels.tallies import Frame, tally


def load_kernels() -> None:
    """Run each kernel on every kind of number it is given anywhere.

    Machine code that is on disk is read, in half a second or so; what is not there is compiled and
    kept, which takes some ten seconds.
    """
    labels = np.array([0, 1, 0])
    frame = Frame(0.0, 1.0, np.zeros(2), np.ones(2), 2)
    wide = np.array([[0.0], [1.0], [2.0]])
    values: Rows
    for values in (wide, wide.astype(np.float32)):
        _, centres = cluster_means(values, labels, 2)
        scatter_sums(values, labels, centres, 2)
        cluster_distance_sums(values, values, labels, 2)
        lloyd_step(values, centres)
        tally(values[:, 0], labels, frame)
        column_moments(values[:, 0])
    centre_margins(wide, labels, centres)
    all_distance_sums(wide, labels, 2)
    lloyd_each([wide], 2, [0])
    distances = np.abs(wide - wide.T)
    mean_silhouette(distances, labels)
    density_gap(distances)
