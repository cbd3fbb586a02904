"""Finished results by content, within a bound of memory."""

from __future__ import annotations

import sys
from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Any


class ResultCache:
    """Keeps the results used last, as long as they fit in `max_bytes`.

    Parameters
    ----------
    max_bytes : int
        Bound on the sum of the sizes; a value larger than that is not kept.

    Examples
    --------
    >>> cache = ResultCache(max_bytes=100)
    >>> cache.put("a", bytes(20)); cache.put("b", bytes(60))
    >>> cache.get("a") is None, len(cache.get("b"))
    (True, 60)
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def get(self, key: Hashable) -> Any | None:
        """Give the value of `key` and mark it as used, or None."""
        with self._lock:
            if key not in self._kept:
                return None
            self._kept.move_to_end(key)
            return self._kept[key]

    def put(self, key: Hashable, value: Any) -> None:
        """Keep `value`, letting go of what was used longest ago when there is no room."""
        size = size_of(value)
        if size > self.max_bytes:
            return
        with self._lock:
            if key in self._kept:
                self._bytes -= size_of(self._kept.pop(key))
            self._kept[key] = value
            self._bytes += size
            while self._bytes > self.max_bytes:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= size_of(dropped)

    def __len__(self) -> int:
        """Give how many results are kept."""
        return len(self._kept)


def size_of(value: Any) -> int:
    """Size of a result in bytes: its own `nbytes`, or what Python says it takes."""
    size = getattr(value, "nbytes", None)
    return int(size) if size is not None else sys.getsizeof(value)
