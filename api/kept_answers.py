"""Finished answers as bytes: what is asked again costs no reading and no writing."""

from __future__ import annotations

import hashlib
from collections.abc import Hashable
from dataclasses import dataclass

from api.schema import ClusterCall, mall_table
from mall_app.cache import ResultCache
from mall_app.result import ClusteringResult


@dataclass(frozen=True, slots=True)
class _Asked:
    """Which answer a body gets."""

    answer: Hashable

    @property
    def nbytes(self) -> int:
        """About how much memory it takes with its key, so that many ways to ask are bounded too."""
        return 1024


class KeptAnswers:
    """Answers by what they say, and by the bytes that asked for them.

    They lie beside the results, within the same bound of memory. Only what was answered with a 200
    is kept.

    Parameters
    ----------
    cache : ResultCache
        Of the engine.
    media_type : str
        What the answer is to be given in.
    algorithm : str or None
        The one in the path, if there is one.
    body : bytes
        Of the request.
    """

    def __init__(
        self, cache: ResultCache, media_type: str, algorithm: str | None, body: bytes
    ) -> None:
        self._cache = cache
        self._media_type = media_type
        self._asked = ("asked", media_type, algorithm, hashlib.sha256(body).digest())

    def repeated(self) -> bytes | None:
        """Give the answer to a request that was answered before, byte for byte."""
        known: _Asked | None = self._cache.get(self._asked)
        return None if known is None else self._cache.get(known.answer)

    def find(self, call: ClusterCall, result: ClusteringResult) -> bytes | None:
        """Give the answer to another request that asked for the same."""
        key = self._content(call, result)
        found: bytes | None = self._cache.get(key)
        if found is not None:
            self._note(call, key)
        return found

    def keep(self, call: ClusterCall, result: ClusteringResult, answer: bytes) -> None:
        """Keep an answer for both ways of asking again."""
        key = self._content(call, result)
        self._cache.put(key, answer)
        self._note(call, key)

    def _note(self, call: ClusterCall, key: Hashable) -> None:
        # The same bytes mean the same rows only where they hold them, or name what never changes.
        if call.report is not None or call.table is mall_table():
            self._cache.put(self._asked, _Asked(key))

    def _content(self, call: ClusterCall, result: ClusteringResult) -> Hashable:
        """Give all that decides the bytes of an answer.

        Equal rows may be written in different ways, and their report may say in which.
        """
        rows = None if call.report is None else self._asked
        content = (call.table.sha256, result.settings.canonical())
        return ("answer", self._media_type, *content, call.plot, call.doubts, call.notes, rows)
