"""Scores against scikit-learn: exact silhouettes, indices of a million rows, a sampled value."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from sklearn import metrics as sklearn_metrics

from mall_app.compactness import calinski_harabasz, davies_bouldin, scatter_of
from mall_app.kernels.compiled import n_threads
from mall_app.kernels.loading import load_kernels
from mall_app.metrics import score, silhouette_samples
from tests.benchmarks.timing import markdown_table, verdict

N_CLUSTERS = 5
ROUNDS = 3
MILLION = 1_000_000
AIMS = {(10_000, 3): 20, (50_000, 3): 25, (50_000, 8): 15}
SAMPLED_AIM_SECONDS = 1.0
PEER_SAMPLE = 10_000


@dataclass(frozen=True)
class Times:
    """Seconds of one side, wall and processor, run by run."""

    wall: tuple[float, ...]
    processor: tuple[float, ...]

    def __str__(self) -> str:
        return f"{statistics.median(self.wall):.3g} ({statistics.median(self.processor):.3g})"


def blobs(n_rows: int, n_columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Return overlapping groups of unequal width, and which row is in which."""
    generator = np.random.default_rng(0)
    labels = generator.integers(0, N_CLUSTERS, n_rows)
    centres = generator.normal(scale=3, size=(N_CLUSTERS, n_columns))
    return generator.normal(centres[labels], 1 + 0.3 * labels[:, None]), labels


def against(
    ours: Callable[[], object], theirs: Callable[[], object], rounds: int = ROUNDS
) -> tuple[Times, Times, float, float]:
    """Return the times of both sides, taken in turns, and the medians of the ratios of the pairs.

    The ratios are of wall and of processor time; the second is not moved by a busy machine.
    """
    pairs = [(_timed(ours), _timed(theirs)) for _ in range(rounds)]
    sides = [
        Times(tuple(own[side][0] for own in pairs), tuple(own[side][1] for own in pairs))
        for side in (0, 1)
    ]
    ratios = [statistics.median(own[1][at] / own[0][at] for own in pairs) for at in (0, 1)]
    return sides[0], sides[1], ratios[0], ratios[1]


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    wall, processor = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - processor


def exact_row(n_rows: int, n_columns: int) -> tuple[str, ...]:
    """Compare the silhouettes of all rows, and how far the two values are apart."""
    values, labels = blobs(n_rows, n_columns)
    found: dict[str, np.ndarray] = {}
    ours, theirs, wall, processor = against(
        lambda: found.update(ours=silhouette_samples(values, labels)),
        lambda: found.update(theirs=sklearn_metrics.silhouette_samples(values, labels)),
    )
    apart = np.abs(found["ours"] - found["theirs"]).max()
    aim = AIMS[n_rows, n_columns]
    return (
        f"silhouette, exact, {n_rows:,} x {n_columns}",
        str(ours),
        str(theirs),
        f"{wall:.0f}x ({processor:.0f}x)",
        f"{apart:.0e}",
        f"{aim}x: {'met' if wall >= aim else 'NOT met'}",
    )


def indices_row() -> tuple[str, ...]:
    """Compare Davies-Bouldin and Calinski-Harabasz of a million rows."""
    values, labels = blobs(MILLION, 3)
    found: dict[str, tuple[float | None, float | None]] = {}

    def here() -> None:
        centres, scatter = scatter_of(values, labels, N_CLUSTERS)
        found["ours"] = (davies_bouldin(scatter, centres), calinski_harabasz(scatter, centres))

    def there() -> None:
        found["theirs"] = (
            float(sklearn_metrics.davies_bouldin_score(values, labels)),
            float(sklearn_metrics.calinski_harabasz_score(values, labels)),
        )

    ours, theirs, wall, processor = against(here, there)
    apart = np.max(np.abs(np.divide(found["ours"], found["theirs"]) - 1))
    name = f"Davies-Bouldin, Calinski-Harabasz and inertia, {MILLION:,} x 3"
    ratio = f"{wall:.0f}x ({processor:.0f}x)"
    return (name, str(ours), str(theirs), ratio, f"{apart:.0e}", "")


def sampled_row() -> tuple[str, ...]:
    """Time all scores of a million rows, the silhouette of them sampled.

    What one does with scikit-learn is to score some rows among themselves, which estimates another
    number, and says nothing of its error.
    """
    values, labels = blobs(MILLION, 3)
    found = {}
    ours, theirs, wall, processor = against(
        lambda: found.update(score(values, labels)[0]),
        lambda: sklearn_metrics.silhouette_score(
            values, labels, sample_size=PEER_SAMPLE, random_state=0
        ),
    )
    given = found["silhouette_score"]
    median = statistics.median(ours.wall)
    return (
        f"all scores, {MILLION:,} x 3; silhouette {given.value:.4f} ± {given.standard_error:.4f} "
        f"from {given.sample_size} rows against all (scikit-learn: {PEER_SAMPLE:,} rows among "
        "themselves)",
        str(ours),
        str(theirs),
        f"{wall:.1f}x ({processor:.1f}x)",
        "",
        verdict(median, SAMPLED_AIM_SECONDS, "s"),
    )


def report() -> str:
    """Return the table; machine code is loaded before, as in a server."""
    load_kernels()
    rows = [exact_row(*size) for size in AIMS] + [indices_row(), sampled_row()]
    header = ("score", "ours, s", "scikit-learn, s", "times as fast", "apart", "aim")
    return (
        f"{markdown_table(header, rows)}\n\n"
        f"Seconds are wall (processor), medians of {ROUNDS} runs in turns; kernels use "
        f"{n_threads()} threads. Ratios are medians of the ratios of the pairs."
    )
