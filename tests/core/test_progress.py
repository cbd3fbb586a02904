"""A calculation tells how far it is, and is not disturbed by whoever listens."""

from __future__ import annotations

import io
import logging
import threading
from typing import Any

import pytest

from mall_app import ClusteringModel, progress_line
from mall_app.progress import listening, step


def test_a_step_is_told_to_whoever_listens_and_to_nobody_afterwards() -> None:
    heard: list[tuple[int, int, str]] = []
    with listening(lambda *told: heard.append(told)):
        step(1, 4, "Starts")
        step(2, 4)
    step(3, 4, "Starts")
    assert heard == [(1, 4, "Starts"), (2, 4, "")]


def test_the_innermost_listens_and_none_silences() -> None:
    outer: list[int] = []
    inner: list[int] = []
    with listening(lambda done, *_: outer.append(done)):
        with listening(lambda done, *_: inner.append(done)):
            step(1, 3)
        with listening(None):
            step(2, 3)
        step(3, 3)
    assert (outer, inner) == ([3], [1])


def test_another_thread_is_not_heard() -> None:
    heard: list[int] = []
    with listening(lambda done, *_: heard.append(done)):
        other = threading.Thread(target=step, args=(1, 2))
        other.start()
        other.join()
    assert heard == []


def test_a_listener_that_fails_is_told_no_more_and_the_calculation_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    calls: list[int] = []

    def fail(done: int, total: int, what: str) -> None:
        calls.append(done)
        raise ValueError(what)

    with caplog.at_level(logging.ERROR), listening(fail):
        for done in range(3):
            step(done, 3, "Passes")
    assert calls == [0]
    assert [own.levelname for own in caplog.records] == ["ERROR"]
    with listening(lambda done, *_: calls.append(done)):
        step(7, 9)
    assert calls == [0, 7]


def test_a_listener_that_is_interrupted_interrupts_the_calculation() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), listening(interrupt):
        step(1, 2)


def test_a_line_is_written_over_and_cleared() -> None:
    written = io.StringIO()
    with progress_line(written):
        step(1, 1200, "Passes")
        for _ in range(1000):
            step(2, 1200, "Passes")
        step(7, 0)
    assert written.getvalue() == f"\rPasses: 1 of 1,200\rProgress: 7{' ' * 7}\r{' ' * 11}\r"
    with progress_line(untouched := io.StringIO()):
        pass
    assert untouched.getvalue() == ""


@pytest.mark.parametrize(
    "change", [{"n_clusters": 3}, {"algorithm": "dbscan"}, {"scaling": "robust", "n_clusters": 7}]
)
def test_an_interrupt_leaves_the_model_as_it_was(
    monkeypatch: pytest.MonkeyPatch, change: dict[str, Any]
) -> None:
    model = ClusteringModel()
    result, settings = model.result, model.settings

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("mall_app.model.model.fit_resolved", interrupted)
        with pytest.raises(KeyboardInterrupt):
            model.update(**change)
    assert model.result is result
    assert (model.settings, model.error) == (settings, None)
    model.n_clusters = 4
    assert (model.result.n_clusters, model.algorithm) == (4, "kmeans")
