"""A malformed environment stops the server at its start, and says what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from api import limits
from api.routes import tornado_routes

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MALL_MAX_BODY_BYTES", "abc"),
        ("MALL_MAX_BODY_BYTES", "0"),
        ("MALL_MAX_BODY_BYTES", "-5"),
        ("MALL_MAX_BODY_BYTES", "1e6"),
        ("MALL_MAX_BODY_BYTES", "1000000001"),
        ("MALL_MAX_BODY_BYTES", "9" * 50),
        ("MALL_WORKERS", "x"),
        ("MALL_WORKERS", "0"),
        ("MALL_QUEUE", "-1"),
        ("MALL_DEADLINE_SECONDS", "nan"),
        ("MALL_CACHE_MB", "much"),
        ("MALL_WORKER_MEMORY_MB", "1.5"),
        ("MALL_JOBS_MAX", "0"),
        ("MALL_JOBS_MB", "1.5"),
        ("MALL_JOB_SECONDS", "-1"),
        ("MALL_JOB_DEADLINE_SECONDS", "long"),
        ("MALL_MODELS_MAX", "0"),
        ("MALL_MODELS_MB", "lots"),
    ],
)
def test_no_routes_are_given_in_an_environment_that_breaks_a_rule(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"^{name} must be a (whole )?number from .*") as caught:
        tornado_routes()
    assert str(caught.value).endswith(f", not {value!r}.")


def test_a_value_of_any_length_is_told_shortly(monkeypatch):
    monkeypatch.setenv("MALL_MAX_BODY_BYTES", "9" * 10_000)
    with pytest.raises(ValueError, match="MALL_MAX_BODY_BYTES must be") as caught:
        tornado_routes()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("value", "limit"), [("", limits.DEFAULT_BODY_BYTES), ("1", 1), ("1000000000", 10**9)]
)
def test_sound_limit_is_taken(monkeypatch, value, limit):
    monkeypatch.setenv("MALL_MAX_BODY_BYTES", value)
    assert tornado_routes()
    assert limits.body_limit() == limit


@pytest.mark.parametrize("name", ["MALL_MAX_BODY_BYTES", "MALL_WORKERS"])
def test_server_stops_at_once_with_one_sentence(name):
    command = [sys.executable, "-m", "panel", "serve", "mall_app/app.py", "--plugins", "api"]
    stopped = subprocess.run(
        [*command, "--port", "0"],
        cwd=ROOT,
        env={**os.environ, name: "abc"},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert stopped.returncode == 1
    assert f"{name} must be a whole number from 1 to " in stopped.stderr
    assert "not 'abc'." in stopped.stderr
    assert "Traceback" not in stopped.stderr
