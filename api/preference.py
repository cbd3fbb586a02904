"""What a client would rather have (RFC 7240): an answer at once, or a job to come back for."""

from __future__ import annotations

import re
from dataclasses import dataclass

from api.message import Request

LONGEST_WAIT = 60.0
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PREFERENCE = re.compile(rf'({_TOKEN})(?:\s*=\s*(?:({_TOKEN})|"(?:[^"\\]|\\.)*"))?([^,"]|"[^"]*")*')


@dataclass(frozen=True)
class Preference:
    """What ``Prefer`` says, as far as it is known here.

    Parameters
    ----------
    respond_async : bool
        Whether the answer may be given later, at an address of its own.
    wait : float or None
        Seconds the client waits for the answer itself before it wants that address.
    """

    respond_async: bool = False
    wait: float | None = None


def preference(request: Request) -> Preference:
    """Read ``Prefer``; what cannot be read is no preference.

    Examples
    --------
    >>> preference(Request("POST", headers={"Prefer": "respond-async, wait=5"}))
    Preference(respond_async=True, wait=5.0)
    """
    header = request.headers.get("Prefer", "")
    if not header:
        return Preference()
    # Of a preference that is named twice the first holds, so it is put in last.
    told = {name.lower(): value for name, value in reversed(_preferences(header))}
    seconds = told.get("wait", "")
    wait = min(float(seconds), LONGEST_WAIT) if re.fullmatch(r"[0-9]{1,9}", seconds) else None
    return Preference("respond-async" in told, wait)


def _preferences(header: str) -> list[tuple[str, str]]:
    return [(own[1], own[2] or "") for own in _PREFERENCE.finditer(header)]
