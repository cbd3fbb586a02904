"""Edits of segments whose customers stay in their files: renamed, noted, merged."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mall_app.edits.applying import Edited, apply_edits
from mall_app.edits.form import Edit
from mall_app.errors import SettingsError
from mall_app.geometry.points import FloatArray, IntArray
from mall_app.wording import customers, in_words

_REFUSED = {"split": "split", "pin": "pinned to"}


def edit_segments(
    numbers: IntArray, sizes: IntArray, centres: FloatArray, edits: Sequence[Edit]
) -> Edited:
    """Apply edits to segments, none of whose customers is held.

    Parameters
    ----------
    numbers, sizes : ndarray of shape (n_segments,)
        Number and customers of each segment.
    centres : ndarray of shape (n_segments, n_dimensions)
        Their centres.
    edits : sequence of mapping
        Checked.

    Returns
    -------
    Edited
        `labels` has the number that each of the segments has now.

    Raises
    ------
    SettingsError
        An edit names a segment that is not there at its turn, or needs the customers themselves.

    Examples
    --------
    >>> from mall_app.edits.form import check_edits
    >>> edits = check_edits([{"action": "merge", "segments": [0, 2]}])
    >>> edited = edit_segments(
    ...     np.arange(3), np.array([9, 5, 1]), np.array([[0.0], [5.0], [9.0]]), edits
    ... )
    >>> edited.labels.tolist(), edited.sentences
    ([0, 1, 0], ('Segments 0 and 2 were merged into 0, of 10 customers.',))
    """
    for position, edit in enumerate(edits):
        if edit["action"] in _REFUSED:
            raise SettingsError(
                f"A segment cannot be {_REFUSED[edit['action']]} while its customers stay in their "
                "files; fit with more segments, or a table that is held in memory.",
                ("edits", position, "action"),
            )
    rows = np.arange(len(numbers))
    edited = apply_edits(centres, "euclidean", numbers, rows, edits, 0)
    return Edited(
        edited.labels,
        edited.names,
        edited.notes,
        _sentences(edited, numbers, sizes, edits),
        edited.edits,
    )


def _sentences(
    edited: Edited, numbers: IntArray, sizes: IntArray, edits: Sequence[Edit]
) -> tuple[str, ...]:
    """Say of how many customers each merge is: those of the segments, and not the segments."""
    counts = dict(zip(numbers.tolist(), sizes.tolist(), strict=True))
    sentences = list(edited.sentences)
    for position, edit in enumerate(edits):
        if edit["action"] != "merge":
            continue
        kept, *others = edit["segments"]
        counts[kept] += sum(counts.pop(own) for own in others)
        sentences[position] = (
            f"Segments {in_words(edit['segments'])} were merged into {kept}, "
            f"of {customers(counts[kept])}."
        )
    return tuple(sentences)
