"""Assigners as plain values, to be kept in a file, and back."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import numpy as np

from mall_app.assigners.base import Assigner
from mall_app.assigners.centres import CentreTree, NearestCentre
from mall_app.assigners.density import CoreDistance
from mall_app.assigners.mixture import MixtureAssigner
from mall_app.assigners.neighbours import NearestNeighbours

_KINDS: Mapping[str, type[Assigner]] = MappingProxyType(
    {
        own.__name__: own
        for own in (NearestCentre, CentreTree, MixtureAssigner, CoreDistance, NearestNeighbours)
    }
)


def from_state(state: Mapping[str, Any]) -> Assigner:
    """Make the assigner that `Assigner.state` was taken of.

    Raises
    ------
    ValueError
        The state is of no assigner that can be kept, or its parts do not fit together.

    Examples
    --------
    >>> given = NearestCentre.of(np.array([[0.0], [4.0]]))
    >>> from_state(given.state()).labels.tolist()
    [0, 1]
    """
    values = dict(state)
    kind = values.pop("kind", None)
    if kind not in _KINDS:
        raise ValueError(f"{kind!r} is no kind of assigner.")
    assigner = _KINDS[kind](**values)
    labels = assigner.labels
    if not isinstance(labels, np.ndarray) or labels.ndim != 1 or labels.dtype != np.int64:
        raise ValueError("The labels of an assigner must be one row of integers.")
    for name in assigner.aligned:
        if len(getattr(assigner, name)) != len(labels):
            raise ValueError(f"{name} must have an entry for each of the {len(labels)} labels.")
    return assigner
