"""A result in each of the media types it is given in."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pyarrow as pa

from api.schema import ClusterCall
from mall_app.data.table import Table
from mall_app.labelled import labelled
from mall_app.result import ClusteringResult

PNG = "image/png"
CSV = "text/csv"
ARROW = "application/vnd.apache.arrow.stream"


def as_json(call: ClusterCall, result: ClusteringResult, picture: bytes | None) -> bytes:
    """Write the whole result; `picture` goes into ``plot_image``."""
    return dumps(as_document(call, result, picture))


def as_document(
    call: ClusterCall, result: ClusteringResult, picture: bytes | None
) -> dict[str, Any]:
    """Give the whole result as JSON-ready values."""
    answer = result.to_dict()
    answer["warnings"] = [*answer["warnings"], *call.notes]
    answer["data_report"] = None if call.report is None else call.report.to_dict()
    answer["plot_image"] = None if picture is None else base64.b64encode(picture).decode("ascii")
    answer["doubts"] = result.doubts_of_rows() if call.doubts else None
    return answer


def dumps(document: dict[str, Any]) -> bytes:
    """Write strict JSON without spaces."""
    text = json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8")


def as_arrow(table: Table, result: ClusteringResult) -> bytes:
    """Write the rows with their segment as an Arrow IPC stream."""
    frame = labelled(table, result)
    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(None)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, arrow.schema) as writer:
        writer.write_table(arrow)
    return sink.getvalue()


def draw(table: Table, result: ClusteringResult) -> bytes:
    """Render the picture; runs in a worker, which alone pays for importing what draws."""
    from mall_app.plots.picture import render_png

    return render_png(table, result)
