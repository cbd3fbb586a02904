from __future__ import annotations

import pickle

import pytest

from mall_app import errors


@pytest.mark.parametrize(
    "error",
    [
        errors.DataError("No rows."),
        errors.SettingsError("eps must be more than 0, not 0.", ("params", "eps")),
        errors.EngineBusy("Too much.", 7),
        errors.DeadlineExceeded("Too long."),
        errors.WorkerDied("Killed."),
        errors.EngineUnavailable("Gone."),
    ],
    ids=lambda own: type(own).__name__,
)
def test_an_error_crosses_a_process_boundary_whole(error: errors.WorkbenchError) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert vars(again) == vars(error)


def test_the_tree() -> None:
    assert issubclass(errors.DataError, ValueError)
    assert issubclass(errors.SettingsError, errors.InputError)
    for own in (errors.EngineBusy, errors.DeadlineExceeded, errors.EngineUnavailable):
        assert issubclass(own, errors.EngineError)
        assert issubclass(own, RuntimeError)
        assert not issubclass(own, ValueError)


@pytest.mark.parametrize(
    ("value", "ending"),
    [
        ("gender", "did you mean 'Gender'?"),
        ("Genre", "did you mean 'Gender'?"),
        ("", "it must be one of 'Age', 'Gender'."),
        ("x" * 100_000, "it must be one of 'Age', 'Gender'."),
    ],
    ids=lambda own: own[:20],
)
def test_did_you_mean(value: str, ending: str) -> None:
    assert errors.did_you_mean(value, ["Age", "Gender"]) == ending


def test_a_long_list_of_options_is_cut() -> None:
    ending = errors.did_you_mean("?", [f"column {number}" for number in range(100)])
    assert ending.endswith("'column 19', ....")
    assert ending.count("column") == 20
