"""How good a clustering of a table in partitions is.

Davies-Bouldin, Calinski-Harabasz and inertia are exact: sums over the partitions. The silhouette of
a row needs its distances to all others, so a sample of rows stands in for them, in two phases
(double sampling with a difference estimator): some thousand rows are compared with the sample of
the table that is held here, which is quick and nearly right; a few hundred of these are compared
with every row of every partition, which says how far off the others are on average. The mean of
what is quick plus the mean of what it is off by is an unbiased estimate, with a standard error not
far from that of comparing all the thousands with every row.

References
----------
Cochran, W. G. (1977). Sampling Techniques, 3rd edition, chapter 12.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.distance import cdist

from mall_app.geometry.points import FloatArray, IntArray, Metric
from mall_app.kernels.scatter import scatter_sums
from mall_app.kernels.silhouette import cluster_distance_sums
from mall_app.metrics import Score
from mall_app.partitions.groups import Groups
from mall_app.partitions.passes import Cloud
from mall_app.partitions.rare import LEAST_ROWS, Held
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted

QUICK_ROWS = 8_000
MOST_DISTANCES = 1_000_000_000  # a second or two of two cores
_NO_MEANS = "The score is about means and squares, which Gower's distance does not have."
_NO_MEDIANS = "The medians of the segments are not worked out for a table that stays in its files."
_EQUAL = (
    "The customers of each segment are equal, so the ratio to their scatter has no finite value."
)


def scores(
    cloud: Cloud, codes: Parted, groups: Groups, held: Held, random_state: int
) -> tuple[dict[str, Score], IntArray, FloatArray]:
    """Compute every score of a clustering.

    Parameters
    ----------
    cloud : Cloud
        The customers.
    codes : Parted
        The group of each; -1 is noise.
    groups : Groups
        Their sizes and centres.
    held : Held
        Rows to choose from; evenly drawn within each group.
    random_state : int
        Seed of the choice.

    Returns
    -------
    scores : dict of str to Score
        As `mall_app.metrics.score` gives them.
    rows : ndarray of int
        Positions in `held` of the rows whose silhouette was worked out.
    silhouette : ndarray
        Of each of them: against all rows, or nearly the same, against the sample.
    """
    n_groups, n_rows = len(groups.sizes), int(groups.sizes.sum())
    nothing = np.empty(0, dtype=np.int64), np.empty(0)
    if n_groups == 0:
        return absent("Every customer is noise."), *nothing
    found = _about_means(cloud, codes, groups)
    reason = _why_undefined(n_groups, n_rows)
    if reason:
        kept = {"inertia": found["inertia"]} if n_groups else {}
        return absent(reason) | kept, *nothing
    found["silhouette_score"], rows, silhouette = _silhouette(
        cloud, codes, groups, held, random_state
    )
    return found, rows, silhouette


def absent(reason: str) -> dict[str, Score]:
    """Give scores that do not exist, with the reason."""
    return {
        "silhouette_score": Score(None, "higher", reason=reason),
        "davies_bouldin_score": Score(None, "lower", reason=reason),
        "calinski_harabasz_score": Score(None, "higher", reason=reason),
        "inertia": Score(None, "lower", reason=reason),
    }


def _why_undefined(n_groups: int, n_rows: int) -> str | None:
    if n_groups < 2:
        return "There is one segment only; the score compares at least two."
    if n_groups >= n_rows:
        return "Every customer is a segment of its own; the score needs more customers than that."
    return None


def _about_means(cloud: Cloud, codes: Parted, groups: Groups) -> dict[str, Score]:
    found = absent(_NO_MEANS)
    if cloud.metric != "euclidean":
        return found | {"inertia": Score(None, "lower", reason=_NO_MEDIANS)}
    n_groups = len(groups.sizes)
    scatter = summed(
        cloud.workers.collect(scatter_sums, cloud.values, codes, groups.centres, n_groups)
    )
    inertia = float(scatter.squares.sum())
    found["inertia"] = Score(inertia, "lower")
    if n_groups < 2:
        return found
    n_rows = int(groups.sizes.sum())
    middle = groups.sizes @ groups.centres / n_rows
    between = float(groups.sizes @ ((groups.centres - middle) ** 2).sum(axis=1))
    rounding = n_rows * float(np.finfo(np.float64).eps * np.abs(groups.centres).max()) ** 2
    if inertia <= rounding:
        found["davies_bouldin_score"] = Score(0.0, "lower")
        found["calinski_harabasz_score"] = Score(None, "higher", reason=_EQUAL)
        return found
    spread = scatter.distances / groups.sizes
    apart = cdist(groups.centres, groups.centres)
    apart[apart == 0] = np.inf
    worst = ((spread[:, None] + spread) / apart).max(axis=1).mean()
    ratio = between * (n_rows - n_groups) / (inertia * (n_groups - 1))
    found["davies_bouldin_score"] = Score(float(worst), "lower")
    found["calinski_harabasz_score"] = Score(ratio, "higher")
    return found


def _silhouette(
    cloud: Cloud, codes: Parted, groups: Groups, held: Held, random_state: int
) -> tuple[Score, IntArray, FloatArray]:
    generator = np.random.default_rng(random_state)
    n_rows = int(groups.sizes.sum())
    affordable = max(1, MOST_DISTANCES // n_rows)
    whole = len(held.codes) == n_rows and affordable >= n_rows
    first = np.arange(n_rows) if whole else _stratified(held.codes, QUICK_ROWS, generator)
    within = _stratified(held.codes[first], min(affordable, len(first)), generator)
    quick = _widths(
        cluster_distance_sums(
            held.values[first], held.values, held.codes, len(groups.sizes), cloud.metric
        ),
        held.codes[first],
        np.bincount(held.codes, minlength=len(groups.sizes)),
    )
    exact = _against_all(cloud, codes, groups, held, first[within])
    off = exact - quick[within]
    value, error = _estimate(held.codes[first], quick, within, off, groups.sizes)
    quick[within] = exact
    if whole:
        return Score(float(exact.mean()), "higher"), first, quick
    return Score(value, "higher", "sampled", len(first), error), first, quick


def _against_all(
    cloud: Cloud, codes: Parted, groups: Groups, held: Held, rows: IntArray
) -> FloatArray:
    chosen = cloud.workers.keep(held.values[rows])
    sums = cloud.workers.collect(
        _distance_sums, chosen, cloud.values, codes, len(groups.sizes), cloud.metric
    )
    return _widths(summed(sums), held.codes[rows], groups.sizes)


def _distance_sums(
    rows: FloatArray, values: FloatArray, codes: IntArray, n_groups: int, metric: Metric
) -> FloatArray:
    return cluster_distance_sums(rows, values, codes, n_groups, metric)


def _widths(sums: FloatArray, codes: IntArray, sizes: IntArray) -> FloatArray:
    """Give the silhouette of rows from their summed distances to the members of each group."""
    here = np.arange(len(codes))
    own = sizes[codes]
    within = sums[here, codes] / np.maximum(own - 1, 1)
    means = sums / sizes
    means[here, codes] = np.inf
    nearest = means.min(axis=1)
    larger = np.maximum(within, nearest)
    width = np.divide(nearest - within, larger, out=np.zeros_like(larger), where=larger > 0)
    return np.asarray(np.where(own > 1, width, 0.0))


def _stratified(codes: IntArray, most: int, generator: np.random.Generator) -> IntArray:
    """Draw positions in proportion to the groups, a few of each at least or all it has."""
    sizes = np.bincount(codes)
    least = min(LEAST_ROWS, max(2, most // (4 * len(sizes))))
    wanted = np.minimum(sizes, np.maximum(least, np.round(most * sizes / len(codes))))
    drawn = [
        generator.choice(np.flatnonzero(codes == own), int(count), replace=False)
        for own, count in enumerate(wanted)
        if count
    ]
    return np.sort(np.concatenate(drawn))


def _estimate(
    codes: IntArray, quick: FloatArray, within: IntArray, off: FloatArray, sizes: IntArray
) -> tuple[float, float]:
    """Give the mean silhouette of all rows and its standard error, group by group."""
    value, variance = 0.0, 0.0
    for own, size in enumerate(sizes.tolist()):
        first, second = quick[codes == own], off[codes[within] == own]
        share, n_first, n_second = size / sizes.sum(), len(first), len(second)
        value += share * (first.mean() + second.mean())
        spread = first.var(ddof=1) if n_first > 1 else 0.0
        apart = second.var(ddof=1) if n_second > 1 else 0.0
        sampling = (1 / n_first - 1 / size) * spread + (1 / n_second - 1 / n_first) * apart
        variance += share**2 * max(sampling, 0.0)
    return float(value), float(np.sqrt(variance))
