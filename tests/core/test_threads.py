"""Small work is done by one thread, whoever asks and however many do at a time."""

from threading import Barrier, Thread

import numpy as np
import pandas as pd
import pytest

from mall_app.data.table import Table
from mall_app.fit import fit
from mall_app.settings import Settings
from mall_app.threads import SMALL_ROWS, threads_for, threads_in_use


@pytest.mark.parametrize("rows", [200, SMALL_ROWS + 1])
def test_the_receipt_tells_the_threads_of_a_small_and_a_large_fit(rows):
    values = np.random.default_rng(0).normal(size=(rows, 2))
    table = Table.from_frame(pd.DataFrame(values, columns=["a", "b"]))
    before = threads_in_use()
    found = fit(table, Settings("birch", 3)).receipt["threads"]
    assert found == ({"blas": 1, "openmp": 1} if rows == 200 else before)
    assert threads_in_use() == before


def test_the_last_of_several_users_gives_the_threads_back():
    before, inside, seen = threads_in_use(), Barrier(2), []

    def first():
        with threads_for(10):
            inside.wait()
        inside.wait()

    other = Thread(target=first)
    other.start()
    with threads_for(10):
        inside.wait()
        inside.wait()  # the other one has left
        seen.append(threads_in_use())
    other.join()
    assert seen == [{"blas": 1, "openmp": 1}]
    assert threads_in_use() == before


def test_threads_come_back_after_an_error():
    before = threads_in_use()
    with pytest.raises(ValueError, match="odd"), threads_for(10):
        raise ValueError("odd")
    assert threads_in_use() == before
