"""The packaged Mall table is the one its README describes."""

import hashlib
from pathlib import Path

from mall_app.data import Table, data_report, load_customers

FOLDER = Path(__file__).parents[2] / "data"


def test_types_and_size():
    frame = load_customers()
    assert frame.shape == (200, 5)
    assert frame.dtypes.astype(str).to_dict() == {
        "CustomerID": "int64",
        "Gender": "str",
        "Age": "int64",
        "Annual Income (k$)": "int64",
        "Spending Score (1-100)": "int64",
    }


def test_nothing_was_done_to_it():
    report = data_report(load_customers())
    assert (report.rows_read, report.rows_kept) == (200, 200)
    assert (report.encoding, report.delimiter, report.decimal) == ("utf-8", ",", ".")
    assert (report.renamed, report.notes) == ({}, ())
    assert [(c.role, c.missing, c.note) for c in report.columns] == [
        ("identifier", 0, ""),
        ("categorical", 0, ""),
        ("numeric", 0, ""),
        ("numeric", 0, ""),
        ("numeric", 0, ""),
    ]


def test_each_call_gives_a_frame_of_its_own():
    changed = load_customers()
    changed["Age"] = 0
    changed.attrs["data_report"]["notes"].append("changed")
    assert load_customers()["Age"].min() == 18
    assert data_report(load_customers()).notes == ()


def test_an_installed_package_reads_the_copy_inside_it(tmp_path, monkeypatch):
    (tmp_path / "_data").mkdir()
    (tmp_path / "_data" / "Mall_Customers.csv").write_bytes(b"CustomerID,Age\n1,30\n")
    monkeypatch.setattr("mall_app.data.mall.resources.files", lambda package: tmp_path)
    assert load_customers().to_dict("list") == {"CustomerID": [1], "Age": [30]}


def test_readme_tells_what_the_file_is():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    content = (FOLDER / "Mall_Customers.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() in readme
    frame = load_customers()
    for name in frame:
        assert f"| `{name}` |" in readme
    for name in Table.from_frame(frame).numeric:
        assert f"{frame[name].min()} to {frame[name].max()} |" in readme
    for value, count in frame["Gender"].value_counts().items():
        assert f"`{value}` ({count})" in readme
