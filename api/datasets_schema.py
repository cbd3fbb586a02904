"""From the body and headers of ``POST /datasets`` to a table that can be kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from types import MappingProxyType

from api import records, strict_json
from api.message import JSON, Request
from api.problem import Problem, fault, unprocessable
from api.validation import faults_against
from mall_app.data.formats import Format
from mall_app.data.report import ATTRIBUTE
from mall_app.data.upload import keep_frame
from mall_app.errors import InputError

MEDIA_TYPES: Mapping[str, Format] = MappingProxyType(
    {
        "text/csv": "CSV",
        "application/vnd.apache.parquet": "Parquet",
        "application/vnd.apache.arrow.file": "Arrow file",
        "application/vnd.apache.arrow.stream": "Arrow stream",
    }
)
LONGEST_NAME = 100


@dataclass(frozen=True, slots=True)
class Upload:
    """What was sent.

    Parameters
    ----------
    form : str or None
        What the body is declared as; None for JSON.
    name : str or None
        What the table is to be called.
    """

    form: Format | None
    name: str | None


def read_upload(request: Request) -> Upload:
    """Read what the headers say of the body.

    Raises
    ------
    Problem
        Status 415 for a media type that is not read.
    """
    declared = request.headers.get("Content-Type", "")
    media_type = declared.partition(";")[0].strip().lower()
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise Problem(415, f"Content-Encoding must be absent, not {encoding[:80]!r}.")
    if media_type != JSON and media_type not in MEDIA_TYPES:
        offered = ", ".join([JSON, *MEDIA_TYPES])
        raise Problem(415, f"Content-Type must be one of {offered}, not {declared[:80]!r}.")
    return Upload(MEDIA_TYPES.get(media_type), _file_name(request))


def read_records(body: bytes) -> Callable[[Path], None]:
    """Read a JSON body; what is given back writes its table to a file.

    Raises
    ------
    Problem
        400 when it is not JSON, 422 when it breaks a rule or is no table to cluster.
    """
    document = strict_json.loads(body)
    found = faults_against(document, "DatasetBody")
    if found:
        raise unprocessable(found)
    try:
        table, report = records.table_of(document["records"])
    except InputError as error:
        raise unprocessable([fault(("records",), error.detail)]) from error
    frame = table.frame
    frame.attrs[ATTRIBUTE] = report.to_dict()
    return lambda draft: keep_frame(draft, frame, document.get("name"))


def _file_name(request: Request) -> str | None:
    """Give the name of the file that ``Content-Disposition`` has, without folders."""
    header = request.headers.get("Content-Disposition", "")
    if not header:
        return None
    message = Message()
    message["Content-Disposition"] = header
    try:
        name = str(message.get_filename() or "")
    except (LookupError, ValueError):  # an encoding that is not there
        return None
    plain = "".join(own for own in name.replace("\\", "/").rpartition("/")[2] if own.isprintable())
    return plain.strip()[:LONGEST_NAME] or None
