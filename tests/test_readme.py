"""The README says what is true: its code runs, and it names what there is."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest
import yaml

from mall_app.algorithms import algorithms
from mall_app.settings import Settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
SPECIFICATION = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text("utf-8"))


def test_its_python_gives_the_output_it_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # it saves a model
    flags = doctest.IGNORE_EXCEPTION_DETAIL | doctest.NORMALIZE_WHITESPACE
    found = doctest.testfile(str(ROOT / "README.md"), module_relative=False, optionflags=flags)
    assert found.attempted > 15
    assert found.failed == 0


@pytest.mark.parametrize(
    "call",
    [
        f"{method.upper()} {path}"
        for path, operations in SPECIFICATION["paths"].items()
        for method in operations
        if method in ("get", "post", "delete")
    ],
)
def test_every_call_is_named(call: str) -> None:
    assert f"`{call}`" in README


@pytest.mark.parametrize("name", [*algorithms(), *Settings().to_dict()])
def test_every_algorithm_and_setting_is_named(name: str) -> None:
    assert f"`{name}`" in README


def test_every_command_of_make_that_it_names_exists() -> None:
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(re.findall(r"\bmake ([a-z]+)\b", README)) <= set(targets)


def test_every_variable_it_names_is_read_and_every_one_read_is_named() -> None:
    code = "".join(
        path.read_text("utf-8")
        for folder in ("mall_app", "api")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert set(re.findall(r"MALL_[A-Z_]+", README)) == set(re.findall(r'"(MALL_[A-Z_]+)"', code))


def test_every_file_it_links_is_there() -> None:
    for link in re.findall(r"\]\(([^):#]+)\)", README):
        assert (ROOT / link).exists(), link
