"""Where the sealing keys come from: a variable, a command (a key management service), or a file; and whether they are
the ones this database was sealed with."""

from __future__ import annotations

import base64
import binascii
import contextlib
import logging
import os
import shlex
import subprocess
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, insert, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.settings import ROOT, Settings
from app.store.cipher import Cipher, Keys, nothing_newer, proof
from app.store.files import flush_folder, write_whole
from app.store.tables import SealingKeyRow

COMMAND_SECONDS = 30.0
LOOKUP = "lookup"
CURRENT = "current"
FILE_HEAD = (
    "# Keys of the enrolled faces. Without this file they cannot be read: keep a copy elsewhere."
)


log = logging.getLogger("ekyc.gallery")


class KeysUnusable(Exception):
    """The keys are missing, malformed or not this database's; the message is for the operator."""


class KeysChanged(Exception):
    """Somebody else has changed the keys since they were read; the message is for the operator."""


def open_keys(settings: Settings, engine: Engine) -> Keys:
    """The keys of this database. A new database with neither keys nor a word about them gets a file of its own.

    Raises:
        KeysUnusable: see there. A database that has been sealed never gets new keys by itself.
    """
    known = _known(engine)
    keys = _brought(settings)
    if keys is None and not known:
        keys = _make_file(keys_file(settings))
    if keys is None:
        raise KeysUnusable(
            f"This database is sealed with the keys {', '.join(sorted(known))}, and no keys are at hand: put "
            f"the key file back at {keys_file(settings)}, or set EKYC_KEYS, EKYC_KEYS_FILE or EKYC_KEYS_COMMAND. "
            "Without them nothing enrolled can be read."
        )
    _check_ours(keys, known)
    _remember(engine, keys, known)
    return keys


def brought_cipher(settings: Settings) -> Cipher:
    """With the keys at hand, whatever database there is. Raises KeysUnusable."""
    keys = _brought(settings)
    if keys is None:
        raise KeysUnusable(f"There are no keys: put the key file at {keys_file(settings)}.")
    return Cipher(keys)


def open_cipher(settings: Settings, engine: Engine) -> Cipher:
    """With the keys of this database; follows a rotation of the key file. Raises KeysUnusable."""
    newer = KeyFile(keys_file(settings), engine) if in_file(settings) else nothing_newer
    return Cipher(open_keys(settings, engine), newer)


def in_file(settings: Settings) -> bool:
    """Do the keys come from a file, which a rotation can write to?"""
    return settings.keys is None and settings.keys_command is None


class KeyFile:
    """A key file that is replaced as a whole when the keys of a database are rotated."""

    def __init__(self, path: Path, engine: Engine) -> None:
        self._path = path
        self._engine = engine
        self._seen = self._stamp()

    def __call__(self) -> Keys | None:
        """The keys, if the file has changed since the last call; a file that is gone, makes no sense or is another database's has not."""
        stamp = self._stamp()
        if stamp is None or stamp == self._seen:
            return None
        try:
            keys = read_keys(_text(self._path))
        except KeysUnusable:
            log.exception("the key file cannot be read; the keys stay as they are")
            return None
        known = _known(self._engine)
        self._seen = stamp
        try:
            _check_ours(keys, known)
        except KeysUnusable:
            log.exception("the key file is another database's; the keys stay as they are")
            return None
        return keys

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns


def check_unchanged(settings: Settings, keys: Keys) -> None:
    """Are these still the keys at hand? Asked with the clock moved on, so that nobody else changes them from here on.

    Raises:
        KeysChanged, KeysUnusable
    """
    if _brought(settings) != keys:
        raise KeysChanged(
            "The keys were changed meanwhile, by another rotation or by hand: see `keys list`, and run this again."
        )


def replace_file(settings: Settings, keys: Keys) -> None:
    """Write new keys into the key file, which stays its owner's; where it is a link, into its target."""
    path = keys_file(settings).resolve()
    owner = path.stat()
    write_whole(path, [write_keys(keys).encode()])
    with contextlib.suppress(PermissionError):
        os.chown(path, owner.st_uid, owner.st_gid)


def record(connection: Connection, key_id: str, key: bytes) -> None:
    """From here on the database knows the key.

    Raises:
        IntegrityError: it knows it already, or another of this name.
    """
    made = datetime.now(UTC).replace(tzinfo=None)
    values = {"id": key_id, "proof": proof(key_id, key), "created": made}
    connection.execute(insert(SealingKeyRow).values(values))


def keys_file(settings: Settings) -> Path:
    """Where the key file is, or would be: beside a SQLite database, else in var/."""
    if settings.keys_file is not None:
        return settings.keys_file
    return beside_database(settings, "keys")


def beside_database(settings: Settings, suffix: str) -> Path:
    """The path of a file that goes with the database."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).with_suffix(f".{suffix}")
    return ROOT / "var" / f"ekyc.{suffix}"


def read_keys(text: str) -> Keys:
    """Lines (or ;-separated parts) of a name and a value: `current k1`, `lookup BASE64`, `k1 BASE64`, ...

    Raises:
        KeysUnusable: they make no sense.
    """
    entries: dict[str, str] = {}
    for number, line in enumerate(text.replace(";", "\n").splitlines(), 1):
        name, _, value = line.partition("#")[0].strip().partition(" ")
        if name and (name in entries or not value.strip()):
            # Not its text: what is no name and value may well be a key.
            raise KeysUnusable(
                f"Entry {number} of the keys repeats the name of an earlier one, or is not a name, a space and a value."
            )
        if name:
            entries[name] = value.strip()
    try:
        current, lookup = entries.pop(CURRENT), entries.pop(LOOKUP)
        sealing = {name: base64.b64decode(value, validate=True) for name, value in entries.items()}
        return Keys(current, sealing, base64.b64decode(lookup, validate=True))
    except (KeyError, ValueError, binascii.Error) as error:
        raise KeysUnusable(
            "The keys make no sense: a line `current ID`, a line `lookup KEY` and a line `ID KEY` for each "
            "sealing key are needed, keys being 32 bytes in base64."
        ) from error


def write_keys(keys: Keys) -> str:
    """What `read_keys` reads."""
    encoded = {LOOKUP: keys.lookup, **keys.sealing}
    lines = [f"{name} {base64.b64encode(key).decode()}" for name, key in encoded.items()]
    return "\n".join([FILE_HEAD, f"{CURRENT} {keys.current}", *lines, ""])


def _brought(settings: Settings) -> Keys | None:
    if settings.keys is not None:
        return read_keys(settings.keys.get_secret_value())
    if settings.keys_command is not None:
        return read_keys(_said_by(settings.keys_command))
    path = keys_file(settings)
    if path.exists():
        return read_keys(_text(path))
    if settings.keys_file is not None:
        raise KeysUnusable(f"There is no key file {path} (EKYC_KEYS_FILE).")
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise KeysUnusable(f"The key file {path} cannot be read: {why}.") from None


def _said_by(command: str) -> str:
    try:
        done = subprocess.run(
            shlex.split(command),
            capture_output=True,
            check=True,
            timeout=COMMAND_SECONDS,
            text=True,
        )
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise KeysUnusable(f"EKYC_KEYS_COMMAND failed: {_why(error)}") from None
    return done.stdout


def _why(error: Exception) -> str:
    """Not the error's own text, which may quote the output, which is the keys."""
    match error:
        case subprocess.CalledProcessError():
            return f"exit status {error.returncode}; run it by hand to see what it says"
        case subprocess.TimeoutExpired():
            return f"no end within {COMMAND_SECONDS:.0f} seconds"
        case OSError():
            return f"it cannot be run ({error.strerror})"
        case _:
            return "its quotes do not match, or what it prints is no text"


def _make_file(path: Path) -> Keys:
    """A new key file, readable by its owner alone. When two processes start at once, both use the first one's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(write_keys(Keys.new()))
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(temporary, path)
            # Of whichever command or service was the first: commands show it on the terminal.
            log.warning(
                f"Made {path}: the keys that enrolled faces are sealed with. Without them nobody enrolled is ever "
                "recognised again: keep a copy, away from the database's own backups."
            )
    finally:
        Path(temporary).unlink()
    flush_folder(path.parent)
    return read_keys(path.read_text("utf-8"))


def _check_ours(keys: Keys, known: Mapping[str, bytes]) -> None:
    """Raises KeysUnusable."""
    for key_id, expected in known.items():
        if key_id in keys.sealing and proof(key_id, keys.sealing[key_id]) != expected:
            raise KeysUnusable(f"The key {key_id!r} is not the one this database was sealed with.")
    if LOOKUP in known and proof(LOOKUP, keys.lookup) != known[LOOKUP]:
        raise KeysUnusable("The lookup key is not the one this database was made with.")


def _known(engine: Engine) -> dict[str, bytes]:
    with Session(engine) as session:
        return {row.id: row.proof for row in session.scalars(select(SealingKeyRow))}


def _remember(engine: Engine, keys: Keys, known: Mapping[str, bytes]) -> None:
    """Raises KeysUnusable: somebody else has just begun this database, with other keys."""
    ours = {LOOKUP: keys.lookup, keys.current: keys.sealing[keys.current]}
    new = {key_id: key for key_id, key in ours.items() if key_id not in known}
    try:
        with engine.begin() as connection:  # in one step: of two that begin a database one has
            for key_id, key in new.items():
                record(connection, key_id, key)
    except IntegrityError:
        known = _known(engine)
        _check_ours(keys, known)
        _remember(engine, keys, known)
