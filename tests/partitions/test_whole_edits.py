"""Segments of a table that stays in its files: numbered, renamed, noted and merged."""

from __future__ import annotations

import pytest

from mall_app.data.table import Table
from mall_app.errors import SettingsError
from mall_app.fit import fit
from mall_app.outcome import revise
from mall_app.result import ClusteringResult
from mall_app.settings import Settings

pytestmark = pytest.mark.usefixtures("cluster")
PLAIN = Settings(features=("Age", "Income", "Score"), params={"n_init": 1})
RENAMED = {"action": "rename", "segment": 1, "name": "Regulars"}
NOTED = {"action": "rename", "segment": 4, "note": "Call them."}
MERGED = {"action": "merge", "segments": [0, 3]}


@pytest.fixture(scope="module")
def base(whole: Table) -> ClusteringResult:
    return fit(whole, PLAIN)


def told(result: ClusteringResult) -> list[tuple[int, str, int]]:
    return [(own.segment, own.name, own.size) for own in result.profiles]


def test_a_merge_adds_the_customers_of_all_partitions_up(
    base: ClusteringResult, whole: Table
) -> None:
    settings = PLAIN.changed(edits=(RENAMED, MERGED))
    merged = fit(whole, settings)
    sizes = {own.segment: own.size for own in base.profiles}
    joined = sizes[0] + sizes[3]
    assert {own.segment: own.size for own in merged.profiles} == {
        0: joined,
        1: sizes[1],
        2: sizes[2],
        4: sizes[4],
    }
    assert merged.profiles[1].name == "Regulars"
    assert merged.edits_done[1] == (
        f"Segments 0 and 3 were merged into 0, of {joined:,} customers."
    )
    inertia, before = merged.metrics["inertia"].value, base.metrics["inertia"].value
    assert inertia is not None and before is not None and inertia > before
    assert set(merged.labels.tolist()) == {0, 1, 2, 4}


def test_revising_a_result_is_the_same_as_a_fit(base: ClusteringResult, whole: Table) -> None:
    for numbering, edits in (
        ((4, 3, 2, 1, 0), ()),
        (None, (RENAMED,)),
        ((4, 3, 2, 1, 0), (RENAMED, NOTED)),
        (None, (RENAMED, MERGED)),
    ):
        settings = base.settings.changed(numbering=numbering, edits=edits)
        checked = Settings.from_mapping(settings.to_dict())
        revised = revise(whole, base, checked.numbering, checked.edits)
        again = fit(whole, checked)
        assert told(revised) == told(again)
        assert revised.receipt == again.receipt
        assert revised.edits_done == again.edits_done
        for name, own in again.metrics.items():
            assert revised.metrics[name].value == pytest.approx(own.value)


@pytest.mark.parametrize(
    ("edit", "what"),
    [
        ({"action": "split", "segment": 0, "into": 2}, "cannot be split"),
        ({"action": "pin", "segment": 0, "rows": [1]}, "cannot be pinned to"),
    ],
)
def test_what_needs_the_customers_themselves_is_refused(
    base: ClusteringResult, whole: Table, edit: dict[str, object], what: str
) -> None:
    edits = Settings.from_mapping({"edits": [edit]}).edits
    with pytest.raises(SettingsError, match=what) as caught:
        revise(whole, base, None, edits)
    assert caught.value.path == ("edits", 0, "action")
