"""What the first start settles: the model pack, pinned in the settings file, the database and its keys.

Stored templates are bound to the recogniser that made them, so the choice is made once and then kept: a service that
changed packs when a file appeared or vanished would stop recognising its customers.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from app.settings import Settings, read_settings, settings_file
from app.store.database import open_database, wait_for_locks
from app.store.keys import open_keys
from app.store.migrate import upgrade
from app.store.pgvector import make_extension
from models.choose import Choice, choose_pack

PACK_KEY = "EKYC_PACK"
Say = Callable[[str], None]


class Choose(Protocol):
    def __call__(self, weights_dir: Path | None = None, *, say: Say) -> Choice: ...


def make_ready(*, say: Say, choose: Choose = choose_pack) -> Settings:
    """The settings to serve with: a pack is chosen and pinned if none was, and the database is migrated.

    Raises:
        pydantic.ValidationError: the settings make no sense.
        KeysUnusable: the sealing keys are missing or not this database's.
        ExtensionMissing: PostgreSQL is to search, and cannot.
    """
    settings = read_settings()
    if "pack" not in settings.model_fields_set:
        say("First start: choosing the model pack ...")
        choice = choose(settings.weights_dir, say=say)
        say(choice.notice)
        pin(PACK_KEY, choice.pack)
        say(f"Pinned {PACK_KEY}={choice.pack} in {settings_file()}.")
        settings = read_settings()
    upgrade(settings.database_url)
    engine = open_database(settings.database_url)
    try:
        open_keys(settings, engine)
        if settings.index == "pgvector":
            with engine.begin() as connection:
                wait_for_locks(connection)
                make_extension(connection)
    finally:
        engine.dispose()
    return settings


def pin(key: str, value: str) -> None:
    """Append one line to the settings file, all or nothing, so that a cut-off start leaves no half-written file."""
    path = settings_file().resolve()  # a link stays a link
    path.parent.mkdir(parents=True, exist_ok=True)
    before = path.read_text("utf-8") if path.exists() else ""
    if before and not before.endswith("\n"):
        before += "\n"
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if (
            path.exists()
        ):  # whoever may read it now, may read it then; a new file is its owner's alone
            owner = path.stat()
            os.fchmod(handle, stat.S_IMODE(owner.st_mode))
            with contextlib.suppress(PermissionError):
                os.fchown(handle, owner.st_uid, owner.st_gid)
        file.write(f"{before}{key}={value}\n")
        file.flush()
        os.fsync(file.fileno())
    Path(temporary).replace(path)
