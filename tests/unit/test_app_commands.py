"""The commands as an operator uses them, and mistakes with them."""

from __future__ import annotations

import json
import logging
import socket
import sqlite3
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from app.clients import Clients, Scope
from app.commands import (
    audit,
    clients,
    fetch_weights,
    keys,
    person,
    purge,
    reembed,
    routes,
    serve,
    verify_pack,
)
from app.credentials import BasicPair, Token
from app.settings import read_settings
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import write_keys
from demo import __main__ as demo
from pipelines.errors import BadCredentials


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EKYC_SETTINGS_FILE", raising=False)
    monkeypatch.setattr("app.settings.DEFAULT_SETTINGS_FILE", tmp_path / "none.env")
    monkeypatch.setenv("EKYC_DATABASE_URL", f"sqlite:///{tmp_path}/clients.sqlite3")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """`serve` takes over the service's log for good."""
    ours = logging.getLogger("ekyc")
    before = ours.level, ours.propagate, ours.handlers[:]
    yield
    ours.level, ours.propagate, ours.handlers[:] = before


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def test_credentials_printed_once_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert clients.main(["add", "bank", "--scopes", "cv1,cv2", "--quota", "5", "--json"]) == 0
    first = shown(capsys)
    assert clients.main(["rotate", "bank", "--json"]) == 0
    second = shown(capsys)
    engine = open_database(read_settings().database_url)
    door = Clients(engine)
    door.identify(BasicPair(second["api_key"], second["api_secret"]), Scope.CV1)
    door.identify(Token(second["x_api_key"]), Scope.CV2)
    with pytest.raises(BadCredentials):
        door.identify(BasicPair(first["api_key"], first["api_secret"]), Scope.CV1)
    engine.dispose()


def test_rotation_with_an_overlap(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank", "--json"])
    first = shown(capsys)
    clients.main(["rotate", "bank", "--overlap", "24", "--json"])
    second = shown(capsys)
    clients.main(["list", "--json"])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["keys"] == [first["api_key"], second["api_key"]]


def test_list_shows_state_but_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank", "--quota", "5", "--json"])
    secret = shown(capsys)["api_secret"]
    clients.main(["quota", "bank", "unlimited"])
    clients.main(["disable", "bank"])
    clients.main(["list"])
    engine = open_database(read_settings().database_url)
    Clients(engine).add("old", expires=datetime(2020, 1, 2, 12))
    engine.dispose()
    clients.main(["add", "new", "--expires", "2999-01-02"])
    clients.main(["list"])
    out = capsys.readouterr().out
    assert "disabled" in out
    clients.main(["enable", "bank"])
    clients.main(["list"])
    assert "bank  active" in capsys.readouterr().out
    assert ("old  expired 2020-01-02" in out, "new  until 2999-01-02" in out) == (True, True)
    assert "0 of unlimited" in out
    assert secret not in out


def test_a_signing_key_is_printed_once_and_anew_by_a_rotation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients.main(["add", "bank", "--signed", "--json"])
    first = shown(capsys)["signing_key"]
    clients.main(["rotate", "bank", "--json"])
    second = shown(capsys)["signing_key"]
    assert first != second
    clients.main(["add", "plain", "--json"])
    assert "signing_key" not in shown(capsys)
    clients.main(["list"])
    told = capsys.readouterr().out
    assert (told.count("  signed  "), first in told, second in told) == (1, False, False)


def test_a_client_is_changed_and_stays_itself(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever is enrolled belongs to the client: a new one in its place would find nobody."""
    monkeypatch.setenv("TZ", "Asia/Ho_Chi_Minh")
    time.tzset()
    clients.main(["add", "bank", "--scopes", "cv1", "--rate", "9", "--expires", "2999-01-02"])
    clients.main(["list"])
    assert "bank  until 2999-01-02  cv1  0 of unlimited  9 a minute" in capsys.readouterr().out
    wish = ["--scopes", "techainer,cv2", "--rate", "unlimited", "--expires", "never"]
    assert clients.main(["change", "bank", *wish]) == 0
    assert "bank  active  cv2,techainer  0 of unlimited  api_key" in capsys.readouterr().out
    assert clients.main(["change", "bank"]) == 1
    assert clients.main(["change", "nobody", "--rate", "1"]) == 1
    monkeypatch.undo()
    time.tzset()


def test_mistakes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank"])
    assert clients.main(["add", "bank"]) == 1
    assert clients.main(["rotate", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
    for wrong, why in (
        (["add"], "required: name"),
        (["add", "x" * 101], "1 to 100 characters"),
        (["add", "x", "--scopes", "cv9"], "'cv9' is none of cv1, cv1.ocr"),
        (["add", "x", "--rate", "0"], "'0' is no whole number from 1 to"),
        (["add", "x", "--expires", "tomorrow"], "YYYY-MM-DD"),
        (["add", "x", "--expires", "2020-01-02"], "has come already"),
        (["rotate", "x", "--overlap", "-1"], "hours from 0 to 720"),
        (["quota", "bank", str(2**31)], "no whole number from 0 to 2147483647"),
        ([], "required: command"),
    ):
        with pytest.raises(SystemExit):
            clients.main(wrong)
        assert why in capsys.readouterr().err


def test_routes_with_their_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert routes.main(["--json"]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["routes"]
    assert set(rows[0]) == {"method", "path", "format", "dialect", "test"}
    assert all(row["test"] for row in rows)


def test_route_without_a_test_is_told() -> None:
    assert {row.test for row in routes.rows({})} == {None}


NOBODY = "127.83.17.6"
"""An address of this machine on which nobody listens at the port asked for."""
EVERY = {
    "audit": (audit.main, ["verify"]),
    "clients": (clients.main, ["list"]),
    "keys": (keys.main, ["list"]),
    "person": (person.main, ["export", "1"]),
    "purge": (purge.main, ["run"]),
    "reembed": (reembed.main, []),
    "serve": (serve.main, ["--host", NOBODY]),
}
every = pytest.mark.parametrize(("main", "arguments"), EVERY.values(), ids=EVERY)
Main = Callable[[list[str]], int]


@every
def test_a_wrong_setting_is_named_and_not_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, main: Main, arguments: list[str]
) -> None:
    """What is misspelled may be a key, what makes no sense may have a password in it."""
    (tmp_path / "none.env").write_text("EKYC_KEYZ=secret\nEKYC_THREADS=secret\n")
    assert main(arguments) == 2
    told = capsys.readouterr().err
    assert "EKYC_KEYZ: no such setting" in told
    assert "EKYC_THREADS: Input should be a valid integer" in told
    assert "secret" not in told


def test_a_line_that_is_no_setting_is_named_and_not_shown(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "none.env").write_text("EKYC_PACK=embedded\nKEYS=secret\n")
    assert clients.main(["list"]) == 2
    told = capsys.readouterr().err
    assert "line 2 is no setting" in told
    assert "secret" not in told


@every
@pytest.mark.parametrize(
    ("database", "why"),
    [
        ("postgresql+psycopg://u:secret@127.0.0.1:1/none", "the database cannot be used: it cannot be reached"),
        ("postgres:secret", "sqlite:////PATH or postgresql://USER"),
        ("sqlite:///FOLDER/junk.sqlite3", "the database cannot be used: file is not a database"),
        ("sqlite:///FOLDER/newer.sqlite3", "schema 20991231_0000 of a newer release"),
    ],
    ids=["unreachable", "no URL", "damaged", "newer"],
)  # fmt: skip
def test_an_unusable_database_is_told_in_words(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    main: Main,
    arguments: list[str],
    database: str,
    why: str,
) -> None:
    (tmp_path / "junk.sqlite3").write_bytes(b"junk" * 1000)
    with closing(sqlite3.connect(tmp_path / "newer.sqlite3")) as newer:
        newer.executescript(
            "CREATE TABLE alembic_version (version_num TEXT); INSERT INTO alembic_version VALUES ('20991231_0000')"
        )
    (tmp_path / "keys").write_text(write_keys(Keys.new()))
    monkeypatch.setenv("EKYC_KEYS_FILE", str(tmp_path / "keys"))
    monkeypatch.setenv("EKYC_PACK", "embedded")
    monkeypatch.setenv("EKYC_DATABASE_URL", database.replace("FOLDER", str(tmp_path)))
    status = main(arguments)
    told = capsys.readouterr().err
    assert "secret" not in told
    assert (status, told.count(why)) == (2, 1)


@pytest.mark.parametrize("name", ["audit", "keys", "person", "purge", "reembed"])
def test_a_database_that_is_not_there_is_not_found_in_order(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, name: str
) -> None:
    """A mistyped URL; an empty one would be whole, and nothing would be to purge."""
    main, arguments = EVERY[name]
    assert main(arguments) == 1
    assert "no database of this service at sqlite:///" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_serve_tells_what_is_wrong_with_its_certificate_before_it_loads_anything(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "junk").write_text("junk")
    locked = tmp_path / "locked"
    certify(locked, datetime.now(UTC) + timedelta(days=90), BestAvailableEncryption(b"secret"))
    for arguments, why in (
        (["--tls-cert", str(locked), "--tls-key", str(locked)], "locked has a password"),
        (["--tls-cert", f"{tmp_path}/junk"], "go together"),
        (["--tls-cert", "/none", "--tls-key", "/none"], "No such file"),
        (["--tls-cert", f"{tmp_path}/junk", "--tls-key", f"{tmp_path}/junk"], "no certificate"),
    ):
        assert serve.main(arguments) == 1
        assert why in capsys.readouterr().err


def test_serve_leaves_the_database_alone_when_another_service_has_its_port(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        assert serve.main(["--port", port]) == 1
    assert f"cannot listen on 127.0.0.1 port {port}" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("days", "level"), [(-1, "WARNING"), (29, "WARNING"), (90, "INFO")])
def test_serve_tells_when_its_certificate_ends(
    caplog: pytest.LogCaptureFixture,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    days: int,
    level: str,
) -> None:
    """Clients see that its time is over; here nobody would."""
    certify(tmp_path / "pem", datetime.now(UTC) + timedelta(days=days, hours=1))
    monkeypatch.setenv("EKYC_PACK", "no-such-pack")
    monkeypatch.setattr(serve, "log_as_json", lambda: None)
    caplog.set_level(logging.INFO, "ekyc.start")
    pem = str(tmp_path / "pem")
    assert serve.main(["--host", NOBODY, "--tls-cert", pem, "--tls-key", pem]) == 2
    (told,) = [record for record in caplog.records if record.message == "certificate"]
    assert (told.levelname, vars(told)["fields"]["days_left"]) == (level, days)


def certify(path: Path, ends: datetime, sealing: KeySerializationEncryption | None = None) -> None:
    """A key and its certificate, in one file."""
    key = ed25519.Ed25519PrivateKey.generate()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "ekyc")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(ends - timedelta(days=365)).not_valid_after(ends)
    pem = Encoding.PEM
    text = key.private_bytes(pem, PrivateFormat.PKCS8, sealing or NoEncryption())
    path.write_bytes(made.sign(key, None).public_bytes(pem) + text)


def test_an_unreadable_key_file_is_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EKYC_KEYS_FILE", str(tmp_path))
    clients.main(["list"])
    assert audit.main(["verify"]) == 2
    assert "cannot be read: Is a directory" in capsys.readouterr().err


def test_serve_says_why_the_models_do_not_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "none.env").write_text("EKYC_PACK=no-such-pack\n")
    assert serve.main(["--host", NOBODY]) == 2
    assert "no-such-pack" in capsys.readouterr().err


def test_weights_are_those_of_the_settings_file(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the service looks, and the pack it was pinned to: "right" of another one would tell nothing."""
    for name in ("EKYC_PACK", "EKYC_WEIGHTS_DIR"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "none.env").write_text(f"EKYC_PACK=arcface-mobile\nEKYC_WEIGHTS_DIR={tmp_path}\n")
    (tmp_path / "yunet_n_dynamic.onnx").write_bytes(b"damaged")
    for main, arguments in ((verify_pack.main, []), (fetch_weights.main, ["arcface-mobile"])):
        assert main(arguments) == 1
        assert f"{tmp_path}/yunet_n_dynamic.onnx is" in capsys.readouterr().err


@pytest.mark.parametrize("command", [verify_pack, fetch_weights, serve, clients, reembed])
def test_help_is_told_whatever_the_settings_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, command: ModuleType
) -> None:
    (tmp_path / "none.env").write_text("no setting\n")
    with pytest.raises(SystemExit) as stopped:
        command.main(["--help"])
    assert stopped.value.code == 0
    assert "usage:" in capsys.readouterr().out
    assert verify_pack.main([]) == fetch_weights.main(["embedded"]) == 2


def test_what_deletes_is_written_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        reembed.main(["--drop"])
    assert "unrecognized arguments: --drop" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "status", "why"),
    [
        ("--people 0", 2, "'0' is no whole number"),
        ("--seed -1", 2, "'-1' is no whole number"),
        ("--faces /no/such/folder", 1, "portraits of two people are needed"),
        ("--people 1 --pack no-such-pack", 2, "no model pack 'no-such-pack'"),
    ],
)
def test_the_demo_says_what_is_wrong(
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: str,
    status: int,
    why: str,
) -> None:
    monkeypatch.setenv("EKYC_PACK", "embedded")
    monkeypatch.setitem(demo.OWN, "database_url", f"sqlite:///{tmp_path / 'demo.sqlite3'}")
    monkeypatch.setattr("sys.argv", ["demo", *arguments.split()])
    with pytest.raises(SystemExit) as stopped:
        sys.exit(demo.main())
    assert stopped.value.code == status
    assert why in capsys.readouterr().err
