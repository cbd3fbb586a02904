"""One process of the benchmark of large tables: ``python -m tests.benchmarks.large_fit SIDE FILE``.

Prints seconds of each stage, and by how much memory grew at most, as JSON.
"""

import argparse
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

K = 5
STATUS = Path("/proc/self/status")


def memory_mb(name: str) -> float:
    """Return ``VmRSS`` or its highest value so far, ``VmHWM``, of this process."""
    line = next(own for own in STATUS.read_text().splitlines() if own.startswith(name))
    return int(line.split()[1]) / 1024


def timed(stages: dict[str, float], name: str, work: Callable[[], Any]) -> Any:
    """Run a stage and note its seconds."""
    started = time.perf_counter()
    found = work()
    stages[name] = time.perf_counter() - started
    return found


def ours(path: str, stages: dict[str, float]) -> dict[str, Any]:
    """Open, fit with all scores and profiles, and draw, as a user of the package would."""
    from mall_app.data.opening import open_table
    from mall_app.fit import fit
    from mall_app.plots.picture import render_png
    from mall_app.settings import Settings

    table = timed(stages, "load", lambda: open_table(path))
    result = timed(stages, "fit, scores, profile", lambda: fit(table, Settings(n_clusters=K)))
    timed(stages, "first plot", lambda: render_png(table, result))
    return {"inertia": result.inertia, "silhouette": result.silhouette_score}


def plain(path: str, stages: dict[str, float]) -> dict[str, Any]:
    """Do the same by pandas, scikit-learn and matplotlib as their documentation does."""
    import matplotlib as mpl

    mpl.use("agg")
    from matplotlib import pyplot
    from sklearn import metrics
    from sklearn.cluster import KMeans
    from sklearn.preprocessing import StandardScaler

    frame = timed(stages, "load", lambda: pd.read_parquet(path))

    def fitted() -> dict[str, Any]:
        values = StandardScaler().fit_transform(frame)
        model = KMeans(K, n_init=10, random_state=0).fit(values)
        sampled = metrics.silhouette_score(
            values, model.labels_, sample_size=10_000, random_state=0
        )
        metrics.davies_bouldin_score(values, model.labels_)
        metrics.calinski_harabasz_score(values, model.labels_)
        frame.groupby(model.labels_).describe()
        return {"inertia": model.inertia_, "silhouette": sampled, "labels": model.labels_}

    found: dict[str, Any] = timed(stages, "fit, scores, profile", fitted)

    def drawn() -> None:
        pyplot.scatter(frame.iloc[:, 1], frame.iloc[:, 2], c=found["labels"], s=4)
        pyplot.savefig(Path(path).with_suffix(".png"))

    timed(stages, "first plot", drawn)
    return {name: found[name] for name in ("inertia", "silhouette")}


def one_algorithm(path: str, key: str) -> dict[str, Any]:
    """Fit one algorithm with its defaults."""
    from mall_app.data.opening import open_table
    from mall_app.fit import fit
    from mall_app.settings import Settings

    table = open_table(path)
    started = time.perf_counter()
    result = fit(table, Settings(key, n_clusters=K))
    seconds = time.perf_counter() - started
    seen = result.receipt["data"].get("seen", result.n_used)
    return {"seconds": seconds, "strategy": result.settings.strategy, "seen": seen}


def main() -> None:
    """Run a side on a file, once a small file beside it has loaded libraries and machine code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("side")
    parser.add_argument("path")
    parser.add_argument("warm_path")
    given = parser.parse_args()
    warnings.simplefilter("ignore")
    if given.side not in ("ours", "plain"):
        one_algorithm(given.warm_path, given.side)
        print(json.dumps(one_algorithm(given.path, given.side)))
        return
    side = {"ours": ours, "plain": plain}[given.side]
    side(given.warm_path, {})
    Path("/proc/self/clear_refs").write_text("5")  # forget the highest value so far
    before = memory_mb("VmRSS")
    stages: dict[str, float] = {}
    found = side(given.path, stages)
    print(json.dumps(found | {"stages": stages, "grown_mb": memory_mb("VmHWM") - before}))


if __name__ == "__main__":
    main()
