"""Compiles all there is to compile and keeps it on disk: ``python -m mall_app.kernels``.

Where it is kept is numba's affair: ``NUMBA_CACHE_DIR``, beside the modules, or the user's cache.
It takes about a minute of one core, nearly all of it for the library of HDBSCAN.
"""

import numpy as np
from fast_hdbscan import HDBSCAN

from mall_app.kernels.loading import load_kernels

if __name__ == "__main__":
    load_kernels()
    HDBSCAN(reproducible=True).fit(np.random.default_rng(0).normal(size=(200, 2)))
