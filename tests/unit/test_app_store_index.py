"""The index: exact, in step with the rows, and never trusted when its file is not what was written."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from app.clients import Clients
from app.settings import Settings
from app.store.cipher import Tampered
from app.store.clock import read_clock
from app.store.clusters import hard_queries
from app.store.database import open_database
from app.store.flat import LARGEST_SEGMENT, FlatIndex, _by_cluster
from app.store.index_file import IndexFile
from app.store.migrate import upgrade
from app.store.opening import index_path, open_gallery
from models.types import FaceTemplate, Recogniser, SimilarityCalibration
from pipelines.errors import Busy
from pipelines.search_faces import NewFace, Place

DIMENSION, ROWS = 24, 40
OURS = Recogniser("ours", SimilarityCalibration(((-1.0, -1.0), (1.0, 1.0))))
THEIRS = Recogniser("theirs", OURS.calibration)
PLACE = Place(1)
HEAD = len(b"ekyc index 1\n") + 8


def unit(count: int, dimension: int, seed: int = 0) -> np.ndarray:
    rows = np.random.default_rng(seed).standard_normal((count, dimension)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


# The index itself -------------------------------------------------------------------------------------------------


def test_results_equal_brute_force_through_growth_deletion_and_packing() -> None:
    index, rng = FlatIndex(threads=2), np.random.default_rng(7)
    vectors = unit(6_000, DIMENSION)
    kept: dict[int, np.ndarray] = {}
    for start in range(0, len(vectors), 500):
        kept |= {one: vectors[one] for one in range(start, start + 500)}
        index.put(3, np.arange(start, start + 500), vectors[start : start + 500])
        gone = rng.choice(list(kept), 200, replace=False)
        index.remove(3, gone)
        for one in gone:
            del kept[int(one)]
    assert index.size(3) == len(kept) == len(index)
    assert index.sizes() == {3: (len(kept), sum(kept))}
    ids, rows = np.array(list(kept)), np.array(list(kept.values()))
    for query in unit(20, DIMENSION, seed=9):
        exact = ids[np.argsort(-(rows @ query))][:10]
        found = index.nearest(3, query, 10)
        assert [one for one, _ in found] == exact.tolist()
        assert found[0][1] == pytest.approx(float((rows @ query).max()), abs=1e-3)
    assert len(index.nearest(3, vectors[0], 10_000)) == len(kept)
    assert index.nearest(4, vectors[0], 10) == []
    index.close()


def test_above_the_exact_limit_the_recall_is_measured_and_new_rows_are_always_found() -> None:
    index, people = FlatIndex(), unit(60, DIMENSION, seed=3)
    noise = unit(4_000, DIMENSION, seed=4)
    vectors = (
        people[np.arange(4_000) % 60] + 0.5 * noise
    )  # faces crowd together, random directions do not
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    index.put(1, np.arange(4_000), vectors)
    clusters = index.cluster(1)
    assert clusters.recall >= 0.99
    assert clusters.probes <= len(clusters.centres) <= 64
    queries = hard_queries(vectors[:300])
    exact = np.argmax(queries @ vectors.T, axis=1)
    found = [index.nearest(1, query, 1)[0][0] for query in queries]
    assert np.mean(found == exact) >= 0.97
    assert index.sizes() == {1: (4_000, sum(range(4_000)))}
    for number, vector in enumerate(unit(50, DIMENSION, seed=5)):
        index.put(1, np.array([5_000 + number]), vector[None])
        assert index.nearest(1, vector, 1)[0][0] == 5_000 + number
    index.remove(1, np.arange(0, 100))
    assert all(index.nearest(1, vector, 1)[0][0] >= 100 for vector in vectors[:100])


def test_an_installation_above_its_limit_says_so(
    copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    small = copy.settings.model_copy(update={"exact_limit": ROWS - 1})
    told = _right_hits(Installation(small, copy.engine, copy.vectors), caplog)
    assert "search is approximate above the exact limit" in told


def test_a_row_put_again_is_replaced() -> None:
    index, (old, new) = FlatIndex(), unit(2, DIMENSION)
    index.put(1, np.array([5]), old[None])
    index.put(1, np.array([5]), new[None])
    ((face, cosine),) = index.nearest(1, new, 3)
    assert (face, round(cosine, 2)) == (5, 1.0)
    index.remove(1, np.array([5, 77]))
    assert index.nearest(1, new, 3) == []


def test_memory_stays_near_the_codes() -> None:
    index, vectors = FlatIndex(), unit(2 * LARGEST_SEGMENT + 5, 128)
    for start in range(0, len(vectors), 1_000):
        rows = vectors[start : start + 1_000]
        index.put(1, np.arange(start, start + len(rows)), rows)
    assert index.bytes <= 1.3 * len(vectors) * 128 * 2


def test_many_small_collections_take_little_memory() -> None:
    index, vectors = FlatIndex(), unit(300, 128)
    for number, vector in enumerate(vectors):
        index.put(number, np.array([number]), vector[None])
    assert index.bytes <= 5 * len(vectors) * 128 * 2


def test_no_new_row_is_hidden_in_a_cluster_without_rows() -> None:
    index, rows = FlatIndex(), unit(50, DIMENSION)
    index.put(1, np.arange(50), rows + 9)
    far = np.full(DIMENSION, -9, np.float32)
    clusters = _by_cluster(index._partitions[1].segments, np.stack([-far, far]))
    assert [segment.room for segment in clusters] == [0, 0]


# Its file ---------------------------------------------------------------------------------------------------------


@dataclass
class Installation:
    settings: Settings
    engine: Engine
    vectors: np.ndarray

    @property
    def file(self) -> Path:
        return index_path(self.settings)

    def start_and_stop(self) -> None:
        open_gallery(self.settings, self.engine, OURS).close()


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A database with faces, stopped in good order."""
    folder = tmp_path_factory.mktemp("saved")
    return _installation(folder, seed=1)


def _installation(folder: Path, seed: int) -> Installation:
    settings = Settings(database_url=f"sqlite:///{folder}/ekyc.sqlite3")
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    made = Installation(settings, engine, unit(ROWS, DIMENSION, seed))
    gallery = open_gallery(settings, engine, OURS)
    for vector in made.vectors:
        gallery.add(PLACE, NewFace(FaceTemplate(vector, OURS.id)))
    gallery.close()
    return made


@pytest.fixture
def copy(saved: Installation, tmp_path: Path) -> Iterator[Installation]:
    """The same, to be damaged."""
    folder = Path(str(saved.engine.url.database)).parent
    with saved.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shutil.copytree(folder, tmp_path / "copy")
    settings = Settings(database_url=f"sqlite:///{tmp_path}/copy/ekyc.sqlite3")
    engine = open_database(settings.database_url)
    yield Installation(settings, engine, saved.vectors)
    engine.dispose()


def _right_hits(it: Installation, caplog: pytest.LogCaptureFixture) -> str:
    """Every face is found as itself; how the index came to be."""
    caplog.clear()
    with caplog.at_level(logging.INFO, "ekyc.gallery"):
        gallery = open_gallery(it.settings, it.engine, OURS)
    for vector in it.vectors[::8]:
        (hit,) = gallery.nearest(PLACE, FaceTemplate(vector, OURS.id), 1)
        assert hit.cosine == pytest.approx(1.0, abs=1e-6)
    gallery.close()
    return " ".join(caplog.messages)


def test_a_sound_file_is_used(copy: Installation, caplog: pytest.LogCaptureFixture) -> None:
    assert _right_hits(copy, caplog) == "index read from its file"
    assert copy.file.stat().st_mode & 0o077 == 0


def test_what_changed_after_the_file_was_written_is_replayed(
    copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    before = copy.file.read_bytes()
    gallery = open_gallery(copy.settings, copy.engine, OURS)
    (new,) = unit(1, DIMENSION, seed=50)
    added = gallery.add(PLACE, NewFace(FaceTemplate(new, OURS.id)))
    first = gallery.faces(PLACE, limit=1)[0]
    gallery.delete(PLACE, [first.id])
    gallery.close()
    copy.file.write_bytes(before)
    caplog.clear()
    with caplog.at_level(logging.INFO, "ekyc.gallery"):
        again = open_gallery(copy.settings, copy.engine, OURS)
    assert caplog.messages == ["index read from its file"]
    assert again.nearest(PLACE, FaceTemplate(new, OURS.id), 1)[0].face == added
    found = again.nearest(PLACE, FaceTemplate(copy.vectors[0], OURS.id), ROWS)
    assert first.id not in {hit.face.id for hit in found}
    again.close()


def test_who_was_erased_beside_an_idle_service_is_not_in_the_file_it_leaves(
    copy: Installation,
) -> None:
    gallery = open_gallery(copy.settings, copy.engine, OURS)
    command = open_gallery(copy.settings, copy.engine, OURS)
    gone = command.faces(PLACE, limit=1)[0].id
    command.delete(PLACE, [gone])
    gallery.close()
    file, left = IndexFile(copy.file, command._cipher, OURS.id), FlatIndex()
    with copy.engine.connect() as connection:
        file.load(left, read_clock(connection))
    assert gone not in {face for _, ids, _ in left.rows() for face in ids.tolist()}
    command.close()


def test_an_index_that_cannot_follow_at_the_end_leaves_its_file_as_it_was(
    copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    gallery = open_gallery(copy.settings, copy.engine, OURS)
    gallery.add(PLACE, NewFace(FaceTemplate(copy.vectors[0], OURS.id)))  # not in the file yet
    command = open_gallery(copy.settings, copy.engine, OURS)
    altered = command.add(PLACE, NewFace(FaceTemplate(copy.vectors[1], OURS.id)))
    with copy.engine.begin() as connection:
        zeros = text("UPDATE faces SET template = zeroblob(length(template)) WHERE id = :id")
        connection.execute(zeros, {"id": altered.id})
    before = copy.file.read_bytes()
    gallery.close()
    assert copy.file.read_bytes() == before
    assert "the index could not follow: its file is left as it was" in caplog.messages


Damage = Callable[[bytes], bytes | None]


def _flip(at: float) -> Damage:
    """One bit, at this fraction of the file."""

    def damaged(data: bytes) -> bytes:
        place = min(int(at * len(data)), len(data) - 1)
        return data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :]

    return damaged


def _resummed(data: bytes) -> bytes:
    """As somebody who wants it to look sound would leave it."""
    return data[:-32] + hashlib.sha256(data[:-32]).digest()


def _header(**changed: object) -> Damage:
    def damaged(data: bytes) -> bytes:
        (length,) = struct.unpack_from("<Q", data, HEAD - 8)
        header = json.loads(data[HEAD : HEAD + length]) | changed
        text = json.dumps(header).encode()
        rest = data[HEAD + length :]
        return _resummed(data[: HEAD - 8] + struct.pack("<Q", len(text)) + text + rest)

    return damaged


def _without_first_part(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<Q", data, HEAD - 8)
    start = HEAD + length
    (part,) = struct.unpack_from("<Q", data, start)
    return _resummed(data[:start] + data[start + 8 + part :])


def _first_part_twice(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<Q", data, HEAD - 8)
    start = HEAD + length
    (part,) = struct.unpack_from("<Q", data, start)
    end = start + 8 + part
    return _resummed(data[:end] + data[start:end] + data[end:])


def _part_altered(data: bytes) -> bytes:
    (length,) = struct.unpack_from("<Q", data, HEAD - 8)
    place = HEAD + length + 8 + 40
    return _resummed(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


DAMAGES: dict[str, Damage] = {
    "deleted": lambda _: None,
    "empty": lambda _: b"",
    "one byte": lambda data: data[:1],
    "half": lambda data: data[: len(data) // 2],
    "last byte missing": lambda data: data[:-1],
    "checksum missing": lambda data: data[:-32],
    "checksum alone": lambda data: data[-32:],
    "byte added": lambda data: data + b"\0",
    "other magic": lambda data: b"x" + data[1:],
    "bit of the header": _flip(0.02),
    "bit in the middle": _flip(0.5),
    "bit of the checksum": _flip(1.0),
    "zeros in the middle": lambda data: data[:900] + bytes(300) + data[1200:],
    "all zeros": lambda data: bytes(len(data)),
    "noise": lambda data: np.random.default_rng(0).bytes(len(data)),
    "another file": lambda _: b"SQLite format 3\0" * 100,
    "huge length": lambda data: data[: HEAD - 8] + b"\xff" * 8 + data[HEAD:],
    "other recogniser": _header(recogniser="theirs"),
    "other database": _header(lineage="0" * 32),
    "from the future": _header(version=10**9),
    "older than it is": _header(version=0),
    "other dimension": _header(dimension=DIMENSION // 2),
    "other key": _header(key_id="k2"),
    "header is a list": lambda data: _resummed(
        data[: HEAD - 8] + struct.pack("<Q", 2) + b"[]" + data[-32:]
    ),
    "first part gone": _without_first_part,
    "first part twice": _first_part_twice,
    "part altered, checksum made to fit": _part_altered,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_a_damaged_file_is_noticed_and_made_anew(
    damage: Damage, copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    damaged = damage(copy.file.read_bytes())
    if damaged is None:
        copy.file.unlink()
    else:
        copy.file.write_bytes(damaged)
    assert _right_hits(copy, caplog) == "index file not used index built from rows"
    assert _right_hits(copy, caplog) == "index read from its file"


def test_the_file_of_another_installation_is_noticed(
    copy: Installation, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = _installation(tmp_path / "other", seed=2)
    copy.file.write_bytes(other.file.read_bytes())
    other.engine.dispose()
    assert "index built from rows" in _right_hits(copy, caplog)


def test_a_file_that_cannot_be_written_stops_nothing(
    copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    settings = copy.settings.model_copy(update={"index_file": Path("/proc/no/such.index")})
    unwritable = Installation(settings, copy.engine, copy.vectors)
    assert "index built from rows" in _right_hits(unwritable, caplog)


def test_a_row_that_does_not_open_costs_no_memory_and_is_looked_at_again_when_something_changes(
    copy: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    """The file is sound, and one row that is newer than it was altered."""
    before = copy.file.read_bytes()
    gallery = open_gallery(copy.settings, copy.engine, OURS)
    first = gallery.faces(PLACE, limit=1)[0]
    altered = gallery.add(PLACE, NewFace(FaceTemplate(copy.vectors[0], OURS.id)))
    gallery.close()
    copy.file.write_bytes(before)
    with copy.engine.begin() as connection:
        zeros = text("UPDATE faces SET template = zeroblob(length(template)) WHERE id = :id")
        connection.execute(zeros, {"id": altered.id})
    again = open_gallery(copy.settings, copy.engine, OURS)
    index = again._projection._index  # type: ignore[attr-defined]
    loads = []
    again._projection._file.load = lambda *given: loads.append(given)  # type: ignore[attr-defined]
    for _ in range(3):
        with pytest.raises(Tampered):
            again.nearest(PLACE, FaceTemplate(copy.vectors[1], OURS.id), 1)
    assert (loads, len(index)) == ([], 0)
    del again._projection._file.load  # type: ignore[attr-defined]
    again.delete(PLACE, [first.id])  # acknowledged, though the index cannot follow yet
    assert "the index could not follow" in caplog.messages
    again.delete(PLACE, [altered.id])
    (hit,) = again.nearest(PLACE, FaceTemplate(copy.vectors[1], OURS.id), 1)
    assert hit.cosine == pytest.approx(1.0, abs=1e-6)
    assert len(index) == ROWS - 1
    again.close()


def test_wrong_codes_in_memory_are_noticed_by_the_rows(
    copy: Installation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever put them there, no hit is answered that its row does not confirm."""
    gallery = open_gallery(copy.settings, copy.engine, OURS)
    index = gallery._projection._index  # type: ignore[attr-defined]
    codes = index._partitions[1].segments[0].codes
    codes[:ROWS] = codes[:ROWS][::-1].copy()
    for vector in copy.vectors[:3]:
        (hit,) = gallery.nearest(PLACE, FaceTemplate(vector, OURS.id), 1)
        assert hit.cosine == pytest.approx(1.0, abs=1e-6)
    assert "the index does not fit the rows: rebuilding it" in caplog.messages
    gallery.close()


def test_an_index_that_is_being_built_is_built_once_and_not_waited_for_without_end(
    copy: Installation, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests would take all threads and connections, and with them the answers to those that need no faces."""
    caplog.set_level("INFO", "ekyc")
    monkeypatch.setattr("app.store.projection.BUSY_SECONDS", 0.05)
    gallery, other = (open_gallery(copy.settings, copy.engine, OURS) for _ in range(2))
    projection = gallery._projection
    first, second, *_ = other.faces(PLACE, limit=2)
    caplog.clear()
    with projection._lock:  # type: ignore[attr-defined]  # as whoever builds holds it
        other.delete(PLACE, [first.id])
        with pytest.raises(Busy):
            gallery.nearest(PLACE, FaceTemplate(copy.vectors[0], OURS.id), 1)
        gallery.delete(PLACE, [second.id])  # done, though the index cannot follow yet
        assert "the index could not follow" in caplog.messages
    (hit,) = gallery.nearest(PLACE, FaceTemplate(copy.vectors[2], OURS.id), 1)
    assert hit.cosine == pytest.approx(1.0, abs=1e-6)

    monkeypatch.setattr("app.store.projection.BUSY_SECONDS", 20)
    caplog.clear()
    found, alone = threading.Semaphore(0), projection._alone  # type: ignore[attr-defined]
    monkeypatch.setattr(projection, "_alone", lambda: found.release() or alone())
    with ThreadPoolExecutor(3) as threads:
        with projection._lock:  # type: ignore[attr-defined]
            mending = [threads.submit(projection.rebuild) for _ in range(3)]
            for _ in mending:
                assert found.acquire(timeout=20)  # all three have found the same fault
        for one in mending:
            one.result()
    assert caplog.messages == ["index built from rows"]
    other.close()
    gallery.close()
