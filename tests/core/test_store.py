"""A folder of models: bounded, shared by processes, and whole whatever happens to a file."""

from __future__ import annotations

import errno
import os
import threading
import time

import pytest

from mall_app import ClusteringModel
from mall_app.errors import ModelNotFound, StoreError, StoreFull
from mall_app.keeping import container
from mall_app.keeping.serving import describe_kept, predict_kept
from mall_app.keeping.store import ModelStore, model_store


@pytest.fixture(scope="module")
def model():
    return ClusteringModel(n_clusters=3)


@pytest.fixture
def kept(tmp_path) -> ModelStore:
    return ModelStore(tmp_path / "deep" / "models", most_models=4)


def hidden(kept: ModelStore) -> list[str]:
    return [own.name for own in kept.folder.iterdir() if own.name not in (".lock",)]


def test_a_model_is_kept_found_used_and_deleted(kept, model):
    own = kept.put(model.save)
    assert kept.get(own).labels.tolist() == model.result.labels.tolist()
    entry = kept.entry(own)
    assert (entry.about["algorithm"], entry.about["n_clusters"]) == ("kmeans", 3)
    assert entry.n_bytes == kept.path(own).stat().st_size
    kept.delete(own)
    assert kept.entries() == ()
    for call in (kept.get, kept.entry, kept.delete):
        with pytest.raises(ModelNotFound, match=f"There is no model '{own}'."):
            call(own)


def test_the_list_has_the_newest_first(kept, model):
    ids = [kept.put(model.save) for _ in range(3)]
    assert [entry.id for entry in kept.entries()] == ids[::-1]


def test_a_folder_that_is_not_there_holds_nothing(kept):
    assert kept.entries() == ()
    with pytest.raises(ModelNotFound):
        kept.get("0" * 24)
    assert not kept.folder.exists()


@pytest.mark.parametrize(
    "own", ["", "..", "../../etc/passwd", "0" * 23, "0" * 25, "G" * 24, "0" * 24 + "\n", "a/" * 12]
)
def test_what_has_not_the_form_of_an_id_names_no_file(kept, model, own):
    kept.put(model.save)
    for call in (kept.get, kept.entry, kept.delete, kept.path):
        with pytest.raises(ModelNotFound, match="There is no model "):
            call(own)


def test_there_is_room_for_so_many(kept, model):
    for _ in range(4):
        kept.put(model.save)
    with pytest.raises(StoreFull) as caught:
        kept.put(model.save)
    assert str(caught.value) == ("There is room for 4 models, and there are 4; delete one first.")
    kept.delete(kept.entries()[-1].id)
    assert kept.put(model.save)


def test_there_is_room_for_so_many_bytes(kept, model):
    size = kept.path(kept.put(model.save)).stat().st_size
    kept.most_bytes = size * 2 - 50
    with pytest.raises(StoreFull, match=r"and with this one there would be [\d,]+; delete one"):
        kept.put(model.save)
    assert len(hidden(kept)) == 1


def test_a_damaged_file_is_listed_as_such_and_harms_no_other(kept, model):
    good, bad = kept.put(model.save), kept.put(model.save)
    kept.path(bad).write_bytes(b"nothing")
    (kept.folder / "README.txt").write_text("not a model")
    blocked = f"{0:024x}"
    kept.path(blocked).mkdir()
    first, last, other = kept.entries()
    assert (other.id, other.fault) == (blocked, "The file cannot be read: is a directory.")
    with pytest.raises(StoreError, match=f"^Model {blocked} cannot be read: is a directory.$"):
        kept.get(blocked)
    kept.path(blocked).rmdir()
    assert (first.id, first.fault) == (good, None)
    assert (last.id, last.about) == (bad, None)
    assert "is not the file of a model" in last.fault
    with pytest.raises(StoreError, match=f"Model {bad} cannot be read: "):
        kept.get(bad)
    kept.delete(bad)
    assert [entry.id for entry in kept.entries()] == [good]


def test_a_full_disk_is_told_and_leaves_nothing(kept, model, monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(container.os, "fsync", full)
    with pytest.raises(StoreFull, match="The disk that models are kept on is full"):
        kept.put(model.save)
    assert hidden(kept) == []


def test_a_folder_that_cannot_be_used_is_told(tmp_path, model):
    (tmp_path / "file").write_text("in the way")
    blocked = ModelStore(tmp_path / "file" / "models")
    with pytest.raises(StoreError, match=r"The folder of models cannot be used: [a-z ]+\."):
        blocked.put(model.save)
    (tmp_path / "models").write_text("in the way")
    with pytest.raises(StoreError, match=r"The folder of models cannot be used: [a-z ]+\."):
        ModelStore(tmp_path / "models").entries()


def test_what_a_killed_process_left_is_swept_away(kept, model):
    kept.put(model.save)
    for name, age in ((".old.draft", 7200), (".new.draft", 10)):
        (kept.folder / name).write_bytes(b"half")
        os.utime(kept.folder / name, (time.time() - age,) * 2)
    kept.put(model.save)
    assert not (kept.folder / ".old.draft").exists()
    assert (kept.folder / ".new.draft").exists()


def test_writers_at_once_neither_lose_a_model_nor_exceed_the_room(tmp_path, model):
    kept = ModelStore(tmp_path, most_models=6)
    ids, refused = [], []

    def write():
        try:
            ids.append(kept.put(model.save))
        except StoreFull as error:
            refused.append(error)

    threads = [threading.Thread(target=write) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(ids), len(refused)) == (6, 6)
    assert {entry.id for entry in kept.entries()} == set(ids)
    assert all(entry.fault is None for entry in kept.entries())


def test_workers_predict_and_describe_by_id(kept, model):
    own = kept.put(model.save)
    frame = model.table.frame.head(9)
    assert predict_kept(kept.folder, own, frame).to_dict() == model.predict(frame).to_dict()
    answer = describe_kept(kept.folder, own)
    assert answer["labels"] == model.result.labels.tolist()
    kept.delete(own)
    for call in (
        lambda: predict_kept(kept.folder, own, frame),
        lambda: describe_kept(kept.folder, own),
    ):
        with pytest.raises(ModelNotFound):
            call()


def test_the_environment_says_where_and_how_much(tmp_path, monkeypatch):
    for name in ("DIR", "MAX", "MB"):
        monkeypatch.delenv(f"MALL_MODELS_{name}", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    default = model_store()
    assert default.folder == tmp_path / "mall-app" / "models"
    assert (default.most_models, default.most_bytes) == (100, 2**30)
    monkeypatch.setenv("MALL_MODELS_DIR", str(tmp_path / "here"))
    monkeypatch.setenv("MALL_MODELS_MAX", "7")
    monkeypatch.setenv("MALL_MODELS_MB", "2")
    own = model_store()
    assert (own.folder, own.most_models, own.most_bytes) == (tmp_path / "here", 7, 2**21)
    monkeypatch.setenv("MALL_MODELS_MAX", "0")
    with pytest.raises(ValueError, match="MALL_MODELS_MAX must be a whole number from 1 to"):
        model_store()
