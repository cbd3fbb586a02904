"""Kernels are compiled once, kept on disk, loaded together, and work where nothing can be kept."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from mall_app.kernels.compiled import as_input, as_labels, compiled, in_rounds

ROOT = Path(__file__).parents[2]

LOADED = """
import importlib, pkgutil
import numpy as np
import mall_app.kernels
from mall_app.kernels.compiled import Kernel
from mall_app.kernels.loading import load_kernels

load_kernels()
modules = [
    importlib.import_module(own.name)
    for own in pkgutil.iter_modules(mall_app.kernels.__path__, "mall_app.kernels.")
    if not own.name.endswith("__main__")
]
kernels = {id(own): own for module in modules for own in vars(module).values()
           if isinstance(own, Kernel)}.values()
called = {name for own in kernels for name in own._function.__code__.co_names}
print(*(own.__name__ for own in kernels if own.__name__ not in called and own._ready is None))
before = {own.__name__: own._ready.signatures for own in kernels if own._ready}

from mall_app.metrics import score
from mall_app.sampling import is_exact

generator = np.random.default_rng(0)
for n_rows in (6_000, 130_000):
    for kind in (np.float64, np.float32):
        values = generator.normal(size=(n_rows, 9)).astype(kind)
        values.setflags(write=False)
        labels = generator.integers(-1, 4, n_rows)
        labels.setflags(write=False)
        score(values, labels)
after = {own.__name__: own._ready.signatures for own in kernels if own._ready}
print(*(name for name in after if after[name] != before.get(name)))
"""

KEPT = """
from mall_app.kernels import scatter
scatter.cluster_means([[0.0], [1.0]], [0, 0], 1)
stats = scatter._add_rows._ready.stats
print(sum(stats.cache_hits.values()), sum(stats.cache_misses.values()))
"""


def lines_of(script: str, **variables: str) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split("\n")[:-1]


def test_all_kernels_are_loaded_as_they_are_used() -> None:
    never_loaded, compiled_later = lines_of(LOADED)
    assert never_loaded == "", "load_kernels in mall_app/kernels/loading.py should call these"
    assert compiled_later == "", "these were given another kind of array than when loaded"


def test_machine_code_that_was_copied_is_used(tmp_path: Path) -> None:
    made, copied = tmp_path / "made", tmp_path / "copied"
    assert lines_of(KEPT, NUMBA_CACHE_DIR=str(made)) == ["0 1"]
    shutil.copytree(made, copied, copy_function=shutil.copyfile)
    shutil.rmtree(made)
    assert lines_of(KEPT, NUMBA_CACHE_DIR=str(copied)) == ["1 0"]


@compiled
def _doubled(value: float) -> float:
    return 2.0 * value


@compiled
def _sum_of_doubles(values: object) -> float:
    total = 0.0
    for value in values:  # type: ignore[attr-defined]
        total += _doubled(value)
    return total


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("cache")
def test_a_kernel_calls_another() -> None:
    assert _sum_of_doubles(as_input([1.0, 2.5])) == 7.0


def test_a_kernel_works_where_what_was_kept_is_broken(cache: Path) -> None:
    values = as_input([1.0, 2.0])
    assert compiled(_sum_of_doubles._function)(values) == 6.0
    kept = [path for path in cache.rglob("*") if path.is_file()]
    assert kept
    for path in kept:
        path.write_bytes(b"")
    again = compiled(_sum_of_doubles._function)
    assert [again(values), again(values)] == [6.0, 6.0]


def test_a_kernel_works_where_nothing_can_be_kept(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    kernel = compiled(_sum_of_doubles._function)
    assert [kernel(as_input([1.0])), kernel(as_input([2.0]))] == [2.0, 4.0]


@pytest.mark.usefixtures("cache")
def test_a_mistake_in_a_kernel_is_not_swallowed() -> None:
    with pytest.raises(numba.TypingError):
        compiled(_sum_of_doubles._function)("no numbers")


def test_numbers_of_any_kind_become_one_kind_of_array() -> None:
    strided = np.zeros((6, 4))[::2, ::3]
    for own in (strided, np.asfortranarray(strided), strided.astype(">f8"), strided.astype(int)):
        given = as_input(own)
        assert given.dtype == np.float64 and given.dtype.isnative
        assert given.flags.c_contiguous and given.flags.aligned and not given.flags.writeable
    assert as_input(np.float32([1.0])).dtype == np.float32
    writable = np.zeros(3)
    assert np.shares_memory(as_input(writable), writable) and writable.flags.writeable


@pytest.mark.parametrize("labels", [[0, 1], [0, 1, 2], [[0], [1], [1]]])
def test_labels_that_would_be_written_out_of_bounds_are_refused(labels: list[int]) -> None:
    with pytest.raises(ValueError):
        as_labels(labels, n_rows=3, n_clusters=2)


@pytest.mark.parametrize("kind", ["int8", "int32", "int64", "uint8", "bool"])
def test_labels_of_any_type_of_whole_numbers_are_taken(kind: str) -> None:
    labels = np.array([0, 1, 1]).astype(kind)
    assert as_labels(labels, n_rows=3, n_clusters=2).tolist() == [0, 1, 1]


def test_noise_may_have_any_negative_number() -> None:
    labels = np.array([-1, -(2**40), 1])
    assert as_labels(labels, n_rows=3, n_clusters=2).tolist() == [-1, -1, 1]
    with pytest.raises(ValueError, match="A label is 1099511627776"):
        as_labels([2**40], n_rows=1, n_clusters=2)


@pytest.mark.parametrize("threads", ["1", "3"])
def test_a_round_begins_when_the_one_before_is_done(
    threads: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NUMBA_NUM_THREADS", threads)
    done: list[int] = []
    in_rounds([np.full(20, number) for number in range(5)], lambda own: done.extend(own.tolist()))
    assert done == sorted(done) and len(done) == 100
