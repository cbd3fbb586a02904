"""A model comes back from its file as it was, and a file that is wrong is refused in words."""

from __future__ import annotations

import datetime
import decimal
import errno
import hashlib
import io
import json
import math
import os
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import skops.io

from mall_app import ClusteringModel, read_table
from mall_app.algorithms import algorithms
from mall_app.data.table import Table
from mall_app.errors import ModelFileError
from mall_app.keeping import archive, container, model_file
from mall_app.keeping.frames import pack_table, unpack_table

MALL = ["Gender", "Age", "Annual Income (k$)", "Spending Score (1-100)"]
EDITS = [
    {"action": "split", "segment": 1, "into": 2},
    {"action": "merge", "segments": [0, 2]},
    {"action": "rename", "segment": 1, "name": "Würzburg & co", "note": "Call first."},
]


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "segments.mall"


@pytest.fixture
def saved(path, customers) -> Path:
    ClusteringModel(customers, n_clusters=4).save(path)
    return path


@pytest.mark.parametrize("key", algorithms())
def test_every_algorithm_comes_back_without_a_fit(mall, path, key, fits):
    distance = "gower" if "gower" in algorithms()[key].distances else "euclidean"
    model = ClusteringModel(mall, algorithm=key, features=MALL, distance=distance)
    fits.clear()
    model.save(path)
    again = ClusteringModel.load(path)
    assert fits == []
    assert again.result.to_dict() == model.result.to_dict()
    assert again.settings == model.settings
    new = mall.frame.sample(50, random_state=1).assign(Age=lambda own: own["Age"] + 3)
    assert again.predict(new).to_dict() == model.predict(new).to_dict()


def test_edits_numbers_names_and_notes_come_back_and_can_be_undone(customers, path):
    model = ClusteringModel(customers, n_clusters=5, numbering=[4, 3, 2, 1, 0], edits=EDITS)
    model.save(path)
    again = ClusteringModel.load(path)
    assert again.result.to_dict() == model.result.to_dict()
    assert [own.note for own in again.result.profiles] == [
        own.note for own in model.result.profiles
    ]
    assert "Würzburg & co" in again.result.segments["name"].tolist()
    model.undo(), again.undo()
    assert again.result.labels.tolist() == model.result.labels.tolist()
    again.update(edits=[], n_clusters=3)
    assert again.result.n_clusters == 3


def test_settings_that_the_fit_did_not_use_come_back(customers, path):
    model = ClusteringModel(customers, algorithm="dbscan", n_clusters=7, distance="gower")
    model.scaling = "robust"
    model.save(path)
    again = ClusteringModel.load(path)
    assert (again.n_clusters, again.scaling) == (7, model.scaling)


def test_segments_stay_as_saved_when_an_edit_replays_otherwise(customers, path, monkeypatch):
    model = ClusteringModel(customers, n_clusters=3, edits=EDITS[:1])
    model.save(path)
    monkeypatch.setattr(archive, "revise", lambda table, base, numbering, edits: base)
    again = ClusteringModel.load(path)
    assert again.result.labels.tolist() == model.result.labels.tolist()
    assert again.result.segments["name"].tolist() == model.result.segments["name"].tolist()
    assert again.result.n_clusters == 4


FRAMES = {
    "mall": lambda: pd.DataFrame({"Age": [20, 30, 40], "Gender": ["f", None, "m"]}),
    "nullable": lambda: pd.DataFrame(
        {
            "a": pd.array([1, None, 3], dtype="Int64"),
            "b": pd.array([1.5, None, 2], dtype="Float32"),
            "c": pd.array([True, None, False], dtype="boolean"),
            "d": pd.array(["x", None, "y"], dtype="string"),
        }
    ),
    "narrow": lambda: pd.DataFrame(
        {
            "a": np.array([1, 2, 3], dtype="uint8"),
            "b": np.array([0.1, np.nan, -0.0], dtype="float32"),
            "c": np.array([0.1, np.inf, 2], dtype="float16"),
            "d": [True, False, True],
        }
    ),
    "categories": lambda: pd.DataFrame(
        {
            "a": [1.0, 2, 3],
            "b": pd.Categorical(["x", None, "y"], categories=["y", "x", "never"], ordered=True),
            "c": pd.Categorical([3, 1, 3]),
        }
    ),
    "times": lambda: pd.DataFrame(
        {
            "a": [1.0, 2, 3],
            "b": pd.to_datetime(
                ["2020-01-01", None, "2021-05-06T07:08:09.123456789"], format="ISO8601"
            ),
            "c": pd.to_datetime(["2020-01-01"] * 3).tz_localize("Europe/Berlin"),
            "d": pd.to_timedelta([1, 2, None], unit="h"),
            "e": pd.period_range("2020-01", periods=3, freq="M"),
        }
    ),
    "objects": lambda: pd.DataFrame(
        {
            "a": [1.0, 2, 3],
            "b": pd.Series([1, "1", None], dtype=object),
            "c": pd.Series([True, None, 2.5], dtype=object),
            "d": pd.Series([datetime.date(2020, 1, 2), None, decimal.Decimal("1.50")]),
            "e": pd.Series([[1, 2], {"x": 1}, np.nan], dtype=object),
            "f": pd.Series([2**70, 5, pd.NA], dtype=object),
            "g": pd.Series([np.float32(0.1), np.int8(3), np.bool_(True)], dtype=object),
            "h": pd.Series(["x", "y", "x"], dtype=object),
        }
    ),
    "names": lambda: pd.DataFrame([[1, 2.0, "x"], [2, 3.0, "y"]], columns=["0", "", "é\n€"]),
}


@pytest.mark.parametrize("name", FRAMES)
def test_a_table_comes_back_with_the_same_hash(name):
    table = Table.from_frame(FRAMES[name]())
    again = unpack_table(pack_table(table))
    assert again.sha256 == table.sha256
    assert again.roles == table.roles
    assert again.frame.dtypes.astype(str).to_dict() == table.frame.dtypes.astype(str).to_dict()
    for column in table.categorical:
        assert again.categories[column].values == table.categories[column].values
        assert again.categories[column].codes.tolist() == table.categories[column].codes.tolist()


def test_what_reading_a_file_found_comes_back():
    text = b"Kunde;Alter;Umsatz\n1;20;1.234,5\n2;?;7,25\n3;40;9,5\n"
    table = Table.from_frame(read_table(io.BytesIO(text)))
    again = unpack_table(pack_table(table))
    assert (again.sha256, again.report) == (table.sha256, table.report)
    assert again.report.decimal == ","


def test_a_type_that_would_not_come_back_is_refused_by_name(path):
    frame = pd.DataFrame({"a": [1.0, 2, 3, 9], "wave": [1j, 2j, 3j, 4j]})
    with pytest.raises(ModelFileError) as caught:
        ClusteringModel(frame, n_clusters=2).save(path)
    assert str(caught.value) == (
        "Column 'wave' of type complex128 cannot be saved; change its type or leave it out of the "
        "table."
    )
    assert not list(path.parent.iterdir())


def change(path: Path, name: str, edit, *, signed: bool = False) -> None:
    """Rewrite one part of a file; `signed` writes fitting hashes too."""
    with zipfile.ZipFile(path) as file:
        parts = {own: file.read(own) for own in file.namelist()}
        comment = file.comment
    parts[name] = edit(parts[name])
    if signed:
        manifest = json.loads(parts["manifest.json"])
        if name != "manifest.json":
            described = {"bytes": len(parts[name])}
            described["sha256"] = hashlib.sha256(parts[name]).hexdigest()
            manifest["parts"][name] = described
        parts["manifest.json"] = json.dumps(manifest).encode()
        comment = hashlib.sha256(parts["manifest.json"]).hexdigest().encode()
    with zipfile.ZipFile(path, "w") as file:
        for own, part in parts.items():
            file.writestr(own, part)
        file.comment = comment


@pytest.mark.parametrize(
    "name", ["table.arrow", "table.json", "roles.json", "model.json", "fitted.skops"]
)
def test_a_part_that_was_changed_is_named(saved, name):
    change(saved, name, lambda part: part[:-3] + b"xyz")
    with pytest.raises(ModelFileError) as caught:
        ClusteringModel.load(saved)
    assert str(caught.value) == (
        f"'segments.mall' was changed since it was saved: its part '{name}' does not have the hash "
        "it was saved with."
    )


def test_a_changed_manifest_is_noticed(saved):
    change(
        saved, "manifest.json", lambda part: part.replace(b'"n_clusters": 4', b'"n_clusters": 5')
    )
    with pytest.raises(ModelFileError, match="is damaged, or was changed since it was saved"):
        ClusteringModel.load(saved)


def test_a_later_format_is_refused_as_such(saved):
    change(saved, "manifest.json", lambda own: own.replace(b'version": 1', b'version": 2', 1))
    with pytest.raises(ModelFileError) as caught:
        ClusteringModel.load(saved)
    assert str(caught.value) == (
        "'segments.mall' is of format 2, from a later version of this package; this one reads up "
        "to 1."
    )


def test_a_file_cut_short_anywhere_is_refused(saved):
    whole = saved.read_bytes()
    for length in [0, 1, 50, *range(100, len(whole), len(whole) // 20), len(whole) - 1]:
        saved.write_bytes(whole[:length])
        with pytest.raises(ModelFileError, match=r"segments\.mall.*\.$"):
            ClusteringModel.load(saved)


def test_a_file_with_any_byte_changed_is_refused_or_loads_the_same(saved, customers):
    whole = saved.read_bytes()
    wanted = ClusteringModel(customers, n_clusters=4).result.labels.tolist()
    generator = np.random.default_rng(0)
    for place in generator.integers(len(whole), size=60):
        broken = bytearray(whole)
        broken[place] ^= 0xFF
        saved.write_bytes(broken)
        try:
            labels = model_file.load_model(saved).labels.tolist()
        except ModelFileError as error:
            assert str(error).endswith(".")
        else:  # a byte of a date, say, that nothing is read from
            assert labels == wanted


@pytest.mark.parametrize("content", [b"", b"Age,Income\n1,2\n", b"PK\x03\x04", b"\x80\x04K\x01."])
def test_another_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(ModelFileError, match="^'segments.mall' is not the file of a model"):
        ClusteringModel.load(path)


def test_another_zip_is_refused(path):
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("a.txt", "x")
    with pytest.raises(ModelFileError, match="is not the file of a model"):
        ClusteringModel.load(path)


class Bomb:
    def __reduce__(self):
        return (os.mkdir, ("/tmp/must-not-be-made",))


def test_no_object_of_another_type_is_read(saved):
    strange = skops.io.dumps({"labels": Bomb(), "base_labels": None, "assigner": None})
    change(saved, "fitted.skops", lambda part: strange, signed=True)
    with pytest.raises(ModelFileError, match="holds objects of types that are not read"):
        ClusteringModel.load(saved)
    assert not Path("/tmp/must-not-be-made").exists()


def test_a_file_that_would_unfold_too_far_is_not_unfolded(saved, monkeypatch):
    zeros = io.BytesIO()
    with zipfile.ZipFile(zeros, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("schema.json", bytes(20_000_000))
    change(saved, "fitted.skops", lambda part: zeros.getvalue(), signed=True)
    monkeypatch.setattr(model_file, "MOST_BYTES", 10_000_000)
    with pytest.raises(ModelFileError, match="holds more than 10,000,000 bytes, the most that is"):
        ClusteringModel.load(saved)
    change(saved, "table.json", lambda part: bytes(20_000_000), signed=True)
    monkeypatch.setattr(container, "MOST_BYTES", 10_000_000)
    with pytest.raises(ModelFileError, match="holds more than 10,000,000 bytes, the most that is"):
        ClusteringModel.load(saved)


def test_a_model_too_large_to_be_read_back_is_not_saved(path, customers, monkeypatch):
    monkeypatch.setattr(container, "MOST_BYTES", 1_000)
    with pytest.raises(ModelFileError, match="and at most 1,000 can be read back"):
        ClusteringModel(customers).save(path)


def edited(**changes):
    return lambda part: json.dumps(json.loads(part) | changes).encode()


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("model.json", lambda part: b"[]"),
        ("model.json", lambda part: b"{"),
        ("model.json", edited(settings={"algorithm": "kmean"})),
        ("model.json", edited(settings={"features": ["Nothing"]})),
        ("model.json", edited(segments=[[0]])),
        ("model.json", edited(asked={"runner": 1})),
        ("model.json", edited(receipt={})),
        ("model.json", edited(warnings=[1])),
        ("model.json", edited(warnings=[math.nan])),
        ("model.json", edited(warnings=["\ud800"])),
        ("model.json", lambda part: b"[" * 100_000),
        ("roles.json", edited(report={"columns": 0})),
        ("table.json", edited(rows=10**30)),
        ("model.json", edited(asked={"n_clusters": 10**9})),
        ("roles.json", lambda part: b"{}"),
        ("table.json", lambda part: b"null"),
        ("table.arrow", lambda part: b"nothing"),
        ("table.arrow", lambda part: beyond_its_text(part)),
        ("fitted.skops", lambda part: b"nothing"),
        ("fitted.skops", lambda part: skops.io.dumps({})),
        (
            "fitted.skops",
            lambda part: skops.io.dumps(skops.io.loads(part) | {"labels": np.array([0, 1])}),
        ),
        (
            "fitted.skops",
            lambda part: skops.io.dumps(skops.io.loads(part) | {"assigner": {"kind": "None"}}),
        ),
    ],
)
def test_parts_that_do_not_fit_together_are_refused(saved, name, edit):
    change(saved, name, edit, signed=True)
    with pytest.raises(ModelFileError, match=r"^'segments.mall' .*\.$"):
        ClusteringModel.load(saved)


def beyond_its_text(part: bytes) -> bytes:
    """Write Arrow whose texts lie past the end of what there is, which ends a process at once."""
    with pa.ipc.open_stream(part) as reader:
        table = reader.read_all()
    [place] = [n for n, own in enumerate(table.schema) if pa.types.is_large_string(own.type)]
    offsets = np.arange(len(table) + 1, dtype="<i8") * 2**40
    offsets[-1] = 4  # all that is looked at unless one asks for more
    buffers = [None, pa.py_buffer(offsets), pa.py_buffer(b"Male")]
    texts = pa.Array.from_buffers(pa.large_string(), len(table), buffers)
    table = table.set_column(place, table.schema.field(place), texts)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"rows": "many"}, "does not say what its rows is."),
        ({"versions": "1"}, "does not say what its versions is."),
        ({"name": ["x"]}, "does not say what its name is."),
        ({"algorithm": "kmeens"}, "was made by 'kmeens', which is no algorithm of this version."),
        ({"parts": {"model.json": "x"}}, "is damaged, or was changed since it was saved."),
        ({"saved": math.nan}, "is damaged, or was changed since it was saved."),
        ({"name": "\ud800"}, "is damaged, or was changed since it was saved."),
    ],
)
def test_a_manifest_that_says_what_cannot_be_is_refused(saved, changes, sentence):
    change(saved, "manifest.json", edited(**changes), signed=True)
    for read in (model_file.load_model, model_file.about_model):
        with pytest.raises(ModelFileError) as caught:
            read(saved)
        assert str(caught.value) == f"'segments.mall' {sentence}"


def test_other_customers_than_those_of_the_model_are_refused(saved, customers):
    other = pack_table(Table.from_frame(customers.assign(Age=1.0)))
    change(saved, "table.arrow", lambda part: other["table.arrow"], signed=True)
    with pytest.raises(ModelFileError, match="holds other customers than the model was made with"):
        ClusteringModel.load(saved)


def test_other_versions_are_told_and_nothing_is_fitted(saved, monkeypatch):
    here = archive.versions()
    monkeypatch.setattr(archive, "versions", lambda: here | {"scikit-learn": "9.9.9"})
    again = ClusteringModel.load(saved)
    assert again.result.warnings[-1] == (
        f"This model was saved with scikit-learn {here['scikit-learn']} (here 9.9.9); its segments "
        "are as they were saved, a new fit may differ."
    )
    monkeypatch.setattr(model_file, "versions", archive.versions)
    again.save(saved)
    monkeypatch.setattr(archive, "versions", lambda: here)
    told = [own for own in ClusteringModel.load(saved).result.warnings if "was saved with" in own]
    assert len(told) == 1
    assert "scikit-learn 9.9.9" in told[0]


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: None], ids=["folder", "missing"])
def test_what_cannot_be_read_says_why(path, make):
    make(path)
    with pytest.raises(ModelFileError, match=r" cannot be read: [a-z ]+\.$"):
        ClusteringModel.load(path)


def test_what_cannot_be_written_says_why(tmp_path, customers):
    model = ClusteringModel(customers)
    for place in (tmp_path, tmp_path / "no" / "such" / "folder"):
        with pytest.raises(ModelFileError, match=r"cannot be written: [a-z ]+\.$"):
            model.save(place)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_old_file(saved, customers, monkeypatch, call):
    before = saved.read_bytes()

    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(container.os, call, full)
    with pytest.raises(ModelFileError, match="cannot be written: no space left on device"):
        ClusteringModel(customers, n_clusters=2).save(saved)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
