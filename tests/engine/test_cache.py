from __future__ import annotations

from threading import Thread

import numpy as np
import pandas as pd
import pytest

from mall_app.cache import ResultCache, size_of
from mall_app.data.table import Table
from mall_app.engine.engine import fit_key
from mall_app.fit import fit, resolve
from mall_app.settings import Settings
from tests.core.tables import table_of


def megabytes(number: float) -> np.ndarray:
    return np.zeros(int(number * 2**20), dtype=np.uint8)


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = ResultCache(3 * 2**20)
    for name in "abc":
        cache.put(name, megabytes(1))
    assert cache.get("a") is not None
    cache.put("d", megabytes(1))
    assert cache.get("b") is None
    assert all(cache.get(name) is not None for name in "acd")
    assert len(cache) == 3


def test_a_large_value_makes_room_for_itself() -> None:
    cache = ResultCache(3 * 2**20)
    for name in "abc":
        cache.put(name, megabytes(1))
    cache.put("d", megabytes(2.5))
    assert len(cache) == 1


def test_a_value_beyond_the_bound_is_not_kept_and_drops_nothing() -> None:
    cache = ResultCache(2**20)
    cache.put("a", megabytes(0.5))
    cache.put("b", megabytes(2))
    assert cache.get("b") is None
    assert cache.get("a") is not None


def test_putting_again_replaces_and_counts_once() -> None:
    cache = ResultCache(2**20)
    for _ in range(5):
        cache.put("a", megabytes(0.6))
    cache.put("b", megabytes(0.4))
    assert len(cache) == 2


def test_a_value_of_any_kind_has_a_size(mall: Table) -> None:
    assert size_of(megabytes(1)) == 2**20
    for value in (b"abc", "abc", 5, None, [1], fit(mall, Settings())):
        assert size_of(value) > 0


def test_threads_do_not_break_the_bound() -> None:
    cache = ResultCache(2**20)

    def work(own: int) -> None:
        for step in range(300):
            cache.put((own, step % 7), megabytes(0.2))
            cache.get((own, step % 5))

    threads = [Thread(target=work, args=(own,)) for own in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == 5


BASE = pd.DataFrame({"a": [1, 2, 3, 4], "kind": ["x", "y", "x", "y"]})
OTHERS = {
    "rows in another order": BASE.iloc[[1, 0, 2, 3]],
    "one value changed": BASE.assign(a=[1, 2, 3, 5]),
    "floats": BASE.assign(a=[1.0, 2.0, 3.0, 4.0]),
    "one missing": BASE.assign(a=[1.0, 2.0, 3.0, np.nan]),
    "nullable integers": BASE.assign(a=pd.array([1, 2, 3, 4], dtype="Int64")),
    "smaller integers": BASE.assign(a=np.array([1, 2, 3, 4], dtype=np.int8)),
    "a category renamed": BASE.assign(kind=["x", "z", "x", "z"]),
    "a category missing": BASE.assign(kind=["x", None, "x", "y"]),
    "a category called None": BASE.assign(kind=["x", "None", "x", "y"]),
    "columns in another order": BASE[["kind", "a"]],
    "a column renamed": BASE.rename(columns={"a": "b"}),
    "a column more": BASE.assign(c=1),
    "a row less": BASE.iloc[:3],
}


def test_every_difference_in_the_data_gives_another_key() -> None:
    frames = [BASE, *OTHERS.values()]
    assert len({Table.from_frame(frame).sha256 for frame in frames}) == len(frames)


def test_one_as_integer_float_and_truth_differ() -> None:
    hashes = {table_of(n=[1.5, 2.5], a=own).sha256 for own in ([1, 1], [1.0, 1.0], [True, True])}
    assert len(hashes) == 3


def test_a_copy_and_another_index_give_the_same_key() -> None:
    expected = Table.from_frame(BASE).sha256
    assert Table.from_frame(BASE.copy()).sha256 == expected
    assert Table.from_frame(BASE.set_index(pd.Index(list("wxyz")))).sha256 == expected


@pytest.mark.parametrize(
    "changes",
    [
        {"n_clusters": 3},
        {"features": ("a", "kind")},
        {"scaling": "none"},
        {"missing": "median"},
        {"random_state": 1},
        {"params": {"n_init": 2}},
        {"algorithm": "gaussian_mixture"},
    ],
    ids=lambda own: next(iter(own)),
)
def test_every_difference_in_the_settings_gives_another_key(changes: dict[str, object]) -> None:
    table = Table.from_frame(BASE)
    settings = Settings(n_clusters=2)
    assert fit_key(table, resolve(table, settings)) != (
        fit_key(table, resolve(table, settings.changed(**changes)))
    )
