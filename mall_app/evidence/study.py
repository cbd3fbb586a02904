"""Work that is cut into pieces, to be done here or by several workers."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Progress = Callable[[int, int], None]
Call = tuple[Callable[..., Any], tuple[Any, ...]]


@dataclass(frozen=True, eq=False)
class Study:
    """Pieces of work and how they become one answer.

    Parameters
    ----------
    key : hashable
        Equal for equal work.
    pieces : sequence of hashable
        What is to be worked out, in any order.
    call_of : callable
        Gives the module-level function that works out a piece, and its arguments.
    conclude : callable
        Makes the answer of a mapping of every piece to what its function gave.
    rescue : callable, optional
        Given a piece and the error it ended with: what stands in for its outcome.
    """

    key: Hashable
    pieces: Sequence[Any]
    call_of: Callable[[Any], Call]
    conclude: Callable[[Mapping[Any, Any]], Any]
    rescue: Callable[[Any, BaseException], Any] | None = None

    def run_here(self, progress: Progress | None = None) -> Any:
        """Work out all pieces, one after the other.

        Parameters
        ----------
        progress : callable, optional
            Called with pieces done and pieces in all; what it raises ends the work.
        """
        found: dict[Any, Any] = {}
        for piece in self.pieces:
            function, arguments = self.call_of(piece)
            try:
                found[piece] = function(*arguments)
            except Exception as error:
                if self.rescue is None:
                    raise
                found[piece] = self.rescue(piece, error)
            if progress is not None:
                progress(len(found), len(self.pieces))
        return self.conclude(found)
