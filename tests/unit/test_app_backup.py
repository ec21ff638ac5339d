"""A backup is made beside a running service, proved, and put back; a damaged or newer one is refused."""

from __future__ import annotations

import errno
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from app.clients import Clients
from app.commands import backup, keys, restore
from app.settings import Settings
from app.store.audit import Audit
from app.store.backup import back_up
from app.store.backup import restore as restore_backup
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.faces import now
from app.store.keys import open_cipher, write_keys
from app.store.opening import open_gallery
from app.store.sessions import Recorder, Session
from models.types import FaceTemplate
from pipelines.search_faces import NewFace, Place
from tests.fakes import RECOGNISER, Seen, vector_of

PLACE = Place(1)
HOLDER = FaceTemplate(vector_of(Seen.HOLDER), RECOGNISER.id)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_backed_up_comes_back_and_nothing_else(
    kind: str,
    request: pytest.FixtureRequest,
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    settings = Settings(
        database_url=new_database(kind), keys_file=tmp_path / "keys", index_file=tmp_path / "i"
    )
    if kind == "postgresql":
        programs = request.getfixturevalue("postgres").programs
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    for one in (backup, restore):
        monkeypatch.setattr(one, "read_settings", lambda: settings)
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    service = open_gallery(settings, engine, RECOGNISER)
    kept = service.add(PLACE, NewFace(HOLDER, "kh-1"))
    made = tmp_path / "backups" / "monday"
    assert backup.main([str(made)]) == 0
    assert "1 faces of 1 people" in capsys.readouterr().out
    assert sorted(path.name for path in made.iterdir()) == ["database", "manifest.json"]
    assert backup.main([str(made)]) == 1  # nothing is written over
    later = service.add(PLACE, NewFace(HOLDER, "kh-2"))

    assert restore.main([str(made)]) == 1
    assert "stop the service" in capsys.readouterr().err
    assert {hit.face.id for hit in service.nearest(PLACE, HOLDER, 5)} == {kept.id, later.id}
    service.close()
    engine.dispose()
    assert restore.main([str(made)]) == 0

    again = open_gallery(settings, engine, RECOGNISER)
    assert [hit.face.id for hit in again.nearest(PLACE, HOLDER, 5)] == [kept.id]
    Audit(engine, open_cipher(settings, engine)).verify()
    with engine.connect() as connection:
        acts = connection.scalars(text("SELECT act FROM audit ORDER BY number")).all()
    assert acts == ["enrol", "restore", "search"]
    again.close()
    engine.dispose()

    manifest = json.loads((made / "manifest.json").read_text())
    for damaged, why in (
        ({"made": "2030-01-01T00:00:00Z"}, "altered"),
        ({"contents": manifest["contents"] | {"revision": "20991231_0000"}}, "altered"),
    ):
        (made / "manifest.json").write_text(json.dumps(manifest | damaged))
        assert restore.main([str(made)]) == 1
        assert why in capsys.readouterr().err
    (made / "manifest.json").write_text(json.dumps(manifest))
    copy = bytearray((made / "database").read_bytes())
    copy[len(copy) // 2] ^= 1
    (made / "database").write_bytes(copy)
    assert restore.main([str(made)]) == 1
    assert "digest" in capsys.readouterr().err


@pytest.fixture
def settings(
    new_database: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Settings:
    """Of an empty SQLite database with its keys."""
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    made = Settings(database_url=new_database("sqlite"), keys_file=tmp_path / "keys")
    for one in (backup, restore, keys):
        monkeypatch.setattr(one, "read_settings", lambda: made)
    return made


@pytest.mark.parametrize("kind", ["sqlite", "pgvector"])
def test_a_service_that_lives_through_a_restore_mixes_nobody_up(
    kind: str,
    request: pytest.FixtureRequest,
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It held no connection just then. Of two clients the other is the first to enrol afterwards."""
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    url = new_database("sqlite" if kind == "sqlite" else "postgresql")
    settings = Settings(database_url=url, keys_file=tmp_path / "keys", index_file=tmp_path / "i")
    if kind == "pgvector":
        settings = settings.model_copy(update={"index": "pgvector"})
        programs = request.getfixturevalue("postgres").programs
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")
    engine = open_database(url)
    for name in ("a", "b"):
        Clients(engine).add(name)
    back_up(settings, tmp_path / "b")
    lives, place_b = open_gallery(settings, engine, RECOGNISER), Place(2)
    recorder = Recorder(engine, open_cipher(settings, engine), {"pack": "fake"})
    told = []
    for number in range(2):
        told.append(lives.add(PLACE, NewFace(HOLDER, "kh-of-a")).id)
        assert [hit.face.id for hit in lives.nearest(PLACE, HOLDER, 5)] == told[-1:]
        session = Session(f"r-{number}", 1, now(), 5, "POST", "/call/x", "ok", "0", 200, {})
        recorder.write(session)
        engine.dispose()
        restore_backup(settings, tmp_path / "b")  # the second time the same one
        other = open_gallery(settings, engine, RECOGNISER)
        told.append(other.add(place_b, NewFace(HOLDER, "kh-of-b")).id)
        assert lives.nearest(PLACE, HOLDER, 5) == []
        assert [hit.face.id for hit in lives.nearest(place_b, HOLDER, 5)] == told[-1:]
        recorder.write(session)
        other.close()
        (tmp_path / "ekyc.sqlite3.before-restore").unlink(missing_ok=True)
    assert told == sorted(set(told))
    assert told[-1] < 2**53
    lives.close()
    engine.dispose()


def test_a_backup_of_a_newer_release_is_refused(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '20991231_0000'"))
    engine.dispose()
    assert backup.main([str(tmp_path / "b")]) == 0
    assert restore.main([str(tmp_path / "b")]) == 1
    assert "newer release" in capsys.readouterr().err


def test_the_log_of_a_damaged_database_does_not_get_into_the_restored_one(
    settings: Settings, tmp_path: Path
) -> None:
    engine = open_database(settings.database_url)
    clients = Clients(engine)
    clients.add("bank", quota=1)
    assert backup.main([str(tmp_path / "b")]) == 0
    clients.set_quota("bank", 7)
    path = Path(make_url(settings.database_url).database or "")
    log = Path(f"{path}-wal")
    left = log.read_bytes()  # as a killed service leaves it
    engine.dispose()
    log.write_bytes(left)
    os.truncate(path, 100)

    assert restore.main([str(tmp_path / "b")]) == 0
    (bank,) = Clients(engine).listing()
    assert bank.quota == 1
    aside = path.with_name(f"{path.name}.before-restore")
    assert (aside.stat().st_size, Path(f"{aside}-wal").read_bytes()) == (100, left)
    engine.dispose()

    path.unlink()
    assert restore.main([str(tmp_path / "b")]) == 0
    assert aside.stat().st_size == 100  # nothing was there that could take its place


def test_what_the_first_restore_kept_is_not_lost_by_the_next(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    assert backup.main([str(tmp_path / "b")]) == 0
    Clients(engine).add("bank")
    engine.dispose()
    path = Path(make_url(settings.database_url).database or "")
    aside = path.with_name(f"{path.name}.before-restore")
    os.link(path, aside)  # as a restore leaves it that was cut off before the copy took its place
    assert restore.main([str(tmp_path / "b")]) == 0
    restored, kept = path.read_bytes(), aside.read_bytes()
    capsys.readouterr()
    assert restore.main([str(tmp_path / "b")]) == 1
    assert "before an earlier restore: move it away" in capsys.readouterr().err
    assert (path.read_bytes(), aside.read_bytes()) == (restored, kept)
    aside.rename(tmp_path / "away")
    assert restore.main([str(tmp_path / "b")]) == 0
    assert (tmp_path / "away").read_bytes() == kept


def test_a_backup_whose_keys_are_gone_is_refused_before_anything_is_changed(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    Clients(engine).add("bank")
    gallery = open_gallery(settings, engine, RECOGNISER)
    face = gallery.add(PLACE, NewFace(HOLDER, "kh-1"))
    assert backup.main([str(tmp_path / "b")]) == 0
    before = (tmp_path / "keys").read_text()
    assert keys.main(["rotate"]) == 0
    assert keys.main(["retire", "k1"]) == 0
    gallery.close()
    engine.dispose()
    assert restore.main([str(tmp_path / "b")]) == 1
    assert "keys k1, which are not at hand" in capsys.readouterr().err
    again = open_gallery(settings, engine, RECOGNISER)
    assert [hit.face.id for hit in again.nearest(PLACE, HOLDER, 5)] == [face.id]
    again.close()
    engine.dispose()

    (tmp_path / "keys").write_text(before)
    assert restore.main([str(tmp_path / "b")]) == 0


def test_a_restore_that_is_cut_off_has_changed_nothing_and_the_owner_stays(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was put back without its new lineage would give ids of before to others."""
    engine = open_database(settings.database_url)
    assert backup.main([str(tmp_path / "b")]) == 0
    Clients(engine).add("bank")
    engine.dispose()
    path = Path(make_url(settings.database_url).database or "")
    owner = 12345 if os.geteuid() == 0 else os.geteuid()  # only root can give a file away
    os.chown(path, owner, -1)
    path.chmod(0o640)

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "ekyc.sqlite3")

    with monkeypatch.context() as disk:
        disk.setattr("app.store.backup.leap", full)
        assert restore.main([str(tmp_path / "b")]) == 1
    assert not list(tmp_path.glob("*restor*"))
    assert [one.name for one in Clients(engine).listing()] == ["bank"]
    engine.dispose()
    assert restore.main([str(tmp_path / "b")]) == 0
    assert Clients(engine).listing() == []
    assert (path.stat().st_uid, stat.S_IMODE(path.stat().st_mode)) == (owner, 0o640)
    engine.dispose()


def test_a_refused_restore_leaves_nothing_behind(settings: Settings, tmp_path: Path) -> None:
    engine = open_database(settings.database_url)
    assert backup.main([str(tmp_path / "b")]) == 0
    before = sorted(path.name for path in tmp_path.iterdir())
    with engine.connect():
        assert restore.main([str(tmp_path / "b")]) == 1
        assert sorted(path.name for path in tmp_path.iterdir()) == before
    engine.dispose()
