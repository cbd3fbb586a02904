"""How good a clustering of a table in partitions is.

Davies-Bouldin, Calinski-Harabasz and inertia are exact: sums over the partitions. The silhouette of
a row needs its distances to all others, so a sample of rows stands in for them, in two phases
(double sampling with a difference estimator): some thousand rows are compared with some of the
sample of the table that is held here, which is quick and nearly right; some of these are compared
with every row of every partition, which says how far off the others are on average. The mean of
what is quick plus the mean of what it is off by is an unbiased estimate. As many are compared with
every row as bring its standard error near to that of comparing all the thousands with every row, if
that can be afforded. The more of the sample are compared at first, the fewer these are: where both
phases take about as long, together they take least.

References
----------
Cochran, W. G. (1977). Sampling Techniques, 3rd edition, chapter 12.
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from mall_app.geometry.points import FloatArray, IntArray
from mall_app.kernels.lloyd_step import Labels, Rows
from mall_app.kernels.scatter import Scatter, scatter_sums
from mall_app.kernels.silhouette import cluster_distance_sums
from mall_app.metrics import NEEDS_MEANS, Score, absent, scores_of_means, why_undefined
from mall_app.partitions.groups import Groups
from mall_app.partitions.passes import Cloud
from mall_app.partitions.rare import LEAST_ROWS, Held
from mall_app.partitions.statistics import summed
from mall_app.partitions.workers import Parted
from mall_app.silhouette import widths_from_sums

QUICK_ROWS = 8_000
PILOT_ROWS = 400
_LEAST_COMPARED = 10  # of each group with all rows
_BALANCE = 400  # times all rows is the square of how many of the sample are compared at first
LITTLE = 0.1  # of the variance of the estimate, that comparing yet more rows could take away
MOST_DISTANCES = 1_000_000_000  # a second or two of two cores
_NO_MEDIANS = "The medians of the segments are not worked out for a table that stays in its files."


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
    reason = why_undefined(n_groups, n_rows)
    # Side by side: the workers pass over all rows while silhouettes are worked out here.
    with ThreadPoolExecutor(1, thread_name_prefix="means") as beside:
        about_means = beside.submit(_about_means, cloud, codes, groups)
        if reason:
            return absent(reason) | {"inertia": about_means.result()["inertia"]}, *nothing
        score, rows, silhouette = _silhouette(cloud, codes, groups, held, random_state)
        return about_means.result() | {"silhouette_score": score}, rows, silhouette


def _about_means(cloud: Cloud, codes: Parted, groups: Groups) -> dict[str, Score]:
    found = absent(NEEDS_MEANS)
    if cloud.metric != "euclidean":
        return found | {"inertia": Score(None, "lower", reason=_NO_MEDIANS)}
    n_groups = len(groups.sizes)
    scatter: Scatter = summed(
        cloud.workers.collect(scatter_sums, cloud.values, codes, groups.centres, n_groups)
    )
    inertia = float(scatter.squares.sum())
    found["inertia"] = Score(inertia, "lower")
    if n_groups < 2:
        return found
    return found | scores_of_means(
        scatter, groups.centres, _equal_within(cloud, codes, groups, inertia)
    )


def _equal_within(cloud: Cloud, codes: Parted, groups: Groups, inertia: float) -> bool:
    """Whether the rows of each group are equal: rounding of the centre hides it in inertia."""
    n_rows, (n_groups, n_dimensions) = int(groups.sizes.sum()), groups.centres.shape
    rounding = 2 * n_rows * float(np.finfo(np.float64).eps * np.abs(groups.centres).max())
    if inertia > n_rows * n_dimensions * rounding**2:
        return False
    ends = cloud.workers.collect(_ends, cloud.values, codes, n_groups)
    least = np.min([own[0] for own in ends], axis=0)
    most = np.max([own[1] for own in ends], axis=0)
    return bool((least == most).all())


def _ends(values: Rows, codes: Labels, n_groups: int) -> tuple[FloatArray, FloatArray]:
    """Give the least and the largest of each coordinate in each group."""
    least = np.full((n_groups, values.shape[1]), np.inf)
    most = -least
    kept = codes >= 0
    np.minimum.at(least, codes[kept], values[kept])
    np.maximum.at(most, codes[kept], values[kept])
    return least, most


def _silhouette(
    cloud: Cloud, codes: Parted, groups: Groups, held: Held, random_state: int
) -> tuple[Score, IntArray, FloatArray]:
    n_rows = int(groups.sizes.sum())
    affordable = max(1, MOST_DISTANCES // n_rows)
    if len(held.codes) == n_rows <= affordable:
        rows = np.arange(n_rows)
        exact = _against_all(cloud, codes, groups, held, rows)
        return Score(float(exact.mean()), "higher"), rows, exact
    generator = np.random.default_rng(random_state)
    order = np.lexsort(groups.centres.T)  # what is drawn does not depend on the numbers of groups
    strata = np.argsort(order)[held.codes]
    near = _stratified(strata, max(QUICK_ROWS, math.isqrt(_BALANCE * n_rows)), generator)
    own, strata = Held(held.values[near], held.codes[near], held.rows), strata[near]
    first = _stratified(strata, QUICK_ROWS, generator)
    quick = _against_held(cloud, own, first, np.arange(len(near)))
    sizes = groups.sizes[order]
    enough = _enough(cloud, replace(own, codes=strata), first, quick, sizes, generator)
    within = _stratified(strata[first], min(affordable, enough, len(first)), generator)
    exact = _against_all(cloud, codes, groups, own, first[within])
    off = exact - quick[within]
    value, error = _estimate(own.codes[first], quick, within, off, groups.sizes)
    quick[within] = exact
    return Score(value, "higher", "sampled", len(first), error), near[first], quick


def _against_held(cloud: Cloud, held: Held, rows: IntArray, others: IntArray) -> FloatArray:
    """Give the silhouette of rows as it is among some of those that are held here."""
    codes, sizes = held.codes[others], np.bincount(held.codes[others])
    sums = cluster_distance_sums(
        held.values[rows], held.values[others], codes, len(sizes), cloud.metric
    )
    return widths_from_sums(sums, held.codes[rows], sizes)


def _enough(
    cloud: Cloud,
    held: Held,
    first: IntArray,
    quick: FloatArray,
    sizes: IntArray,
    generator: np.random.Generator,
) -> int:
    """Say how many rows to compare with all others, so that to compare more would tell little more.

    How far off the quick silhouettes are shows when two halves of what is held here, one as good
    as the other, are asked for the same rows.
    """
    asked = _stratified(held.codes[first], PILOT_ROWS, generator)
    order = np.argsort(held.codes + generator.random(len(held.codes)))  # each group in any order
    alone = np.flatnonzero(np.bincount(held.codes)[held.codes] == 1)  # is in both halves
    halves = [np.union1d(order[start::2], alone) for start in (0, 1)]
    told = [_against_held(cloud, held, first[asked], half) for half in halves]
    off = (told[0] - told[1]) ** 2 / 4  # each has twice the variance of the whole
    codes, shares = held.codes[first], sizes / sizes.sum()
    groups = [own for own, share in enumerate(shares) if share > 0]
    apart = sum(shares[own] * off[codes[asked] == own].mean() for own in groups)
    spread = sum(shares[own] * quick[codes == own].var() for own in groups)
    if not spread > 0:
        return len(first)
    wanted = math.ceil(len(first) * float(apart) / (LITTLE * float(spread)))
    return max(_LEAST_COMPARED * len(groups), wanted)


def _against_all(
    cloud: Cloud, codes: Parted, groups: Groups, held: Held, rows: IntArray
) -> FloatArray:
    chosen = cloud.workers.keep(held.values[rows])
    sums = cloud.workers.collect(
        cluster_distance_sums, chosen, cloud.values, codes, len(groups.sizes), cloud.metric
    )
    return widths_from_sums(summed(sums), held.codes[rows], groups.sizes)


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
