"""Keys come from where the operator put them, are made once, and are never replaced in silence."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import event

from app.settings import Settings
from app.store.cipher import Cipher, KeyMissing, Keys, Tampered
from app.store.database import open_database
from app.store.keys import KeysUnusable, keys_file, open_cipher, open_keys, read_keys, write_keys
from app.store.migrate import upgrade


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(database_url=f"sqlite:///{tmp_path}/ekyc.sqlite3")
    upgrade(made.database_url)
    return made


def opened(settings: Settings) -> Keys:
    engine = open_database(settings.database_url)
    try:
        return open_keys(settings, engine)
    finally:
        engine.dispose()


def test_the_first_start_makes_a_file_for_its_owner_alone(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    keys = opened(settings)
    path = keys_file(settings)
    (told,) = caplog.messages
    assert f"Made {path}" in told
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert opened(settings) == keys == read_keys(path.read_text())
    assert caplog.messages == [told]
    assert list(path.parent.glob("*keys*")) == [path]
    assert base64.b64encode(keys.lookup).decode() not in repr(keys)


def test_later_a_missing_file_stops_the_start_and_is_not_made_anew(settings: Settings) -> None:
    opened(settings)
    keys_file(settings).unlink()
    with pytest.raises(KeysUnusable, match="put the key file back"):
        opened(settings)
    assert not keys_file(settings).exists()


def test_other_keys_of_the_same_name_are_refused(settings: Settings) -> None:
    right = opened(settings)
    keys_file(settings).write_text(write_keys(Keys.new()))
    with pytest.raises(KeysUnusable, match="not the one"):
        opened(settings)
    mixed = Keys("k1", right.sealing, Keys.new().lookup)
    keys_file(settings).write_text(write_keys(mixed))
    with pytest.raises(KeysUnusable, match="lookup"):
        opened(settings)


def test_of_two_machines_that_begin_a_database_one_has_its_keys(
    settings: Settings, tmp_path: Path
) -> None:
    """Each has made a file of its own; what the other went on to seal nobody could open."""
    sooner = tmp_path / "keys of the other"
    engine = open_database(settings.database_url)

    def see(_: object, __: object, statement: str, *___: object) -> None:
        if statement.startswith("INSERT INTO sealing_keys") and not sooner.exists():
            sooner.write_text(write_keys(Keys.new()))
            opened(settings.model_copy(update={"keys_file": sooner}))

    event.listen(engine, "before_cursor_execute", see)
    with pytest.raises(KeysUnusable, match="not the one"):
        open_keys(settings, engine)
    engine.dispose()
    keys_file(settings).write_text(sooner.read_text())
    assert opened(settings) == read_keys(sooner.read_text())


def test_keys_come_from_a_variable_a_command_or_a_named_file(
    settings: Settings, tmp_path: Path
) -> None:
    keys = Keys.new()
    text = write_keys(keys)
    elsewhere = tmp_path / "secret" / "keys"
    elsewhere.parent.mkdir()
    elsewhere.write_text(text)
    in_one_line = ";".join(line for line in text.splitlines() if not line.startswith("#"))
    for given in (
        {"keys": SecretStr(in_one_line)},
        {"keys_command": f"cat {elsewhere}"},
        {"keys_file": elsewhere},
    ):
        assert opened(settings.model_copy(update=given)) == keys
    assert not keys_file(settings).exists()


def test_a_running_service_takes_up_new_keys_but_no_others(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    engine = open_database(settings.database_url)
    cipher, path = open_cipher(settings, engine), keys_file(settings)
    caplog.clear()
    ours = read_keys(path.read_text())
    for other in (Keys.new(), Keys("k2", {"k2": bytes(32)}, bytes(32))):
        path.write_text(write_keys(other))
        cipher.refresh()
        sealed = cipher.seal(b"secret", "row 1")
        assert Cipher(ours).open(sealed.key_id, sealed.data, "row 1") == b"secret"
        cipher.refresh()
        assert caplog.messages == ["the key file is another database's; the keys stay as they are"]
        caplog.clear()
    path.write_text(write_keys(Keys("k2", {**ours.sealing, "k2": bytes(32)}, ours.lookup)))
    cipher.refresh()
    assert cipher.current == "k2"
    engine.dispose()


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"keys_file": Path("/no/such/file")}, "no key file /no/such/file"),
        ({"keys_command": "false"}, "exit status 1"),
        ({"keys_command": "/no/such"}, "cannot be run .No such file"),
        ({"keys_command": "echo 'k"}, "quotes do not match"),
    ],
)
def test_a_source_that_gives_nothing_stops_the_start(
    settings: Settings, given: dict[str, object], why: str
) -> None:
    with pytest.raises(KeysUnusable, match=why):
        opened(settings.model_copy(update=given))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "current k1",
        "current k1\nlookup AAAA\nk1 AAAA",
        "current k1\ncurrent k2",
        "AAAA",
        "current=k1;lookup=AAAA;k1=AAAA",
        "current k1\nAAAA k1\nAAAA k1",
    ],
)
def test_keys_that_make_no_sense_are_refused_without_being_told(text: str) -> None:
    with pytest.raises(KeysUnusable) as refused:
        read_keys(text)
    assert "AAAA" not in str(refused.value)


def test_what_is_no_text_is_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(b"\xff\xfe")
    for given in ({"keys_command": f"cat {tmp_path}/odd"}, {"keys_file": tmp_path / "odd"}):
        with pytest.raises(KeysUnusable):
            opened(settings.model_copy(update=given))


def test_a_value_opens_only_where_and_as_it_was_sealed() -> None:
    old = Keys.new()
    new = Keys("k2", {**old.sealing, "k2": bytes(32)}, old.lookup)
    sealed = Cipher(old).seal(b"secret", "row 1")
    cipher = Cipher(new)
    assert cipher.open(sealed.key_id, sealed.data, "row 1") == b"secret"
    assert cipher.seal(b"secret", "row 1").key_id == "k2"
    assert b"secret" not in sealed.data
    with pytest.raises(Tampered):
        cipher.open(sealed.key_id, sealed.data, "row 2")
    with pytest.raises(Tampered):
        cipher.open(sealed.key_id, sealed.data[:-1] + b"\0", "row 1")
    with pytest.raises(Tampered):
        cipher.open(sealed.key_id, b"", "row 1")
    with pytest.raises(KeyMissing):
        Cipher(old).open("k2", sealed.data, "row 1")
