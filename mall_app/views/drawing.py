"""What a plot or a text of the page becomes, as the browser can do it by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from mall_app.identity.lineage import Lineage
from mall_app.result import ClusteringResult


@dataclass(frozen=True, eq=False)
class Drawing:
    """New values of one Bokeh model of the page.

    Parameters
    ----------
    name : str
        A tag of the model.
    values : mapping
        New values of its properties; of ``data``, the columns that are new.
    mirror : callable
        Gives the server's side of the model the same values, once the browser has them.
    """

    name: str
    values: Mapping[str, Any]
    mirror: Callable[[], None]


class Foreseeing(Protocol):
    """A view that can say what it would show."""

    def foresee(self, after: Lineage, before: ClusteringResult) -> list[Drawing]:
        """Give what changes when `after` comes after `before`, the table being the same."""


def drawing_of(model: Any, name: str, **values: Any) -> Drawing:
    """Give new values of a Bokeh model, which gets a tag to be found by."""
    tag(model, name)
    return Drawing(name, values, lambda: model.update(**values))


def tag(model: Any, name: str) -> None:
    """Let a Bokeh model be found in the browser."""
    if name not in model.tags:
        model.tags = [*model.tags, name]
