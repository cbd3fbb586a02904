"""Which media type to answer in, and whether the body came in one we read."""

from __future__ import annotations

from collections.abc import Sequence

import mimeparse

from api import limits
from api.message import JSON, Request
from api.problem import Problem


def best(request: Request, offered: Sequence[str]) -> str:
    """Choose the media type the client likes best; `offered` is in our own order of preference.

    Raises
    ------
    Problem
        Status 406 when the client takes none of them, or its ``Accept`` cannot be read.
    """
    accept = request.headers.get("Accept", "").strip()
    if accept in ("", "*/*", offered[0]):
        return offered[0]
    try:
        # Of equals mimeparse takes the last, so the first choice goes last.
        chosen = mimeparse.best_match(list(reversed(offered)), accept)
    except mimeparse.MimeTypeParseException:
        chosen = ""
    if not chosen:
        raise Problem(406, f"Accept must allow one of {', '.join(offered)}, not {accept[:80]!r}.")
    return str(chosen)


def require_body(request: Request) -> None:
    """Refuse a body that is not declared as plain JSON, or that was over the limit.

    Raises
    ------
    Problem
        Status 415 or 413.
    """
    require_json(request)
    if request.body_too_large:
        raise limits.too_large()


def require_json(request: Request) -> None:
    """Refuse a body that is not declared as plain JSON.

    This is also what keeps a form on another site from posting here: a browser asks first before
    it sends this content type across origins, and is not answered.

    Raises
    ------
    Problem
        Status 415.
    """
    declared = request.headers.get("Content-Type", "")
    media_type, _, parameters = declared.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if media_type.strip().lower() != JSON or charset not in ("", "charset=utf-8"):
        raise Problem(415, f"Content-Type must be {JSON} in UTF-8, not {declared[:80]!r}.")
    encoding = request.headers.get("Content-Encoding", "identity")
    if encoding.lower() != "identity":
        raise Problem(415, f"Content-Encoding must be absent, not {encoding[:80]!r}.")
