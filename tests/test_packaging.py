"""What is declared in several places agrees, and what is built carries all it needs."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import mall_app

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
DECLARED = [
    Requirement(text)
    for group in (PROJECT["dependencies"], *PROJECT["optional-dependencies"].values())
    for text in group
]


def conda_requirements() -> dict[str, str]:
    """Name and bound of each line of environment.yml, python and pip left out."""
    lines = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    found = [Requirement(line) for line in lines]
    return {
        canonicalize_name(own.name): str(own.specifier)
        for own in found
        if own.name not in ("python", "pip")
    }


def constraints() -> dict[str, Requirement]:
    """Each line of constraints.txt by name."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return {canonicalize_name(own.name): own for own in found}


def test_conda_and_pip_install_the_same_direct_dependencies() -> None:
    declared = {canonicalize_name(own.name): str(own.specifier) for own in DECLARED}
    assert conda_requirements() == declared


def test_conda_asks_for_the_same_python() -> None:
    lines = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))["dependencies"]
    assert f"python{PROJECT['requires-python']}" in lines


@pytest.mark.parametrize("requirement", DECLARED, ids=lambda own: own.name)
def test_the_exact_version_lies_within_the_declared_bound(requirement: Requirement) -> None:
    exact = constraints()[canonicalize_name(requirement.name)]
    (pin,) = exact.specifier
    assert pin.operator == "=="
    assert requirement.specifier.contains(pin.version, prereleases=True)
    (bound,) = requirement.specifier
    assert bound.operator == ">="
    assert Version(bound.version) <= Version(pin.version)


def test_every_constraint_is_exact_and_stands_once() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    names = [re.split("[=<>!~ ;]", line)[0] for line in lines if line and line[0] != "#"]
    assert len(set(map(canonicalize_name, names))) == len(names) == len(constraints())
    for own in constraints().values():
        assert [pin.operator for pin in own.specifier] == ["=="], own.name


def test_the_version_is_the_same_everywhere() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text("utf-8")
    newest = re.search(r"^## \[?(\d+\.\d+\.\d+[^\]\s]*)", changelog, re.MULTILINE)
    spec = yaml.safe_load((ROOT / "api" / "openapi.yaml").read_text("utf-8"))
    assert newest is not None
    assert {
        "pyproject.toml": PROJECT["version"],
        "CHANGELOG.md": newest[1],
        "api/openapi.yaml": spec["info"]["version"],
        "installed": importlib.metadata.version("mall-app"),
    } == dict.fromkeys(
        ("pyproject.toml", "CHANGELOG.md", "api/openapi.yaml", "installed"), mall_app.__version__
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    folder = tmp_path_factory.mktemp("wheel")
    script = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    with zipfile.ZipFile(folder / done.stdout.split()[-1]) as built:
        yield built


def test_the_wheel_carries_data_spec_and_documentation_page(wheel: zipfile.ZipFile) -> None:
    wanted = {
        "mall_app/_data/Mall_Customers.csv": ROOT / "data" / "Mall_Customers.csv",
        "api/openapi.yaml": ROOT / "api" / "openapi.yaml",
    }
    wanted |= {f"api/docs/{path.name}": path for path in (ROOT / "api" / "docs").iterdir()}
    assert len(wanted) >= 6
    for name, path in wanted.items():
        assert wheel.read(name) == path.read_bytes(), name


def test_the_wheel_carries_every_module_and_no_test(wheel: zipfile.ZipFile) -> None:
    names = {name for name in wheel.namelist() if name.endswith(".py")}
    modules = {
        str(path.relative_to(ROOT))
        for package in ("mall_app", "api")
        for path in (ROOT / package).rglob("*.py")
    }
    assert names == modules


def test_the_wheel_carries_the_licences(wheel: zipfile.ZipFile) -> None:
    licences = {Path(name).name for name in wheel.namelist() if "/licenses/" in name}
    assert {"LICENSE", "LICENSE.swagger-ui", "NOTICE.swagger-ui"} <= licences
