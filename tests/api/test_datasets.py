"""Tables of the server, over HTTP: sent, listed, clustered and thrown away."""

from __future__ import annotations

import io
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet as pq
import pytest

from mall_app.data import library, load_customers
from mall_app.data.library import dataset_library

CSV = "Kunde;Größe;Preis\n007;1,5;10\n008;2,5;20\n009;;30\n010;9,5;41\n".encode("cp1252")
PARQUET = "application/vnd.apache.parquet"
FILE = "application/vnd.apache.arrow.file"
STREAM = "application/vnd.apache.arrow.stream"


def contents(frame):
    """One table in every format that is taken."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    parquet, file, stream = io.BytesIO(), io.BytesIO(), io.BytesIO()
    pq.write_table(table, parquet)
    pa.feather.write_feather(table, file)
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return {
        PARQUET: parquet.getvalue(),
        FILE: file.getvalue(),
        STREAM: stream.getvalue(),
        "text/csv": frame.to_csv(index=False).encode(),
    }


def send(client, content, media_type, **headers):
    return client.send("POST", "/datasets", content, {"content-type": media_type, **headers})


@pytest.fixture
def folder():
    """The folder of the operator; whatever a test leaves there is taken out again."""
    own = Path(os.environ["MALL_DATA_DIR"])
    before = set(own.iterdir())
    yield own
    for path in set(own.iterdir()) - before:
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def test_a_table_that_was_sent_is_described_clustered_and_thrown_away(client, assert_problem):
    sent = send(client, CSV, "text/csv", content_disposition='attachment; filename="kunden.csv"')
    assert sent.status == 201
    own = sent.json()
    assert own["name"] == "kunden.csv" and own["origin"] == "upload" and own["n_rows"] == 4
    assert own["columns"] == [
        {"name": "Kunde", "role": "other", "missing": 0},
        {"name": "Größe", "role": "numeric", "missing": 1},
        {"name": "Preis", "role": "numeric", "missing": 0},
    ]
    assert own["data_report"]["encoding"] == "latin-1" and own["data_report"]["decimal"] == ","
    assert sent.headers["location"] == f"/datasets/{own['id']}"
    assert client.get(sent.headers["location"]).json() == own
    listed = client.get("/datasets").json()["datasets"]
    assert own["id"] in [each["id"] for each in listed]
    body = {"dataset": own["id"], "n_clusters": 2}
    assert client.post("/cluster", body).json()["labels"] == [0, 0, None, 1]
    assert client.send("DELETE", sent.headers["location"]).status == 204
    for path in (sent.headers["location"], f"/datasets/{'0' * 24}"):
        assert_problem(client.get(path), 404, "There is no dataset")
        assert_problem(client.send("DELETE", path), 404, "There is no dataset")
    assert_problem(client.post("/cluster", body), 404, own["id"], at="#/dataset")


@pytest.mark.parametrize("media_type", [PARQUET, FILE, STREAM, "text/csv"])
def test_every_format_comes_to_the_same_segments(client, media_type):
    own = send(client, contents(load_customers())[media_type], media_type).json()
    assert own["data_report"]["rows_read"] == 200
    body = {"n_clusters": 5, "features": ["Annual Income (k$)", "Spending Score (1-100)"]}
    expected = client.post("/cluster", body).json()
    found = client.post("/cluster", {**body, "dataset": own["id"]}).json()
    assert found["labels"] == expected["labels"]
    assert found["receipt"]["data"]["sha256"] == expected["receipt"]["data"]["sha256"]


def test_rows_as_json_are_kept_under_a_name(client):
    records = [{"Age": 20, "VIP": True}, {"Age": 30, "VIP": None}, {"Age": 41.5, "VIP": False}]
    own = client.post("/datasets", {"records": records, "name": "Regulars"}).json()
    assert own["name"] == "Regulars" and own["data_report"]["format"] == "records"
    assert [each["role"] for each in own["columns"]] == ["numeric", "categorical"]
    ways = [{"dataset": own["id"]}, {"records": records}]
    both = [client.post("/cluster", {**way, "n_clusters": 2}).json() for way in ways]
    assert both[0]["labels"] == both[1]["labels"]


def test_evidence_comparison_and_models_find_the_table(client):
    own = send(client, contents(load_customers())["text/csv"], "text/csv").json()
    named = {"dataset": own["id"], "n_clusters": 3}
    studies = {"k_min": 2, "k_max": 3, "n_bootstraps": 2, "dataset": own["id"]}
    assert client.post("/evidence", studies).status == 200
    both = {"dataset": own["id"], "algorithms": ["kmeans", "birch"], "n_bootstraps": 2}
    assert client.post("/compare", both).status == 200
    model = client.post("/models", named)
    assert model.status == 201
    client.send("DELETE", f"/datasets/{own['id']}")
    placed = client.post(f"{model.headers['location']}/predict", {"dataset": "mall"})
    assert placed.json()["labels"] == model.json()["labels"]


def test_what_is_no_table_is_refused_and_nothing_stays(client, assert_problem):
    before = client.get("/datasets").json()
    whole = contents(load_customers())[PARQUET]
    assert_problem(send(client, b"", "text/csv"), 422, "empty")
    assert_problem(send(client, b"a,b\nx,y\nz,w\n", "text/csv"), 422, "no numeric column")
    assert_problem(
        send(client, whole[:-9], PARQUET), 422, "starts as a Parquet file but is damaged"
    )
    assert_problem(send(client, whole, "text/csv"), 422, "declared as CSV, but its content is Pa")
    assert_problem(send(client, whole, "text/plain"), 415, "text/plain")
    assert_problem(send(client, whole, PARQUET, content_encoding="gzip"), 415, "gzip")
    assert_problem(client.post("/datasets", b"{"), 400, "not JSON")
    assert_problem(client.post("/datasets", {"records": [{"a": 1}], "x": 1}), 422, at="#/x")
    assert_problem(client.post("/datasets", {"records": [{"a": "b"}] * 2}), 422, at="#/records")
    assert_problem(send(client, b"n\n" * 2_500_000, "text/csv"), 413)
    assert client.get("/datasets").json() == before
    assert not list(dataset_library().uploads.folder.glob(".*.draft"))


def test_a_small_body_that_unpacks_into_an_enormous_table_is_refused(client, assert_problem):
    table = pa.table({name: np.zeros(30_000_000, np.int8) for name in "abcdefgh"})
    packed = io.BytesIO()
    pq.write_table(table, packed, compression="zstd")
    assert len(packed.getvalue()) < 1_000_000
    assert_problem(send(client, packed.getvalue(), PARQUET), 422, "240,000,000 values")


@pytest.mark.parametrize("form", [FILE, STREAM])
def test_arrow_that_unpacks_into_an_enormous_table_is_refused(client, assert_problem, form):
    table, packed = pa.table({name: pa.nulls(10_000_001) for name in "abcdefghijklmnopqrst"}), {}
    for media_type, new in ((FILE, pa.ipc.new_file), (STREAM, pa.ipc.new_stream)):
        sink = io.BytesIO()
        with new(sink, table.schema) as writer:
            writer.write_table(table)
        packed[media_type] = sink.getvalue()
    assert len(packed[form]) < 10_000
    assert_problem(send(client, packed[form], form), 422, "200,000,020 values")


def test_text_in_codes_that_unpacks_into_terabytes_is_refused_in_a_sentence(client, assert_problem):
    codes = pa.array(np.zeros(500_000, np.int32))
    text = pa.DictionaryArray.from_arrays(codes, pa.array(["x" * 3_000_000]))
    sink, table = io.BytesIO(), pa.table({"text": text, "n": np.arange(500_000) % 7})
    packing = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(sink, table.schema, options=packing) as writer:
        writer.write_table(table)
    assert_problem(send(client, sink.getvalue(), STREAM), 422, "columns cannot be converted")


@pytest.mark.parametrize("form", [PARQUET, FILE, STREAM, "text/csv"])
def test_too_many_columns_are_refused_in_every_format(client, assert_problem, form):
    wide = pd.DataFrame({f"n{own}": [1.0, 2.0] for own in range(2_001)})
    assert_problem(send(client, contents(wide)[form], form), 422, "2,001 columns; at most 2,000")


def test_what_disappears_while_it_is_looked_at_is_not_there(client, monkeypatch, assert_problem):
    ids = [send(client, CSV, "text/csv").json()["id"] for _ in range(2)]
    in_time = library.about_upload

    def too_late(path):
        path.unlink(missing_ok=True)
        return in_time(path)

    monkeypatch.setattr("mall_app.data.library.about_upload", too_late)
    assert_problem(client.get(f"/datasets/{ids[0]}"), 404, "There is no dataset")
    listed = client.get("/datasets").json()["datasets"]
    assert not set(ids) & {each["id"] for each in listed}


def test_a_damaged_upload_is_listed_with_what_is_wrong(client):
    own = send(client, CSV, "text/csv").json()["id"]
    path = dataset_library().uploads.path(own)
    content = bytearray(path.read_bytes())
    content[-400:-8] = bytes(392)
    path.write_bytes(content)
    listed = {each["id"]: each for each in client.get("/datasets").json()["datasets"]}
    assert listed[own]["fault"] == "The file is damaged."
    assert client.send("DELETE", f"/datasets/{own}").status == 204


def test_a_file_written_to_while_it_is_read_is_not_taken(client, folder, monkeypatch):
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    in_peace = library.open_table

    def disturbed(path, **bounds):
        table = in_peace(path, **bounds)
        path.write_text("n\n1\n2\n9\n10\n")
        return table

    monkeypatch.setattr("mall_app.data.library.open_table", disturbed)
    answer = client.post("/cluster", {"dataset": "shop.csv", "n_clusters": 2})
    assert answer.status == 422 and "written to while it was read" in answer.json()["detail"]
    monkeypatch.undo()
    answer = client.post("/cluster", {"dataset": "shop.csv", "n_clusters": 2})
    assert answer.json()["labels"] == [0, 0, 1, 1]


def test_a_pipe_in_the_folder_is_no_table(client, folder, assert_problem):
    os.mkfifo(folder / "pipe.csv")
    assert_problem(client.post("/cluster", {"dataset": "pipe.csv"}), 404, at="#/dataset")


def test_files_of_the_operator_are_tables_and_stay(client, folder, assert_problem):
    (folder / "shop.csv").write_bytes(CSV)
    pq.write_table(pa.table({"n": [1.0, 2, 9]}), folder / "year=2026 (a).parquet")
    (folder / "many").mkdir()
    for part in range(3):
        pq.write_table(pa.table({"n": [1.0, 2, 9]}), folder / "many" / f"{part}.parquet")
    (folder / "_hidden.csv").write_bytes(CSV)
    (folder / "mall").write_bytes(CSV)
    (folder / "gone.csv").symlink_to(folder / "nothing")
    listed = {own["id"]: own for own in client.get("/datasets").json()["datasets"]}
    assert {"mall", "shop.csv", "year=2026 (a).parquet", "many"} <= set(listed)
    assert not {"_hidden.csv", ".uploads", "gone.csv"} & set(listed)
    assert listed["mall"]["origin"] == "built-in" and listed["shop.csv"]["origin"] == "folder"
    assert client.get("/datasets/shop.csv").json()["n_rows"] == 4
    assert client.get("/datasets/year=2026%20(a).parquet").json()["n_rows"] == 3
    assert client.get("/datasets/many").json()["data_report"]["notes"] == ["Read from 3 files."]
    for name in ("mall", "shop.csv"):
        assert_problem(client.send("DELETE", f"/datasets/{name}"), 403, "belongs to the server")
    assert_problem(client.post("/cluster", {"dataset": "shop"}), 404, "did you mean 'shop.csv'?")


def test_a_file_that_changes_is_read_again(client, folder):
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    body = {"dataset": "shop.csv", "n_clusters": 2}
    assert client.post("/cluster", body).json()["labels"] == [0, 0, 1]
    (folder / "shop.csv").write_text("n\n1\n8\n9\n9\n")
    assert client.post("/cluster", body).json()["labels"] == [1, 0, 0, 0]


def test_a_damaged_file_of_the_operator_is_told_without_its_place(client, folder, assert_problem):
    (folder / "half.parquet").write_bytes(contents(load_customers())[PARQUET][:500])
    (folder / "empty").mkdir()
    for name in ("half.parquet", "empty"):
        for answer in (client.get(f"/datasets/{name}"), client.post("/cluster", {"dataset": name})):
            problem = assert_problem(answer, 422)
            assert str(folder) not in problem["detail"] and name in problem["detail"]


@pytest.mark.parametrize("name", ["..", ".uploads", "a/../b", "%2e%2e", "/etc/passwd", "x" * 200])
def test_a_name_is_no_path(client, folder, assert_problem, name):
    (folder.parent / "b").write_bytes(CSV)
    assert_problem(client.post("/cluster", {"dataset": name}), 404, at="#/dataset")


def test_more_than_there_is_room_for_is_refused(client, assert_problem, monkeypatch):
    n_kept = len(dataset_library().uploads.ids())
    monkeypatch.setenv("MALL_DATASETS_MAX", str(n_kept + 1))
    own = send(client, CSV, "text/csv").json()
    assert_problem(send(client, CSV, "text/csv"), 507, "There is room for")
    client.send("DELETE", f"/datasets/{own['id']}")
    assert send(client, CSV, "text/csv").status == 201


def test_a_full_disk_leaves_nothing_behind(client, assert_problem, monkeypatch):
    before = client.get("/datasets").json()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("mall_app.data.shelf.os.rename", full)
    assert_problem(send(client, CSV, "text/csv"), 507, "disk that datasets are kept on is full")
    monkeypatch.undo()
    assert client.get("/datasets").json() == before
    assert not list(dataset_library().uploads.folder.glob(".*.draft"))


def test_a_table_beyond_the_bound_stays_in_its_files(folder):
    frame = pd.DataFrame({"n": np.arange(5_000.0), "x": 1.5})
    frame.to_parquet(folder / "large.parquet")
    own = library.DatasetLibrary(folder, held_rows=1_000)
    assert own.table("large.parquet").whole is not None
    assert own.describe("large.parquet")["n_rows"] == 5_000
    assert own.table("large.parquet") is own.table("large.parquet")


def test_two_who_ask_at_once_share_what_was_read(folder):
    (folder / "shop.csv").write_text("n\n1\n2\n9\n")
    own = library.DatasetLibrary(folder)
    with ThreadPoolExecutor(4) as threads:
        tables = list(threads.map(lambda _: own.table("shop.csv"), range(8)))
    assert len(set(map(id, tables))) == 1
