"""What Schemathesis does to a request before it sends it; schemathesis.toml names this file."""

from __future__ import annotations

from typing import Any

import schemathesis

MOST_BOOTSTRAPS = {"/evidence": 1000, "/compare": 100}
LARGEST_K = 1000
ENOUGH = 2


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ask for little work: hundreds of bootstraps a request would keep the server busy for hours.

    A number that breaks a rule, or is none, is sent as it was made up.
    """
    body, path = case.body, case.operation.path
    if path not in MOST_BOOTSTRAPS or not isinstance(body, dict):
        return
    if path == "/compare":
        body.setdefault("algorithms", ["kmeans", "dbscan"])  # in place of every one
    most = MOST_BOOTSTRAPS[path]
    if is_between(body.get("n_bootstraps", most), ENOUGH, most):
        body["n_bootstraps"] = ENOUGH
    k_min = body.get("k_min", 2)
    if path == "/evidence" and is_between(k_min, 2, LARGEST_K - ENOUGH):
        k_max = body.get("k_max", LARGEST_K)
        if is_between(k_max, k_min + ENOUGH, LARGEST_K):
            body["k_max"] = k_min + ENOUGH


def is_between(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high
