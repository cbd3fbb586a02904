"""Imported by the fork server once, so that every worker starts with all it may need in memory.

Elsewhere functions import scikit-learn themselves: it takes as long as the rest of the package, and
the process that serves the page seldom needs it.
"""

from contextlib import suppress

import sklearn.cluster
import sklearn.isotonic
import sklearn.mixture
import sklearn.preprocessing  # noqa: F401

from mall_app.kernels.loading import load_kernels

with suppress(Exception):  # a worker that needs a kernel says what is wrong with it
    load_kernels()
