"""The rules of the house that a reader can rely on: who imports whom, and how long a file is."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("mall_app", "api")
MODULES = sorted(
    path.relative_to(ROOT) for package in PACKAGES for path in (ROOT / package).rglob("*.py")
)
SUITE = sorted(path.relative_to(ROOT) for path in (ROOT / "tests").rglob("*.py"))
LONGEST_MODULE = 300
LONGEST_TEST = 500

PICTURES = {"bokeh", "holoviews", "matplotlib", "datashader", "hvplot"}
PAGE = {"panel", "panel_material_ui"}
SERVER = {"tornado"}
FORBIDDEN = {
    "core": PICTURES | PAGE | SERVER | {"api", "mall_app.plots", "mall_app.views", "mall_app.app"},
    "plots": PAGE | SERVER | {"api", "mall_app.views", "mall_app.app"},
    "views": SERVER | {"api", "mall_app.app"},
    "app": SERVER | {"api"},
    "api": PICTURES | PAGE | {"mall_app.views", "mall_app.app"},
}
EXCEPTIONS = {
    # The one door from the model to its views, opened only when a notebook shows it.
    (Path("mall_app/model/model.py"), "mall_app.views"),
}


DASK = {"dask", "distributed"}
DASK_HOME = Path("mall_app/partitions")


def layer(module: Path) -> str:
    """The layer a module belongs to."""
    if module.parts[0] == "api":
        return "api"
    name = module.parts[1].removesuffix(".py")
    return name if name in FORBIDDEN else "core"


def imported(module: Path) -> set[str]:
    """Every module named in an import, anywhere in the file, `import_module` included."""
    found: set[str] = set()
    for node in ast.walk(ast.parse((ROOT / module).read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}:{node.lineno} is a relative import"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Call) and _called(node) in ("import_module", "__import__"):
            found |= {own.value for own in node.args[:1] if isinstance(own, ast.Constant)}
    return found


def _called(node: ast.Call) -> str:
    return getattr(node.func, "attr", getattr(node.func, "id", ""))


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(f"{package}.")


def test_there_is_something_to_check() -> None:
    assert {layer(module) for module in MODULES} >= {"core", "api"}
    assert imported(Path("mall_app/model/model.py")) >= {
        "param",
        "mall_app.fit.fit",
        "mall_app.views",
    }


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_layer_imports_only_what_lies_below_it(module: Path) -> None:
    broken = {
        name
        for name in imported(module)
        for package in FORBIDDEN[layer(module)]
        if within(name, package) and (module, name) not in EXCEPTIONS
    }
    assert not broken


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_dask_stays_where_partitions_are_worked_on(module: Path) -> None:
    if not module.is_relative_to(DASK_HOME):
        assert not {name for name in imported(module) for own in DASK if within(name, own)}


@pytest.mark.parametrize(
    "module", [own for own in MODULES if own.is_relative_to("mall_app/data")], ids=str
)
def test_data_know_nothing_of_what_is_made_of_them(module: Path) -> None:
    below = ("data", "errors", "progress", "cache", "environment", "memory")
    ours = {name for name in imported(module) if within(name, "mall_app")}
    assert not {name for name in ours if not any(within(name, f"mall_app.{own}") for own in below)}


@pytest.mark.parametrize("module", [*MODULES, *SUITE], ids=str)
def test_no_module_is_long(module: Path) -> None:
    longest = LONGEST_TEST if module.parts[0] == "tests" else LONGEST_MODULE
    assert len((ROOT / module).read_text("utf-8").splitlines()) <= longest


def loaded_after(statement: str, names: set[str]) -> set[str]:
    """Which of the packages are loaded in a new interpreter after a statement."""
    script = f"import sys\n{statement}\nprint(*({names!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_next_to_nothing() -> None:
    heavy = PICTURES | PAGE | SERVER | {"sklearn", "numba", "pandas", "numpy", "param"}
    assert loaded_after("import mall_app", heavy) == set()


def test_a_notebook_pays_for_no_page_before_it_shows_one() -> None:
    heavy = PICTURES | PAGE | SERVER | {"numba", "sklearn", "scipy.stats", "api"}
    statement = "from mall_app import ClusteringModel; ClusteringModel().result.to_dict()"
    assert loaded_after(statement, heavy) == set()


def test_the_api_pays_for_no_page_and_for_no_file_of_a_model() -> None:
    assert loaded_after("import api", PICTURES | PAGE | {"numba", "sklearn", "skops"}) == set()
