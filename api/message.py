"""A request and a response, free of any web framework.

Everything between these two is plain Python, so the same handlers can stand behind Tornado today
and behind an ASGI server tomorrow.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Request:
    """What a client asked.

    Parameters
    ----------
    method : str
        In capitals.
    path : Mapping of str to str
        The values taken from the path, such as ``{"algorithm": "kmeans"}``.
    headers : Mapping of str to str
        By name in any letter case, if the mapping ignores case as HTTP does.
    body : bytes
        The whole body, already known to be within the limit unless `body_too_large`.
    body_too_large : bool
        The body was over the limit and has been thrown away.
    target : str
        Path that was asked for, any prefix of the server included.
    base : str
        That prefix; empty when there is none.
    """

    method: str
    path: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    body_too_large: bool = False
    target: str = ""
    base: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What is sent back: a body, or a stream of pieces that come as they are made."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""
    stream: AsyncIterator[bytes] | None = None


Operation = Callable[[Request], Awaitable[Response]]
