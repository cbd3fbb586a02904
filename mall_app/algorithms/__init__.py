"""The clustering algorithms, one class in one module each."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any

from mall_app.algorithms.base import NOT_CONVERGED, Algorithm, Grouping
from mall_app.checks import shown
from mall_app.errors import SettingsError, did_you_mean

__all__ = ["NOT_CONVERGED", "Algorithm", "Grouping", "algorithms", "build_algorithm"]


@cache
def algorithms() -> Mapping[str, type[Algorithm]]:
    """Give every declared algorithm by key, in the order they are offered.

    Examples
    --------
    >>> list(algorithms())[:2]
    ['kmeans', 'bisecting_kmeans']
    """
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
    declared = sorted(
        (own for own in Algorithm.__subclasses__() if own.__module__.startswith(f"{__name__}.")),
        key=lambda own: (own.order, own.key),
    )
    return MappingProxyType({own.key: own for own in declared})


def build_algorithm(key: str, params: Mapping[str, Any]) -> Algorithm:
    """Build the algorithm of that key with checked parameters.

    Raises
    ------
    SettingsError
        The key is not known, or a parameter breaks a rule.
    """
    known = algorithms()
    if key not in known:
        raise SettingsError(
            f"algorithm {shown(key)} is not known: {did_you_mean(key, known)}", ("algorithm",)
        )
    return known[key].from_params(params)
