"""One model in one file: the customers, the choices, the segments, and how to place others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from mall_app.assigners import Assigner, relabelled
from mall_app.data.table import Table
from mall_app.features import build_features
from mall_app.geometry.points import IntArray
from mall_app.keeping.whole import KeptWhole
from mall_app.outcome import Found, conclude, revise
from mall_app.predict.prediction import Predictor
from mall_app.receipt import versions
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

_SAVED_WITH = "This model was saved with "


@dataclass(frozen=True, eq=False)
class Archive:
    """A model as it is kept.

    Parameters
    ----------
    table : Table
        The customers.
    base_labels : ndarray of shape (n_used,)
        Their segments as the algorithm found them, before any numbers and edits.
    base_warnings : tuple of str
        What was said about them.
    assigner : Assigner or None
        Gives new customers these labels.
    labels : ndarray of shape (n_used,)
        Segments with numbers and edits.
    settings : Settings
        As they were used, `numbering` and `edits` included.
    names, notes : dict of int to str
        Of each segment.
    warnings : tuple of str
        What was said about the segments in the end.
    receipt : dict
        Of the fit.
    asked : dict
        Settings that the model keeps though the fit did not use them.
    about : dict
        When and with which versions it was saved, and its name.
    whole : KeptWhole, optional
        Both results as they were saved, when the table is the sample of one in files.
    """

    table: Table
    base_labels: IntArray
    base_warnings: tuple[str, ...]
    assigner: Assigner | None
    labels: IntArray
    settings: Settings
    names: dict[int, str]
    notes: dict[int, str]
    warnings: tuple[str, ...]
    receipt: dict[str, Any]
    asked: dict[str, Any]
    about: dict[str, Any]
    whole: KeptWhole | None = None

    @cached_property
    def remarks(self) -> tuple[str, ...]:
        """What a reader should know about versions, in sentences."""
        saved, here = self.about["versions"], versions()
        other = [name for name in here if saved.get(name) != here[name] and name != "mall_app"]
        if not other:
            return ()
        told = ", ".join(
            f"{name} {saved.get(name, 'unknown')} (here {here[name]})" for name in other
        )
        return (f"{_SAVED_WITH}{told}; its segments are as they were saved, a new fit may differ.",)

    def predictor(self) -> Predictor:
        """Give what places new customers; nothing is fitted or scored for it."""
        if self.whole is not None:
            return Predictor.of(self.table, self.whole.result)
        assigner = relabelled(self.assigner, self.base_labels, self.labels)
        return Predictor(self.table, self.settings, self.labels, assigner, self.names)

    def base(self) -> ClusteringResult:
        """Give the result before numbers and edits, scored and described anew, not fitted.

        That of a table whose rows are not in the file is as it was saved.
        """
        if self.whole is not None:
            return self.whole.base
        settings = self.settings.unedited()
        features = build_features(self.table, settings)
        found = Found(self.base_labels, self.base_warnings, self.assigner, self.receipt["threads"])
        result = conclude(self.table, features, settings, found)
        receipt = {**result.receipt, "versions": self.receipt["versions"]}
        return replace(result, warnings=self.base_warnings, receipt=receipt)

    def result(self, base: ClusteringResult) -> ClusteringResult:
        """Give the result itself, with the numbers, names and edits it was saved with."""
        settings = self.settings
        kept = [own for own in self.warnings if not own.startswith(_SAVED_WITH)]
        warnings = (*kept, *self.remarks)
        if self.whole is not None:
            return replace(self.whole.result, warnings=warnings)
        result = revise(self.table, base, settings.numbering, settings.edits)
        done = result.edits_done
        if not np.array_equal(result.labels, self.labels):
            result = self._as_saved()
        profiles = [
            replace(
                own,
                name=self.names.get(own.segment, own.name),
                note=self.notes.get(own.segment, own.note),
            )
            for own in result.profiles
        ]
        return replace(
            result,
            settings=settings,
            profiles=tuple(profiles),
            warnings=warnings,
            receipt=self.receipt,
            edits_done=done,
        )

    def _as_saved(self) -> ClusteringResult:
        """Describe the saved labels, which an edit gives otherwise with the versions here."""
        plain = self.settings.unedited()
        assigner = relabelled(self.assigner, self.base_labels, self.labels)
        features = build_features(self.table, plain)
        found = Found(self.labels, (), assigner, self.receipt["threads"])
        return conclude(self.table, features, plain, found)
