"""Fits ahead of being asked for: the slider finds them, and nobody waits for them."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path

import pytest

from mall_app.data.table import Table
from mall_app.engine import Engine
from mall_app.fit import fit
from mall_app.model.model import ClusteringModel
from mall_app.settings import Settings
from mall_app.views.neighbours import Neighbours
from mall_app.views.state import ViewState
from tests.engine.tasks import add, sleep_and_tell

ASKED = Settings(algorithm="agglomerative", n_clusters=4)


@pytest.fixture
def own_engine() -> Iterator[Engine]:
    engine = Engine(1)
    yield engine
    engine.close()


def test_what_was_done_ahead_is_known(engine: Engine, mall: Table) -> None:
    assert engine.known(mall, ASKED) is None
    ahead = engine.ahead.fit(mall, ASKED)
    assert ahead is not None
    ahead.result()
    known = engine.known(mall, ASKED)
    assert known is not None
    assert (known.labels == fit(mall, ASKED).labels).all()
    again = engine.ahead.fit(mall, ASKED)
    assert again is not None
    assert again.result() is known


def test_it_gives_way_to_whatever_is_asked_for(own_engine: Engine, mall: Table) -> None:
    ahead = own_engine.ahead.fit(mall, ASKED)  # the first worker takes a second to start
    assert ahead is not None
    asked = own_engine.call(add, 1, 2)
    assert ahead.cancelled()
    assert asked.result() == 3
    assert own_engine.known(mall, ASKED) is None


def test_who_asks_for_the_same_gets_it(own_engine: Engine, mall: Table) -> None:
    ahead = own_engine.ahead.fit(mall, Settings(algorithm="affinity_propagation"))
    asked = own_engine.fit(mall, Settings(algorithm="affinity_propagation"))
    assert ahead is not None
    assert ahead.cancelled()
    assert asked.result().n_clusters > 1


def test_nothing_is_begun_beside_other_work(
    own_engine: Engine, mall: Table, tmp_path: Path
) -> None:
    asked = own_engine.call(sleep_and_tell, str(tmp_path / "pid"))
    assert own_engine.ahead.fit(mall, ASKED) is None
    asked.cancel()
    with pytest.raises(CancelledError):
        asked.result()
    ahead = own_engine.ahead.fit(mall, ASKED)
    assert ahead is not None
    ahead.result()


@pytest.mark.parametrize(("k", "expected"), [(6, {4, 5, 7, 8}), (2, {3, 4}), (199, {197, 198})])
def test_a_page_left_alone_knows_the_neighbours_of_its_k(
    engine: Engine, mall: Table, k: int, expected: set[int]
) -> None:
    settings = Settings(algorithm="genie", n_clusters=k, random_state=k)
    model = ClusteringModel(mall, **{**settings.to_dict(), "n_clusters": k})
    Neighbours(ViewState(model), engine, lambda: None).begin()
    near = range(max(2, k - 3), min(200, k + 4))
    known = {own for own in near if engine.known(mall, settings.changed(n_clusters=own))}
    assert known == expected
