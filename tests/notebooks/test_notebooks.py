"""The notebooks run from top to bottom, are kept without output, and show a live model."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

from mall_app.views.shared_script import with_one_script

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
STORIES = ["02_segments", "03_choosing_k"]  # in test_stories.py, so that each is run once


def outputs(cell: Any) -> list[Any]:
    return [own for own in cell.get("outputs", []) if own.output_type != "stream"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_kept_without_output(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None


@cache
def executed(name: str) -> Any:
    """Run a notebook from top to bottom; once, however many tests look at it."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    client = NotebookClient(notebook, timeout=300, kernel_name="python3")
    return client.execute(cwd=str(ROOT / "notebooks"))


@pytest.fixture(scope="module")
def quickstart() -> Any:
    return executed("01_quickstart")


def cell_with(notebook: Any, text: str) -> Any:
    return next(own for own in notebook.cells if own.cell_type == "code" and text in own.source)


def assert_no_complaint(notebook: Any) -> None:
    """Hold every cell to have run, with no error and no warning."""
    cells = [own for own in notebook.cells if own.cell_type == "code"]
    assert all(own.execution_count for own in cells)
    assert not [own for cell in cells for own in cell.outputs if own.output_type == "error"]
    assert not [own for cell in cells for own in cell.outputs if own.get("name") == "stderr"]


def test_every_cell_runs_without_complaint(quickstart: Any) -> None:
    assert_no_complaint(quickstart)


def test_every_notebook_is_run_by_a_test() -> None:
    assert {own.stem for own in NOTEBOOKS} == {"01_quickstart", *STORIES}


def test_the_notebook_gives_the_agreed_scores(quickstart: Any) -> None:
    text = outputs(cell_with(quickstart, 'algorithm="kmeans"'))[0].data["text/plain"]
    assert "'silhouette_score': 0.55393199" in text
    assert "'davies_bouldin_score': 0.57256289" in text
    assert "'calinski_harabasz_score': 247.358993" in text


def test_a_model_as_the_last_line_shows_live_widgets_and_plots(quickstart: Any) -> None:
    cell = next(own for own in quickstart.cells if own.source.strip() == "model")
    shown = {kind for own in outputs(cell) for kind in own.get("data", {})}
    assert "application/vnd.holoviews_exec.v0+json" in shown
    html = "".join(own.data.get("text/html", "") for own in outputs(cell) if "data" in own)
    assert "Number of segments" in html
    assert "Silhouette" in html
    assert "Annual Income" in html


def test_what_a_notebook_shows_comes_from_no_other_host_and_is_not_heavy(quickstart: Any) -> None:
    cell = next(own for own in quickstart.cells if own.source.strip() == "model")
    html = "".join(own.data.get("text/html", "") for own in outputs(cell) if "data" in own)
    assert "cdn." not in html
    assert len(html) < 5_000_000


def test_a_script_that_many_components_share_is_kept_once() -> None:
    html = '(function(root) { var docs = [{"esm":"a\\"b"}, {"esm":"a\\"b"}] })'
    assert with_one_script(html) == (
        '(function(root) { const shared_script = "a\\"b"; '
        'var docs = [{"esm":shared_script}, {"esm":shared_script}] })'
    )
    assert with_one_script("<p>nothing</p>") == "<p>nothing</p>"


def test_a_refused_setting_is_explained(quickstart: Any) -> None:
    text = cell_with(quickstart, "Anual Income").outputs[0].text
    assert "did you mean 'Annual Income (k$)'?" in text
