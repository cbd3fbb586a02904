"""Loaded by each worker of our own cluster when it starts, so that the first fit waits for less."""

from __future__ import annotations

from contextlib import suppress
from threading import Thread
from typing import Any

from mall_app.kernels.loading import load_kernels


def dask_setup(_worker: Any) -> None:
    """Load the kernels beside what the worker has to do; Dask calls this by its name."""
    Thread(target=_load, name="load-kernels", daemon=True).start()


def _load() -> None:
    with suppress(Exception):  # a task that needs a kernel says what is wrong with it
        load_kernels()
