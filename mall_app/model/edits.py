"""What a person may do to the segments of a model, as methods."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mall_app.checks import check_integer, shown
from mall_app.edits.actions import there_are
from mall_app.edits.form import LARGEST_NUMBER, plain_edits
from mall_app.errors import SettingsError
from mall_app.result import ClusteringResult


class SegmentEdits:
    """Merge, split, pin and rename; each call adds an edit to the settings, so that it replays.

    A refused edit changes nothing.
    """

    result: ClusteringResult

    def update(self, **settings: Any) -> None:
        """Change several settings in one fit; the model does it."""
        raise TypeError(f"{type(self).__name__} does not say how settings change.")

    def merge(self, segments: Iterable[int]) -> None:
        """Make one segment of several; the smallest number stays.

        Parameters
        ----------
        segments : iterable of int
            Numbers of two segments or more.

        Raises
        ------
        SettingsError
            A segment is not there, or is named twice.
        """
        if isinstance(segments, str) or not isinstance(segments, Iterable):
            raise SettingsError(
                f"Segments to merge must be a list of numbers such as [0, 3], "
                f"not {shown(segments)}.",
                ("edits",),
            )
        self._add({"action": "merge", "segments": list(segments)})

    def split(self, segment: int, into: int = 2) -> None:
        """Divide a segment; its largest part keeps the number.

        Parameters
        ----------
        segment : int
            Its number.
        into : int from 2 to 10, default 2
            Number of parts.

        Raises
        ------
        SettingsError
            The segment is not there, or has fewer distinct customers than parts.
        """
        self._add({"action": "split", "segment": segment, "into": into})

    def pin(self, segment: int) -> None:
        """Keep the customers of a segment together, whatever is fitted next.

        Raises
        ------
        SettingsError
            The segment is not there, or has more than 10 000 customers.
        """
        number = check_integer("The segment to pin", segment, (0, LARGEST_NUMBER), ("edits",))
        rows = self.result.rows[self.result.labels == number].tolist()
        if not rows:
            there = there_are([own.segment for own in self.result.profiles])
            raise SettingsError(f"There is no segment {number} to pin; {there}.", ("edits",))
        self._add({"action": "pin", "segment": number, "rows": rows})

    def unpin(self, segment: int) -> None:
        """Take back every pin of a segment.

        Raises
        ------
        SettingsError
            It is not pinned.
        """
        edits = self._edits()
        kept = [own for own in edits if not (own["action"] == "pin" and own["segment"] == segment)]
        if len(kept) == len(edits):
            raise SettingsError(f"Segment {segment} is not pinned.", ("edits",))
        self.update(edits=kept)

    def rename(self, segment: int, name: str | None = None, note: str | None = None) -> None:
        """Give a segment a name, a note, or both; an empty note is none.

        Raises
        ------
        SettingsError
            The segment is not there, or a text is too long.
        """
        texts = {"name": name, "note": note}
        given = {key: text for key, text in texts.items() if text is not None}
        self._add({"action": "rename", "segment": segment, **given})

    def undo(self) -> None:
        """Take back the last edit.

        Raises
        ------
        SettingsError
            There is none.
        """
        edits = self._edits()
        if not edits:
            raise SettingsError("There is no edit to undo.", ("edits",))
        self.update(edits=edits[:-1])

    def _edits(self) -> list[dict[str, Any]]:
        return plain_edits(self.result.settings.edits)

    def _add(self, edit: dict[str, Any]) -> None:
        self.update(edits=[*self._edits(), edit])
