"""How much a request may send, set by whoever operates the server."""

from __future__ import annotations

import os

from api.problem import Problem

DEFAULT_BODY_BYTES = 4_000_000
MOST_BODY_BYTES = 1_000_000_000
_MOST_DIGITS = 20  # Python itself refuses to read some thousands of them, and not in our words
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
        The variable is not a whole number, or out of its range.
    """
    text = os.environ.get("MALL_MAX_BODY_BYTES", "")
    if not text:
        return DEFAULT_BODY_BYTES
    number = int(text) if text.isdecimal() and len(text) <= _MOST_DIGITS else 0
    if not 1 <= number <= MOST_BODY_BYTES:
        raise ValueError(
            f"MALL_MAX_BODY_BYTES must be a whole number from 1 to {MOST_BODY_BYTES}, "
            f"not {text[:60]!r}."
        )
    return number


def too_large() -> Problem:
    """Give the 413."""
    return Problem(413, f"The body must be at most {body_limit():,} bytes.")
