"""Imported by the fork server once, so that every worker starts with all kernels in memory."""

from contextlib import suppress

from mall_app.kernels.loading import load_kernels

with suppress(Exception):  # a worker that needs a kernel says what is wrong with it
    load_kernels()
