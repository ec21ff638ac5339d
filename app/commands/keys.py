"""The keys that enrolled faces are sealed with: list, rotate beside the running service, retire."""

from __future__ import annotations

import argparse
import secrets
import sys
from collections.abc import Sequence

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from app.commands.head import Refusal, database, in_words
from app.settings import Settings, read_settings
from app.store.audit import Act, Audit
from app.store.cipher import KEY_BYTES, Keys
from app.store.clock import tick
from app.store.keys import (
    KeysChanged,
    check_unchanged,
    in_file,
    keys_file,
    open_cipher,
    open_keys,
    record,
    replace_file,
)
from app.store.rotation import Rotation

REPORT_EVERY = 10_000


@in_words(KeysChanged)
def main(argv: Sequence[str]) -> int:
    """0 when done, 1 when refused or a row does not open, 2 when keys or database are unusable."""
    asked = _parser().parse_args(argv)
    settings = read_settings()
    with database(settings) as engine:
        if asked.command == "rotate":
            _rotate(settings, engine)
        elif asked.command == "retire":
            _retire(settings, engine, asked.key)
        else:
            _list(settings, engine)
    return 0


def _rotate(settings: Settings, engine: Engine) -> None:
    keys = open_keys(settings, engine)
    unfinished = set(Rotation(engine, open_cipher(settings, engine)).rows()) - {keys.current}
    if unfinished:
        print(f"going on with the rotation to {keys.current}")
    elif in_file(settings):
        keys = _new_key(settings, engine, keys)
        print(f"new key {keys.current} in {keys_file(settings)}: copy the file to its safe place")
    else:
        raise Refusal(
            "Everything is sealed with the current key. Add a new key to the place they come from (EKYC_KEYS or "
            "EKYC_KEYS_COMMAND), name it as `current`, start the services again, and run this again."
        )
    cipher = open_cipher(settings, engine)
    done = Rotation(engine, cipher)(_report)
    Audit(engine, cipher).note(Act.ROTATE_KEYS)
    print(f"sealed {done} rows with {keys.current}; the old keys stay for backups (keys retire ID)")


def _new_key(settings: Settings, engine: Engine, keys: Keys) -> Keys:
    """One rotation at a time: a second key of the same name would make what is sealed with the first unreadable."""
    new = _with_new(keys)
    with engine.begin() as connection:
        tick(connection)
        check_unchanged(settings, keys)
        try:
            record(connection, new.current, new.sealing[new.current])
        except IntegrityError:
            raise Refusal(
                f"The database knows another key {new.current}, which is not in {keys_file(settings)}: bring the newest "
                "key file here first."
            ) from None
        replace_file(settings, new)
    return new


def _with_new(keys: Keys) -> Keys:
    numbers = [int(name[1:]) for name in keys.sealing if name[:1] == "k" and name[1:].isdecimal()]
    name = f"k{max(numbers, default=0) + 1}"
    return Keys(name, {**keys.sealing, name: secrets.token_bytes(KEY_BYTES)}, keys.lookup)


def _retire(settings: Settings, engine: Engine, key: str) -> None:
    keys, cipher = open_keys(settings, engine), open_cipher(settings, engine)
    if key not in keys.sealing:
        raise Refusal(f"There is no key {key!r}.")
    if key == keys.current:
        raise Refusal(f"{key} is the current key: rotate first.")
    if not in_file(settings):
        raise Refusal("The keys do not come from a file: take it away where they come from.")
    with engine.begin() as connection:
        tick(connection)  # nobody writes meanwhile
        check_unchanged(settings, keys)
        Audit(engine, cipher).append(connection, Act.RETIRE_KEY)
        used = Rotation(engine, cipher).rows().get(key, 0)
        if used:
            raise Refusal(f"{used} rows are sealed with {key}: run keys rotate.")
        left = {name: value for name, value in keys.sealing.items() if name != key}
        replace_file(settings, Keys(keys.current, left, keys.lookup))
    print(f"{key} is gone from {keys_file(settings)}; backups made with it need the old file")


def _list(settings: Settings, engine: Engine) -> None:
    keys = open_keys(settings, engine)
    rows = Rotation(engine, open_cipher(settings, engine)).rows()
    for name in sorted({*keys.sealing, *rows}):
        state = "current" if name == keys.current else "old" if name in keys.sealing else "MISSING"
        print(f"{name}  {state}  {rows.get(name, 0)} rows")


def _report(done: int) -> None:
    if done % REPORT_EVERY == 0:
        print(f"{done} ...", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="keys", description=__doc__)
    verbs = parser.add_subparsers(dest="command", required=True)
    verbs.add_parser("list", help="every key and how many rows it has sealed")
    verbs.add_parser("rotate", help="a new key, and everything sealed anew with it")
    retire = verbs.add_parser("retire", help="take a key that no row uses out of the key file")
    retire.add_argument("key", metavar="ID")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
