"""How much a request may send, set by whoever operates the server."""

from __future__ import annotations

import os

from api.problem import Problem

DEFAULT_BODY_BYTES = 4_000_000
# A body over the limit is still read, and thrown away, up to this many times the limit: a client
# that is cut off while it sends sees a broken connection in place of the answer that says why.
PATIENCE = 8
# A body that has not come by then is given up, so that nobody holds connections by sending slowly.
BODY_SECONDS = 30.0


def body_limit() -> int:
    """Give the largest body in bytes, from ``MALL_MAX_BODY_BYTES``.

    Raises
    ------
    ValueError
        The variable is not a positive whole number.
    """
    text = os.environ.get("MALL_MAX_BODY_BYTES", "")
    if not text:
        return DEFAULT_BODY_BYTES
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"MALL_MAX_BODY_BYTES must be a positive whole number, not {text!r}.")
    return int(text)


def too_large() -> Problem:
    """Give the 413."""
    return Problem(413, f"The body must be at most {body_limit():,} bytes.")
