"""New data for a plot that is drawn already: columns are sent, never a new figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import holoviews as hv
import numpy as np
import numpy.typing as npt

from mall_app.views.drawing import Drawing, tag

Columns = dict[str, Any]


class LiveElement:
    """Keeps one HoloViews element of a figure up to date.

    HoloViews draws the element once; from then on only the columns that changed go to the browser,
    so that zoom, selection and tools stay as they are and a refit costs no figure.

    Parameters
    ----------
    draw : callable
        Gives the element as it should be now; its dimensions are always the same.
    columns : callable, optional
        Gives the values of those dimensions alone; to make an element of them takes ten times as
        long. By default they are taken from the element.
    **fields : str
        Glyph properties, and the dimension each takes its value from.
    """

    def __init__(
        self,
        draw: Callable[[], hv.Element],
        columns: Callable[[], Mapping[str, Any]] | None = None,
        **fields: str,
    ) -> None:
        self.draw = draw
        self._given = columns
        self.source: Any = None
        self._fields = fields
        self._changes = 0

    def attach(self, plot: Any, _element: hv.Element) -> None:
        """Take hold of what HoloViews drew; a HoloViews hook."""
        if plot.handles["source"] is self.source:
            return
        self.source = plot.handles["source"]
        # The result may be another one than when the element was made, as on a page from a link.
        self.source.data = self._columns()
        for state in ("", "selection_", "nonselection_", "muted_", "hover_"):
            glyph = getattr(plot.handles["glyph_renderer"], f"{state}glyph")
            if glyph is not None:
                glyph.update(**{name: {"field": field} for name, field in self._fields.items()})

    def send(self) -> None:
        """Send what changed since the last time."""
        if self.source is None:
            return
        new = self._columns()
        changed = self._changed(new)
        if not changed:
            return
        self._changes += 1
        if changed is new:
            self.source.data = new
        else:
            self.source.patch({name: [(slice(None), own)] for name, own in changed.items()})

    def foresee(self, values: Mapping[str, Any], name: str) -> Drawing:
        """Give the columns that would be sent for other values, to a source of that name."""
        tag(self.source, name)
        changed = self._changed(as_columns(values))
        return Drawing(name, {"data": changed}, partial(self._mirror, changed, self._changes))

    def _mirror(self, drawn: Columns, changes: int) -> None:
        """Take note that the browser has drawn what was foreseen after that many changes.

        If there was another one since, the two have crossed on their way, and what the browser
        shows is known to nobody: all is sent anew.
        """
        # By the way of a plain dictionary: Bokeh tells the browser of all others.
        if changes == self._changes:
            self._changes += 1
            dict.update(self.source.data, drawn)
        else:
            dict.clear(self.source.data)
            self.send()

    def _changed(self, new: Columns) -> Columns:
        """Give the columns that differ from what is drawn; all where they are others or longer."""
        old = self.source.data
        if new.keys() != old.keys() or _length(new) != _length(old):
            return new
        return {name: values for name, values in new.items() if not _same(values, old[name])}

    def _columns(self) -> Columns:
        return columns_of(self.draw()) if self._given is None else as_columns(self._given())


def columns_of(element: hv.Element) -> Columns:
    """Give the dimensions of an element as columns of a Bokeh data source."""
    return as_columns({own.name: element.dimension_values(own) for own in element.dimensions()})


def as_columns(values: Mapping[str, Any]) -> Columns:
    """Give columns of a Bokeh data source, which are its own: Bokeh patches them in place."""
    return {name: _as_column(own) for name, own in values.items()}


def _as_column(values: Any) -> npt.NDArray[Any]:
    """Copy values; texts are of no fixed length, so that longer ones can take their place.

    An empty column is of no type: as numbers, Bokeh would refuse it where it expects colours.
    """
    column = np.array(values)
    return column.astype(object) if column.dtype.kind == "U" or not len(column) else column


def _length(columns: Columns) -> int:
    return max((len(values) for values in columns.values()), default=0)


def _same(new: Any, old: Any) -> bool:
    old = np.asarray(old)
    if new.dtype.kind == "f" and old.dtype.kind == "f":
        return bool(np.array_equal(new, old, equal_nan=True))
    return bool(np.array_equal(new, old))
