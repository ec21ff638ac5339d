"""What every command begins with: the database it works on, and words for what stands in its way."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import ParamSpec

from pydantic import ValidationError
from sqlalchemy import Engine
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DatabaseError, OperationalError

from app.runtime import CannotStart
from app.settings import Settings, SettingsFileUnusable, faults, read_settings
from app.store.cipher import KeyMissing, Tampered
from app.store.database import open_database
from app.store.keys import KeysUnusable
from app.store.migrate import NewerDatabase, revision_of, upgrade
from app.store.pgvector import ExtensionMissing
from app.store.trouble import trouble

P = ParamSpec("P")

CANNOT, UNUSABLE = 1, 2
"""Exit statuses: what was asked cannot be done; settings, keys, models or database are not to be used."""

MOST = 2**31 - 1
"""What a whole number in the database may be."""


class Refusal(Exception):
    """What was asked would lose something, or makes no sense; the message says what."""


def in_words(*cannot: type[Exception]) -> Callable[[Callable[P, int]], Callable[P, int]]:
    """Around a command's `main`: what an operator can mend is told in a line on standard error, not as a traceback.

    Args:
        cannot: errors of this command whose message is for the operator.
    """

    own: tuple[type[Exception], ...] = (Refusal, Tampered, KeyMissing, *cannot)
    unusable = (SettingsFileUnusable, KeysUnusable, NewerDatabase, CannotStart, ExtensionMissing)

    def around(main: Callable[P, int]) -> Callable[P, int]:
        @wraps(main)
        def told(*args: P.args, **kwargs: P.kwargs) -> int:
            try:
                return main(*args, **kwargs)
            except own as error:
                return sorry(str(error))
            except ValidationError as error:
                return sorry(faults(error), UNUSABLE)
            except unusable as error:
                return sorry(str(error), UNUSABLE)
            except DatabaseError as error:
                cause = trouble(error)
                # Others of its kinds are mistakes of ours: they keep their traceback.
                if cause is None and type(error) not in (DatabaseError, OperationalError):
                    raise
                return sorry(f"the database cannot be used: {cause or error.orig}", UNUSABLE)
            except OSError as error:
                if error.filename is None:
                    raise
                return sorry(f"{error.filename}: {error.strerror}")

        return told

    return around


def settings_unless_help(argv: Sequence[str]) -> Settings | None:
    """For a command whose help names what the settings say: None where it is asked for and they are not to be used."""
    try:
        return read_settings()
    except (ValidationError, SettingsFileUnusable):
        if {"-h", "--help"} & {*argv}:
            return None
        raise


@contextmanager
def database(settings: Settings, *, may_be_new: bool = False) -> Iterator[Engine]:
    """The settings' database, brought to this release's schema.

    Raises:
        Refusal: there is none, and it may not be new: of an empty one everything would be found in order.
    """
    url = settings.database_url
    if not (may_be_new or _is_there(url)):
        said = make_url(url).render_as_string()
        raise Refusal(
            f"there is no database of this service at {said} (EKYC_DATABASE_URL): `serve` or `clients add` makes one"
        )
    upgrade(url)
    engine = open_database(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _is_there(url: str) -> bool:
    path = make_url(url)
    if path.get_backend_name() == "sqlite" and not Path(path.database or "").exists():
        return False  # opening it would make it
    engine = open_database(url)
    try:
        return revision_of(engine) is not None
    finally:
        engine.dispose()


def sorry(text: str, status: int = CANNOT) -> int:
    sys.stderr.write(text + "\n")
    return status


def whole(text: str, least: int, most: int = MOST) -> int:
    """A whole number of the command line."""
    if not text.isdecimal() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return int(text)
