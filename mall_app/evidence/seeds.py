"""Seeds of single steps, so that numbers do not depend on who computed them, or in which order."""

from __future__ import annotations

import numpy as np

SAMPLE, BOOTSTRAP, REFERENCE, REFIT = range(4)


def seed_of(random_state: int, purpose: int, *step: int) -> int:
    """Give the seed of one step of one purpose.

    Examples
    --------
    >>> seed_of(0, BOOTSTRAP, 5, 17) == seed_of(0, BOOTSTRAP, 5, 17)
    True
    >>> seed_of(0, BOOTSTRAP, 5, 17) == seed_of(0, REFERENCE, 5, 17)
    False
    """
    return int(np.random.SeedSequence([random_state, purpose, *step]).generate_state(1)[0])


def generator_of(random_state: int, purpose: int, *step: int) -> np.random.Generator:
    """Give a generator of random numbers for one step; see `seed_of`."""
    return np.random.default_rng([random_state, purpose, *step])
