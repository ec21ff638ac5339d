"""One person's record is exported whole, erased everywhere with a receipt, and not kept longer than agreed."""

from __future__ import annotations

import base64
import errno
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from app.clients import Clients
from app.commands import person as command
from app.commands import purge
from app.settings import Settings
from app.store.audit import Audit
from app.store.cipher import Keys
from app.store.clock import tick
from app.store.database import open_database
from app.store.faces import now
from app.store.keys import open_cipher, write_keys
from app.store.opening import open_gallery
from app.store.retention import Retention
from models.types import FaceTemplate
from pipelines.search_faces import NewFace, Place
from tests.fakes import RECOGNISER, Seen, vector_of

HOLDER = FaceTemplate(vector_of(Seen.HOLDER), RECOGNISER.id)
STRANGER = FaceTemplate(vector_of(Seen.STRANGER), RECOGNISER.id)
NUMBER = "079188012345"


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(
    request: pytest.FixtureRequest,
    new_database: Callable[[str], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Settings:
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    made = Settings(
        database_url=new_database(request.param),
        keys_file=tmp_path / "keys",
        index_file=tmp_path / "i",
        keep_images=True,
    )
    monkeypatch.setattr(command, "read_settings", lambda: made)
    monkeypatch.setattr(purge, "read_settings", lambda: made)
    return made


def test_a_record_is_exported_erased_and_receipted(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    for name in ("a", "b"):
        Clients(engine).add(name)
    gallery = open_gallery(settings, engine, RECOGNISER)
    face = gallery.add(Place(1), NewFace(HOLDER, NUMBER, {"name": "Ánh"}, b"jpeg"))
    gallery.add_fingerprint(Place(1), NUMBER, "thumb", b"png")
    gallery.add(Place(1, "party"), NewFace(HOLDER, NUMBER))
    gallery.add(Place(2), NewFace(HOLDER, NUMBER))
    other = gallery.add(Place(1), NewFace(STRANGER, "kh-2"))

    assert command.main(["export", NUMBER, "--out", str(tmp_path / "record")]) == 0
    record = json.loads((tmp_path / "record").read_text())
    assert [(kept["client"], kept["collection"]) for kept in record["kept"]] == [
        ("a", ""),
        ("a", "party"),
        ("b", ""),
    ]
    (told,) = record["kept"][0]["faces"]
    assert (told["id"], told["person"], told["metadata"]) == (face.id, NUMBER, {"name": "Ánh"})
    assert base64.b64decode(told["image"]) == b"jpeg"
    assert base64.b64decode(told["template"]) == HOLDER.vector.tobytes()
    assert base64.b64decode(record["kept"][0]["fingerprints"][0]["image"]) == b"png"
    assert [act["act"] for act in record["acts"]] == ["enrol", "add fingerprint", "enrol", "enrol"]

    receipt = tmp_path / "receipt"
    assert command.main(["erase", NUMBER, "--client", "A"]) == 1
    assert "no client is named A" in capsys.readouterr().err
    assert command.main(["erase", NUMBER, "--out", str(receipt)]) == 0
    assert NUMBER not in receipt.read_text()
    for place in (Place(1), Place(1, "party"), Place(2)):
        assert [hit.face.id for hit in gallery.nearest(place, HOLDER, 9)] == (
            [other.id] if place == Place(1) else []
        )
    assert command.main(["verify", str(receipt)]) == 0
    assert command.main(["export", NUMBER]) == 1

    gallery.add(Place(1), NewFace(HOLDER, NUMBER))  # as if an older backup were restored
    assert command.main(["verify", str(receipt)]) == 1
    assert command.main(["erase-again", str(receipt), "--out", str(tmp_path / "second")]) == 0
    assert command.main(["verify", str(receipt)]) == 0

    receipt.write_text(receipt.read_text().replace('"client": 2', '"client": 3'))
    assert command.main(["verify", str(receipt)]) == 1
    assert "altered" in capsys.readouterr().err
    Audit(engine, open_cipher(settings, engine)).verify()
    gallery.close()
    engine.dispose()


def test_a_receipt_is_never_lost(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    engine = open_database(settings.database_url)
    Clients(engine).add("a")
    gallery = open_gallery(settings, engine, RECOGNISER)
    face = gallery.add(Place(1), NewFace(HOLDER, NUMBER))
    gallery.close()
    (tmp_path / "receipt").write_text("of somebody else")
    for out in ("receipt", "no-such-folder/receipt"):
        assert command.main(["erase", NUMBER, "--out", str(tmp_path / out)]) == 1
    assert (tmp_path / "receipt").read_text() == "of somebody else"
    assert command.main(["export", NUMBER]) == 0  # nothing was erased
    assert f'"id": {face.id},' in capsys.readouterr().out

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(command, "write_whole", full)
        assert command.main(["erase", NUMBER, "--out", str(tmp_path / "second")]) == 1
    (tmp_path / "printed").write_text(capsys.readouterr().out)
    assert command.main(["verify", str(tmp_path / "printed")]) == 0
    engine.dispose()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_a_record_whose_key_is_gone(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    Clients(engine).add("a")
    gallery = open_gallery(settings, engine, RECOGNISER)
    gallery.add(Place(1), NewFace(HOLDER, NUMBER))
    gallery.close()
    engine.dispose()
    lines = (tmp_path / "keys").read_text().splitlines()
    (tmp_path / "keys").write_text("\n".join(lines).replace("k1", "k2"))
    assert command.main(["export", NUMBER]) == 1
    assert "the key 'k1' is not at hand" in capsys.readouterr().err


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize("receipt", ["", "[]", "{}", "7", '{"signature": 7, "public_key": []}'])
def test_what_is_no_receipt(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], receipt: str
) -> None:
    (tmp_path / "r").write_text(receipt)
    assert command.main(["verify", str(tmp_path / "r")]) == 1
    assert command.main(["erase-again", str(tmp_path / "missing")]) == 1
    told = capsys.readouterr().err.splitlines()
    assert "none" in told[0] or "no receipt" in told[0]
    assert told[1] == f"{tmp_path}/missing: No such file or directory"


def test_a_collection_keeps_no_longer_than_agreed(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    engine = open_database(settings.database_url)
    Clients(engine).add("a")
    gallery = open_gallery(settings, engine, RECOGNISER)
    gallery.add(Place(1), NewFace(HOLDER, NUMBER))
    gallery.add_fingerprint(Place(1), NUMBER, "thumb", b"png")
    own = Place(1, "party")
    kept = gallery.add(own, NewFace(HOLDER, NUMBER))
    assert purge.main(["keep", "a", "30"]) == 0
    assert purge.main(["keep", "nobody", "30"]) == 1
    for days in ("0", "36601", "soon"):  # a time before the calendar's first would stop every purge
        with pytest.raises(SystemExit):
            purge.main(["keep", "a", days])
    assert purge.main(["keep", "a", "36600", "--collection", "prty"]) == 0
    with pytest.raises(SystemExit):
        purge.main(["keep", "a", "9", "--collection", "party", "--sessions"])
    assert "prty  36600 days  (nobody is enrolled there yet)" in capsys.readouterr().out
    assert purge.main(["run"]) == 0
    assert "deleted 0" in capsys.readouterr().out
    retention = Retention(engine, open_cipher(settings, engine))
    with engine.begin() as enrolling:
        tick(enrolling)
        assert retention.purge(at=now() + timedelta(days=29)) == 0  # waits for nobody to find that
    assert retention.purge(at=now() + timedelta(days=31)) == 2
    assert gallery.nearest(Place(1), HOLDER, 5) == []
    assert gallery.fingerprints(Place(1), NUMBER) == []
    assert [hit.face.id for hit in gallery.nearest(own, HOLDER, 5)] == [kept.id]
    purge.main(["list"])
    told = capsys.readouterr().out
    assert "a  (own customers)  30 days" in told
    assert "a  party  forever" in told
    gallery.close()
    engine.dispose()
