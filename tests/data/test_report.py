"""The report is plain JSON, complete, and survives what is done with a frame."""

import json

import pandas as pd

from mall_app.data import DataReport, Table, data_report, read_table

CONTENT = "customer id;Genre;Preis\n007;Röck;1,5\n008;;?\n008;;?\n".encode("latin-1")


def test_everything_that_was_done_is_told():
    assert data_report(read_table(CONTENT)).to_dict() == {
        "rows_read": 3,
        "rows_kept": 2,
        "encoding": "latin-1",
        "delimiter": ";",
        "decimal": ",",
        "renamed": {},
        "columns": [
            {
                "name": "customer id",
                "role": "identifier",
                "missing": 0,
                "note": "kept as text: zero-padded codes, such as '007'",
            },
            {"name": "Genre", "role": "categorical", "missing": 1, "note": ""},
            {
                "name": "Preis",
                "role": "numeric",
                "missing": 1,
                "note": "decimal comma; '?' read as missing",
            },
        ],
        "notes": [
            "The bytes are not UTF-8, so they were read as latin-1: look at accented letters.",
            "1 row was an exact copy of an earlier one and dropped.",
        ],
        "format": "CSV",
    }


def test_report_goes_through_json_unchanged():
    report = data_report(read_table(CONTENT))
    assert DataReport.from_dict(json.loads(json.dumps(report.to_dict()))) == report


def test_report_stays_with_the_frame_and_its_table():
    frame = read_table(CONTENT)
    assert data_report(frame.copy()) == data_report(frame)
    assert Table.from_frame(frame).report == data_report(frame)


def test_roles_are_those_of_the_table():
    frame = read_table(CONTENT)
    table = Table.from_frame(frame)
    assert {c.name: c.role for c in data_report(frame).columns} == table.roles


def test_a_frame_from_elsewhere_has_no_report():
    assert data_report(pd.DataFrame({"a": [1]})) is None
