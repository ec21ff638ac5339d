"""Every request that is let in leaves a record, on the disk before its answer: what was asked, what came of it and why, by which
models, and never a value that was read or sent."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from sqlalchemy import func, select, text

from app.commands import audit as audit_command
from app.commands import keys as keys_command
from app.commands import person as person_command
from app.commands import purge as purge_command
from app.settings import Settings
from app.store.backup import back_up, restore
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.faces import now
from app.store.keys import open_cipher, write_keys
from app.store.migrate import downgrade, upgrade
from app.store.retention import Retention
from app.store.rotation import Rotation
from app.store.sessions import Sessions
from app.store.tables import FaceRow, SessionPersonRow, SessionRow
from tests.fakes import NUMBER, Seen, picture
from tests.live import Live, live

KH = "kh-000117"
"""An id that a client gives."""


@pytest.fixture(params=["sqlite", "postgresql"])
def shop(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Live]:
    url = None
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
    with live(tmp_path, url=url, keys_file=_keys(tmp_path), index_file=tmp_path / "i") as service:
        for command in (audit_command, person_command, purge_command, keys_command):
            monkeypatch.setattr(command, "read_settings", lambda: service.settings)
        yield service


def _keys(folder: Path) -> Path:
    (folder / "keys").write_text(write_keys(Keys.new()))
    return folder / "keys"


def call(service: Live, route: str, **sent: Any) -> requests.Response:
    body = {
        name: base64.b64encode(picture(value)).decode() if isinstance(value, Seen) else value
        for name, value in sent.items()
    }
    return requests.post(
        f"{service.url}/call/{route}", json=body, headers=service.token, timeout=20
    )


def explained(service: Live, answer: requests.Response) -> dict[str, Any]:
    engine = service.inside.engine
    cipher = open_cipher(service.settings, engine)
    with engine.connect() as connection:
        told = Sessions(cipher).explained(connection, answer.headers["x-request-id"])
    assert told is not None
    return told


def test_an_answer_is_explained_by_its_request_id(
    shop: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = call(
        shop,
        "register_ekyc_front_back_face",
        image_card1=Seen.CHIP_FRONT,
        image_card2=Seen.CHIP_BACK,
        image_general=Seen.HOLDER,
        user_id=KH,
        threshold=0.6,
    )
    assert answer.json()["code"] == "0"
    assert audit_command.main(["explain", answer.headers["x-request-id"]]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["client"], told["method"]) == ("bank", "POST")
    assert told["route"] == "/call/register_ekyc_front_back_face"
    assert (told["outcome"], told["code"], told["status"]) == ("ok", "0", 200)
    assert told["answer"]["sha256"] == hashlib.sha256(answer.content).hexdigest()
    assert told["models"]["pack"] == "fake"
    assert told["models"]["files"] == {"fake.onnx": "0" * 64}
    assert told["models"]["policy"]["match"] == 0.5
    assert told["people"] == sorted({KH, NUMBER})
    read, enrolled = told["steps"]
    assert (read["step"], read["asked"]) == ("register", {"check_rotate": True, "threshold": 0.6})
    assert [(file["name"], file["sha256"]) for file in read["files"]] == [
        (name, hashlib.sha256(picture(seen)).hexdigest())
        for name, seen in (
            ("front", Seen.CHIP_FRONT),
            ("back", Seen.CHIP_BACK),
            ("face", Seen.HOLDER),
        )
    ]
    assert read["found"]["may_enrol"] is True
    assert read["found"]["onboarding"]["decision"]["similarity"] == 0.9312
    assert read["found"]["onboarding"]["front"]["fields"]["number"]["read"] is True
    assert (enrolled["step"], enrolled["found"]["id"] > 0) == ("enrol", True)
    assert audit_command.main(["explain", "no-such-request"]) == 1


def test_refusals_are_recorded_with_their_reasons_and_strangers_are_not(shop: Live) -> None:
    twice = [call(shop, "register_user_face", user_id=n, image_general=Seen.HOLDER) for n in "ab"]
    told = explained(shop, twice[1])
    assert (told["outcome"], told["code"], told["people"]) == ("FaceExists", "E850", ["b"])
    assert told["steps"][-1]["found"]["reason"].startswith("cannot be enrolled: same face")
    assert told["steps"][-1]["found"]["similarity"] == 1.0
    faceless = explained(shop, call(shop, "search_face", image_general=Seen.TABLE, threshold=0.9))
    assert (faceless["outcome"], faceless["status"]) == ("NoFace", 422)
    nothing = explained(shop, call(shop, "verify_user_face", user_id="kh"))
    assert (nothing["outcome"], nothing["people"]) == ("ImageMissing", ["kh"])

    stranger = requests.post(
        f"{shop.url}/call/search_face", headers={"x-api-key": "none"}, timeout=20
    )
    assert stranger.status_code == 401
    engine = shop.inside.engine
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SessionRow)) == 4


def test_a_challenge_and_its_answer_are_linked(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        url = f"{service.url}/api/v2/ekyc"
        asked = requests.post(f"{url}/challenge", auth=service.basic, timeout=20)
        (issued,) = explained(service, asked)["steps"]
        assert issued["found"]["nonce"] == asked.json()["data"]["nonce"]
        answer = requests.post(
            f"{url}/verify_challenge",
            auth=service.basic,
            data={"nonce": issued["found"]["nonce"]},
            files={f"portrait_{place}": picture(Seen.HOLDER) for place in range(1, 5)},
            timeout=20,
        )
        taken, judged = explained(service, answer)["steps"]
        assert taken["found"] == issued["found"]
        assert judged["asked"]["asked"] == issued["found"]["poses"]
        assert (len(judged["files"]), judged["found"]["live"]) == (4, True)


def test_no_value_is_kept_and_none_but_the_key_opens_it(shop: Live, tmp_path: Path) -> None:
    call(shop, "predict", input=Seen.CHIP_FRONT)
    answer = call(shop, "register_user_face", user_id=KH, image_general=Seen.HOLDER)
    told = json.dumps(explained(shop, answer), ensure_ascii=False)
    assert base64.b64encode(picture(Seen.HOLDER)).decode()[:40] not in told
    engine = shop.inside.engine
    with engine.begin() as connection:
        rows = connection.execute(select(SessionRow.__table__)).all()
        people = connection.execute(select(SessionPersonRow.__table__)).all()
        for value in (KH, NUMBER):
            assert value not in repr(rows) + repr(people)
        request_id = answer.headers["x-request-id"]
        # What can be read cannot be changed unnoticed.
        connection.execute(
            text("UPDATE sessions SET outcome = 'NoFace' WHERE request_id = :id"),
            {"id": request_id},
        )
    assert audit_command.main(["explain", request_id]) == 1


def test_a_person_is_exported_erased_and_stays_erased(shop: Live, tmp_path: Path) -> None:
    answer = call(shop, "verify_user_face", user_id=KH, image_general=Seen.HOLDER)  # nobody yet
    assert answer.json()["code"] == "E855"
    call(shop, "register_user_face", user_id=KH, image_general=Seen.HOLDER)
    other = call(shop, "register_user_face", user_id="other", image_general=Seen.STRANGER)
    record, receipt = tmp_path / "record", tmp_path / "receipt"
    assert person_command.main(["export", KH, "--out", str(record)]) == 0
    sessions = json.loads(record.read_text())["sessions"]
    assert {one["outcome"] for one in sessions} == {"UnknownFace", "ok"}
    assert person_command.main(["erase", KH, "--out", str(receipt)]) == 0
    assert [one["requests"] for one in json.loads(receipt.read_text())["sessions"]] == [2]
    assert person_command.main(["verify", str(receipt)]) == 0
    assert person_command.main(["export", KH]) == 1
    assert explained(shop, other)["people"] == ["other"]

    # A number that was read is somebody's too, whether or not anybody is enrolled under it.
    call(shop, "predict", input=Seen.CHIP_FRONT)
    assert person_command.main(["erase", NUMBER, "--out", str(tmp_path / "second")]) == 0
    with shop.inside.engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SessionRow)) == 1
        assert connection.scalar(select(func.count()).select_from(SessionPersonRow)) == 1


def test_sessions_are_kept_no_longer_than_agreed(
    shop: Live, capsys: pytest.CaptureFixture[str]
) -> None:
    call(shop, "predict", input=Seen.CHIP_FRONT)
    assert purge_command.main(["keep", "bank", "400", "--sessions"]) == 0
    assert purge_command.main(["keep", "nobody", "400", "--sessions"]) == 1
    assert purge_command.main(["run"]) == 0
    assert purge_command.main(["list"]) == 0
    said = capsys.readouterr().out
    assert "deleted 0 sessions" in said
    assert "bank  (sessions)  400 days" in said
    engine = shop.inside.engine
    retention = Retention(engine, open_cipher(shop.settings, engine))
    assert retention.purge_sessions(at=now() + timedelta(days=399)) == 0
    assert retention.purge_sessions(at=now() + timedelta(days=401)) == 1


def test_keys_rotate_under_them_and_the_schema_goes_back_and_forth(shop: Live) -> None:
    before = call(shop, "predict", input=Seen.CHIP_FRONT)
    assert keys_command.main(["rotate"]) == 0
    after = call(shop, "predict", input=Seen.CHIP_FRONT)
    engine = shop.inside.engine
    assert Rotation(engine, open_cipher(shop.settings, engine)).rows() == {"k2": 2}
    assert keys_command.main(["retire", "k1"]) == 0
    assert explained(shop, before)["outcome"] == explained(shop, after)["outcome"] == "ok"
    url = shop.settings.database_url
    engine.dispose()
    downgrade(url, "20261121_1300")
    upgrade(url)
    again = open_database(url)
    with again.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(SessionRow)) == 0
    again.dispose()


def test_a_restored_backup_explains(tmp_path: Path) -> None:
    with live(tmp_path) as service:
        answer = call(service, "predict", input=Seen.CHIP_FRONT)
        told = explained(service, answer)
        back_up(service.settings, tmp_path / "backup")
        settings: Settings = service.settings
        service.inside.engine.dispose()
    restore(settings, tmp_path / "backup")
    engine = open_database(settings.database_url)
    with engine.connect() as connection:
        sessions = Sessions(open_cipher(settings, engine))
        assert sessions.explained(connection, answer.headers["x-request-id"]) == told
    engine.dispose()


@pytest.mark.parametrize("sent", [Seen.CHIP_FRONT, Seen.TABLE], ids=["an answer", "a refusal"])
def test_what_cannot_be_written_down_is_not_answered(sent: Seen, tmp_path: Path) -> None:
    with live(tmp_path) as service:
        assert call(service, "predict", input=sent).json()["code"] in ("0", "no_document")
        with service.inside.engine.begin() as connection:
            connection.execute(text("ALTER TABLE sessions RENAME TO elsewhere"))
        answer = call(service, "predict", input=sent)
        assert (answer.status_code, answer.json()["code"]) == (500, "exception")
        assert answer.json()["output"] is None
        used = service.clients.listing()[0].used
        with service.inside.engine.begin() as connection:
            connection.execute(text("ALTER TABLE elsewhere RENAME TO sessions"))
        assert call(service, "predict", input=sent).json()["code"] in ("0", "no_document")
        assert service.clients.listing()[0].used - used == (1 if sent is Seen.CHIP_FRONT else 0)


def test_what_is_changed_and_its_record_are_there_both_or_neither(shop: Live) -> None:
    enrol = {"user_id": KH, "image_general": Seen.HOLDER}
    engine = shop.inside.engine
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE sessions RENAME TO elsewhere"))
    assert call(shop, "register_user_face", **enrol).status_code == 500
    with engine.begin() as connection:
        assert connection.scalar(select(func.count()).select_from(FaceRow)) == 0
        connection.execute(text("ALTER TABLE elsewhere RENAME TO sessions"))
    assert call(shop, "register_user_face", **enrol).json()["code"] == "0"

    with engine.begin() as connection:  # from here on no answer can be written down
        for statement in NO_ANSWERS[engine.dialect.name]:
            connection.execute(text(statement))
    used = shop.clients.listing()[0].used
    deleting = call(shop, "delete_user_face", user_id=KH)
    assert (deleting.status_code, deleting.json()["output"]["deleted"]) == (200, 1)
    assert shop.clients.listing()[0].used - used == 1
    told = explained(shop, deleting)
    assert (told["outcome"], told["answer"], told["people"]) == ("committed", None, [KH])
    assert [step["step"] for step in told["steps"]] == ["delete"]
    with engine.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(FaceRow)) == 0
    assert call(shop, "predict", input=Seen.CHIP_FRONT).status_code == 500  # changes nothing


NO_ANSWERS = {
    "sqlite": [
        "CREATE TRIGGER no_answers BEFORE INSERT ON sessions WHEN NEW.status > 0"
        " BEGIN SELECT RAISE(ABORT, 'no'); END"
    ],
    "postgresql": ["ALTER TABLE sessions ADD CHECK (status = 0) NOT VALID"],
}
