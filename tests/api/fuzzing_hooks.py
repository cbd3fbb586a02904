"""What Schemathesis does to a request before it sends it; schemathesis.toml names this file."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import schemathesis
from hypothesis import strategies

MOST_BOOTSTRAPS = {"/evidence": 1000, "/compare": 100}
LARGEST_K = 1000
ENOUGH = 2
MALL = Path(__file__).parents[2] / "data" / "Mall_Customers.csv"
FEW_CUSTOMERS = pd.read_csv(MALL)[::8].to_dict("records")


def as_parquet(ages: list[int | None]) -> bytes:
    content = io.BytesIO()
    pq.write_table(table_of(ages), content)
    return content.getvalue()


def as_file(ages: list[int | None]) -> bytes:
    content = io.BytesIO()
    with pa.ipc.new_file(content, table_of(ages).schema) as writer:
        writer.write_table(table_of(ages))
    return content.getvalue()


def as_stream(ages: list[int | None]) -> bytes:
    content = io.BytesIO()
    with pa.ipc.new_stream(content, table_of(ages).schema) as writer:
        writer.write_table(table_of(ages))
    return content.getvalue()


def table_of(ages: list[int | None]) -> pa.Table:
    return pa.table({"Age": pa.array(ages, pa.int32())})


# CSV is made up from its schema: an example is refused where a media type has bytes of its own.
AGES = strategies.lists(strategies.none() | strategies.integers(0, 120), min_size=1, max_size=20)
for media_type, write in {
    "application/vnd.apache.parquet": as_parquet,
    "application/vnd.apache.arrow.file": as_file,
    "application/vnd.apache.arrow.stream": as_stream,
}.items():
    schemathesis.openapi.media_type(media_type, AGES.map(write))


@schemathesis.serializer("text/csv")
def written_as_text(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Ask for little work: hundreds of bootstraps a request would keep the server busy for hours.

    A number that breaks a rule, or is none, is sent as it was made up.
    """
    body, path = case.body, case.operation.path
    if path not in MOST_BOOTSTRAPS or not isinstance(body, dict):
        return
    if not {"records", "dataset"} & set(body):
        body["records"] = FEW_CUSTOMERS  # in place of all of the Mall table
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
