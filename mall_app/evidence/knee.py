"""The knee of an inertia curve, where there is one."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

LEAST_BEND = 0.5
_NOTHING = 1e-12


def knee(inertias: Mapping[int, float]) -> int | None:
    """Give the number of segments from which on more of them help clearly less.

    Inertia falls with every segment, on pure noise as a power of their number: a straight line
    when both are logarithms. The knee is where that line bends most, if it does by 0.5 or more;
    noise bends by 0.2 to 0.5. A knee of the plain curve, as commonly drawn, is always there: its
    place on noise is that of 1/k.

    Parameters
    ----------
    inertias : mapping of int to float
        By number of segments, rising from as few as possible; 1 helps to judge 2.

    Returns
    -------
    int or None
        None when the curve has no clear bend, or fewer than three points.

    Examples
    --------
    >>> knee({1: 100.0, 2: 60.0, 3: 20.0, 4: 16.0, 5: 13.0})
    3
    >>> knee({1: 100.0, 2: 50.0, 3: 33.3, 4: 25.0, 5: 20.0}) is None
    True
    """
    ks = sorted(inertias)
    largest = max(inertias.values(), default=0.0)
    perfect = [k for k in ks if inertias[k] <= _NOTHING * largest]
    if perfect and perfect[0] > ks[0]:
        return perfect[0]  # nothing is left to gain: its logarithm has no end
    if len(ks) < 3 or perfect:
        return None
    logs = np.log([inertias[k] for k in ks])
    slopes = -np.diff(logs) / np.diff(np.log(ks))
    bends = slopes[:-1] - slopes[1:]
    best = int(bends.argmax())
    return ks[best + 1] if bends[best] >= LEAST_BEND else None
