"""scripts/keys: everything is sealed anew while a service goes on, and no key goes that is needed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, Engine, select, text

from app.clients import Clients
from app.commands import keys as command
from app.settings import Settings
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.faces import now
from app.store.keys import open_cipher, read_keys, write_keys
from app.store.opening import open_gallery
from app.store.retention import Retention
from app.store.rotation import Rotation
from app.store.sessions import Recorder, Session
from app.store.tables import SessionRow
from models.types import FaceTemplate
from pipelines.search_faces import NewFace, Place
from tests.databases import Postgres
from tests.fakes import RECOGNISER, Seen, vector_of

PLACE = Place(1)
HOLDER = FaceTemplate(vector_of(Seen.HOLDER), RECOGNISER.id)
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
MOST_SECONDS = 60


def enrolled_in(settings: Settings) -> tuple[Engine, int]:
    """The settings' database with one client and one face; the face's id."""
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    gallery = open_gallery(settings, engine, RECOGNISER)
    face = gallery.add(PLACE, NewFace(HOLDER, "kh-1"))
    gallery.close()
    return engine, face.id


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_keys_rotate_under_a_service_that_enrols(
    kind: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "keys"
    path.write_text(write_keys(Keys.new()))
    settings = Settings(
        database_url=new_database(kind), keys_file=path, index_file=tmp_path / "i", keep_images=True
    )
    monkeypatch.setattr(command, "read_settings", lambda: settings)
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    service = open_gallery(settings, engine, RECOGNISER)
    first = service.add(PLACE, NewFace(HOLDER, "kh-1", {"name": "Ánh"}, b"jpeg"))
    pressed = service.add_fingerprint(PLACE, "kh-1", "thumb", b"png")
    assert command.main(["retire", "k1"]) == 1  # it is current

    stop = threading.Event()
    enrolled: list[int] = []

    def enrol() -> None:
        while not stop.is_set():
            face = NewFace(HOLDER, f"kh-{len(enrolled) + 2}", {"n": len(enrolled)}, b"jpeg")
            enrolled.append(service.add(PLACE, face).id)

    thread = threading.Thread(target=enrol)
    thread.start()
    try:
        assert command.main(["rotate"]) == 0
    finally:
        before = len(enrolled)
        while len(enrolled) < before + 2 and thread.is_alive():
            pass
        stop.set()
        thread.join()
    rows = Rotation(engine, open_cipher(settings, engine)).rows()
    assert rows == {"k2": 1 + 1 + 2 * (1 + len(enrolled)) + len(enrolled)}

    assert command.main(["retire", "k1"]) == 0
    assert list(read_keys(path.read_text()).sealing) == ["k2"]
    again = open_gallery(settings, engine, RECOGNISER)
    for gallery in (service, again):
        assert {hit.face.id for hit in gallery.nearest(PLACE, HOLDER, 1000)} == {
            first.id,
            *enrolled,
        }
        assert gallery.face(PLACE, first.id).metadata == {"name": "Ánh"}
        assert gallery.image(PLACE, first.id) == b"jpeg"
        assert gallery.fingerprint_image(PLACE, pressed.id) == b"png"
    capsys.readouterr()
    assert command.main(["list"]) == 0
    assert capsys.readouterr().out == f"k2  current  {rows['k2']} rows\n"
    again.close()
    service.close()
    engine.dispose()


def test_sessions_are_purged_and_sealed_anew_at_once(postgres: Postgres, tmp_path: Path) -> None:
    """Neither waits for rows of the other's: the one that PostgreSQL would end then has done nothing."""
    path, old = tmp_path / "keys", Keys.new()
    path.write_text(write_keys(old))
    url, index = postgres.new_database(), tmp_path / "i"
    settings = Settings(database_url=url, keys_file=path, index_file=index)
    engine, _ = enrolled_in(settings)
    recorder = Recorder(engine, open_cipher(settings, engine), {"pack": "fake"})
    for number in range(20):
        at = now() - timedelta(days=1, seconds=number)
        written = Session(f"{number:02}", 1, at, 1, "GET", "/", "ok", "0", 200, {})
        recorder.write(written)
    path.write_text(write_keys(Keys("k2", {**old.sealing, "k2": bytes(32)}, old.lookup)))
    cipher = open_cipher(settings, engine)
    retention = Retention(engine, cipher)
    retention.keep_sessions("bank", 0)
    with ThreadPoolExecutor() as threads, engine.connect() as holder:
        one = select(SessionRow.request_id).where(SessionRow.request_id == "10")
        holder.execute(one.with_for_update())  # both stop there
        purging = threads.submit(retention.purge_sessions)
        _until_waiting(holder, 1)
        rotating = threads.submit(Rotation(engine, cipher), lambda _: None)
        _until_waiting(holder, 2)
        holder.rollback()
        assert purging.result() == 20
        assert rotating.result() == 1 + 1  # a face and its person
    engine.dispose()


def _until_waiting(connection: Connection, count: int) -> None:
    until = time.monotonic() + MOST_SECONDS
    while connection.scalar(text(WAITING)) != count:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_rotation_that_was_cut_off_goes_on_and_a_key_in_use_stays(
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = tmp_path / "keys"
    old = Keys.new()
    path.write_text(write_keys(old))
    settings = Settings(database_url=new_database("sqlite"), keys_file=path)
    monkeypatch.setattr(command, "read_settings", lambda: settings)
    engine, _ = enrolled_in(settings)
    path.write_text(write_keys(Keys("k2", {**old.sealing, "k2": bytes(32)}, old.lookup)))
    assert command.main(["retire", "k1"]) == 1
    assert "2 rows are sealed with k1" in capsys.readouterr().err
    assert command.main(["rotate"]) == 0
    assert "going on with the rotation to k2" in capsys.readouterr().out
    assert command.main(["retire", "k1"]) == 0
    engine.dispose()


@pytest.mark.parametrize(
    ("meanwhile", "asked"),
    [("rotate", "rotate"), ("rotate", "retire k1"), ("retire k1", "rotate")],
)
def test_of_two_who_change_the_keys_at_once_one_is_refused(
    meanwhile: str,
    asked: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Both have read the keys and counted the rows; then the other one is the first."""
    settings = Settings(database_url=new_database("sqlite"), keys_file=tmp_path / "link")
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    (tmp_path / "link").symlink_to(tmp_path / "keys")
    monkeypatch.setattr(command, "read_settings", lambda: settings)
    engine, face = enrolled_in(settings)
    assert command.main(["rotate"]) == 0
    assert (tmp_path / "link").is_symlink()
    assert set(read_keys((tmp_path / "keys").read_text()).sealing) == {"k1", "k2"}
    tick = command.tick

    def tick_late(connection: Connection) -> range:
        monkeypatch.setattr(command, "tick", tick)
        assert command.main(meanwhile.split()) == 0
        return tick(connection)

    monkeypatch.setattr(command, "tick", tick_late)
    assert command.main(asked.split()) == 1
    assert "changed meanwhile" in capsys.readouterr().err
    again = open_gallery(settings, engine, RECOGNISER)
    assert [hit.face.id for hit in again.nearest(PLACE, HOLDER, 5)] == [face]
    again.close()
    engine.dispose()


def test_a_key_made_elsewhere_is_not_made_here_again(
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    settings = Settings(database_url=new_database("sqlite"), keys_file=tmp_path / "keys")
    before = write_keys(Keys.new())
    (tmp_path / "keys").write_text(before)
    monkeypatch.setattr(command, "read_settings", lambda: settings)
    assert command.main(["rotate"]) == 0
    (tmp_path / "keys").write_text(before)  # as on the other machine
    assert command.main(["rotate"]) == 1
    assert "knows another key k2" in capsys.readouterr().err
    assert (tmp_path / "keys").read_text() == before
