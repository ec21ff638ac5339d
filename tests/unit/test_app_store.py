"""The migrations make exactly the tables the code declares, and may run again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from app.clients import Clients
from app.main import create_app
from app.settings import ROOT, Settings
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.faces import now
from app.store.keys import open_cipher, write_keys
from app.store.migrate import downgrade, is_current, upgrade
from app.store.opening import open_gallery
from app.store.sessions import Recorder, Session
from app.store.tables import Table
from models.types import FaceTemplate
from pipelines.search_faces import NewFace, Place
from tests.fakes import RECOGNISER, Seen, runtime, vector_of


def test_a_database_in_folders_that_are_not_there_is_its_owners_alone(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/deep/er/new.sqlite3"
    upgrade(url)
    engine = open_database(url)
    with engine.connect():
        files = [*(tmp_path / "deep/er").iterdir()]
        assert {path.name for path in files} >= {"new.sqlite3", "new.sqlite3-wal"}
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_make_the_declared_tables(kind: str, new_database: Callable[[str], str]) -> None:
    url = new_database(kind)
    engine = open_database(url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Table.metadata) == []
        checks = {c["name"] for c in inspect(connection).get_check_constraints("clients")}
    assert checks == {"ck_clients_used_not_negative", "ck_clients_used_within_quota"}
    assert is_current(engine)
    engine.dispose()


def test_upgrade_again_keeps_rows(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/again.sqlite3"
    upgrade(url)
    engine = open_database(url)
    insert = text(
        "INSERT INTO clients (name, scopes, quota, used, disabled, created)"
        " VALUES ('a', '[]', 5, :used, 0, '2026-01-01')"
    )
    with engine.begin() as connection:
        connection.execute(insert, {"used": 5})
    upgrade(url)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM clients")) == 1
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
        assert connection.scalar(text("PRAGMA synchronous")) == 2
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(text("UPDATE clients SET used = 6"))
    engine.dispose()


async def _start(settings: Settings) -> None:
    app = create_app(settings, lambda _: runtime())
    async with app.router.lifespan_context(app):
        pass


def test_service_does_not_start_on_an_old_database(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    import asyncio

    settings = Settings(database_url=f"sqlite:///{tmp_path}/empty.sqlite3")
    with pytest.raises(RuntimeError, match="not migrated"):
        asyncio.run(_start(settings))
    upgrade(settings.database_url)
    with caplog.at_level("INFO", "ekyc.start"):
        asyncio.run(_start(settings))
    # Both thresholds, the 1:1 and the one that follows from the gallery's size, are told at the start.
    told = next(record for record in caplog.records if record.message == "faces")
    assert told.__dict__["fields"] == {
        "largest_collection": 0,
        "match_threshold": 0.5,
        "duplicate_threshold": 0.95,
    }


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_go_back_and_forth_over_a_filled_database(
    kind: str, new_database: Callable[[str], str], tmp_path: Path
) -> None:
    url = new_database(kind)
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    settings = Settings(
        database_url=url, keys_file=tmp_path / "keys", index_file=tmp_path / "i", keep_images=True
    )
    engine = open_database(url)
    Clients(engine).add("bank")
    holder = FaceTemplate(vector_of(Seen.HOLDER), RECOGNISER.id)
    gallery = open_gallery(settings, engine, RECOGNISER)
    gallery.add(Place(1), NewFace(holder, "kh-1", image=b"jpeg"))
    gone = gallery.add(Place(1), NewFace(holder, "kh-2"))
    gallery.add_fingerprint(Place(1), "kh-1", "thumb", b"png")
    gallery.delete(Place(1), [gone.id])
    gallery.close()
    engine.dispose()

    downgrade(url, "20261121_0800")
    assert "faces" not in inspect(engine).get_table_names()
    assert not is_current(engine)
    engine.dispose()
    upgrade(url)
    assert [client.name for client in Clients(engine).listing()] == ["bank"]
    # The index file is of the gallery that was; none of it comes back.
    again = open_gallery(settings, engine, RECOGNISER)
    assert again.nearest(Place(1), holder, 5) == []
    kept = again.add(Place(1), NewFace(holder, "kh-1"))
    assert [hit.face for hit in again.nearest(Place(1), holder, 5)] == [kept]
    again.close()
    engine.dispose()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_personal_can_be_read_from_the_disk_or_the_log(
    kind: str,
    new_database: Callable[[str], str],
    tmp_path: Path,
    request: pytest.FixtureRequest,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", "ekyc")
    url = new_database(kind)
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    settings = Settings(
        database_url=url,
        keys_file=tmp_path / "keys",
        index_file=tmp_path / "index",
        keep_images=True,
    )
    engine = open_database(url)
    Clients(engine).add("bank")
    vector = np.random.default_rng(5).standard_normal(64).astype(np.float32)
    vector /= np.linalg.norm(vector)
    gallery = open_gallery(settings, engine, RECOGNISER)
    image, finger = np.random.default_rng(6).bytes(500), np.random.default_rng(7).bytes(500)
    number, name = "079188012345", "Trần Văn Bí Mật"
    gallery.add(
        Place(1), NewFace(FaceTemplate(vector, RECOGNISER.id), number, {"name": name}, image)
    )
    gallery.add_fingerprint(Place(1), number, "left thumb", finger)
    gallery.nearest(Place(1), FaceTemplate(vector, RECOGNISER.id), 1)
    gallery.close()
    said = {"people": [number], "anything": name}
    recorder = Recorder(engine, open_cipher(settings, engine), {"pack": "fake"})
    recorder.write(Session("r-1", 1, now(), 5, "POST", "/call/x", "ok", "0", 200, said))
    planted = {
        "template": vector.tobytes()[:16],
        "code": vector.astype(np.float16).tobytes()[:16],
        "image": image[:16],
        "fingerprint": finger[:16],
        "number": number.encode(),
        "name": name.encode(),
        "name as JSON": name.encode("unicode_escape"),
    }
    if kind == "postgresql":
        with engine.execution_options(isolation_level="AUTOCOMMIT").connect() as connection:
            connection.execute(text("CHECKPOINT"))
        folders = [tmp_path, request.getfixturevalue("postgres").folder]
    else:
        folders = [tmp_path]
    engine.dispose()
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert {"index", "keys"} <= {path.name for path in files}
    found = [
        (path.name, what)
        for path in files
        for what, value in planted.items()
        if value in path.read_bytes()
    ]
    assert found == []
    assert not any(value in caplog.text.encode() for value in planted.values())
    assert b"left thumb" in b"".join(path.read_bytes() for path in files)  # the search does find

    core = b"".join(_core_of_the_audit(settings))
    assert [what for what, value in planted.items() if value in core] == []
    assert b"add fingerprint" in core


def _core_of_the_audit(settings: Settings) -> Iterator[bytes]:
    """All that the memory of `scripts/audit verify` holds when it has verified: what a core dump of it would."""
    code = "import sys; from app.commands.audit import main; main(['verify']); input()"
    env = os.environ | {
        "EKYC_SETTINGS_FILE": os.devnull,
        "EKYC_DATABASE_URL": settings.database_url,
        "EKYC_KEYS_FILE": str(settings.keys_file),
    }
    with subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=env,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == "audit: 3 rows, whole\n"
        child.stdout.readline()
        with Path(f"/proc/{child.pid}/mem").open("rb") as memory:
            for line in Path(f"/proc/{child.pid}/maps").read_text().splitlines():
                span, access, *_ = line.split()
                start, end = (int(address, 16) for address in span.split("-"))
                if access.startswith("rw"):  # the rest are files' own pages
                    memory.seek(start)
                    with suppress(OSError):  # a device's pages, which the kernel gives nobody
                        yield memory.read(end - start)
        child.communicate("\n")
