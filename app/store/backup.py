"""Backups: a copy of the database with a manifest, proved by restoring it aside. The keys are not in it."""

from __future__ import annotations

import hashlib
import hmac
import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import Engine, func, select, text
from sqlalchemy.engine import make_url

from app.settings import Settings
from app.store.audit import Act, Audit, ChainBroken
from app.store.cipher import Cipher, KeyMissing, Tampered
from app.store.clock import leap
from app.store.copies import copy_in, copy_out, put_aside
from app.store.database import open_database
from app.store.faces import Faces, now, selected
from app.store.files import write_whole
from app.store.keys import brought_cipher
from app.store.migrate import is_known, revision_of, upgrade
from app.store.rotation import Rotation
from app.store.tables import FaceRow, PersonRow

COPY, MANIFEST = "database", "manifest.json"


class BackupBad(Exception):
    """The backup is damaged, foreign or of a newer release; the message is for the operator."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a restored copy was found to hold. `audit` is the head of its chain; `keys` are needed to open it."""

    revision: str
    faces: int
    people: int
    audit: str
    keys: list[str]


@dataclass(frozen=True, slots=True)
class Manifest:
    """`proof` is a keyed hash of the rest: only who has the keys can make a manifest."""

    made: str
    kind: str
    sha256: str
    contents: Contents
    proof: str = ""

    def __str__(self) -> str:
        held = self.contents
        keys = ", ".join(held.keys) or "none"
        return (
            f"{held.faces} faces of {held.people} people, made {self.made}\n"
            f"opens with the keys {keys}; audit head {held.audit}"
        )

    def text(self) -> str:
        said = {name: value for name, value in asdict(self).items() if name != "proof"}
        return json.dumps(said, sort_keys=True)


def back_up(settings: Settings, folder: Path) -> Manifest:
    """Make `folder`, which must not exist, and prove that it restores.

    Raises:
        CopyFailed, BackupBad: there is no good backup, or the folder is there already.
    """
    cipher = brought_cipher(settings)
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise BackupBad(f"{folder} is there already: name a new folder") from None
    try:
        return _made(settings.database_url, folder, cipher)
    except BaseException:
        shutil.rmtree(folder)  # nothing is left that looks like a backup
        raise


def check(settings: Settings, folder: Path) -> Manifest:
    """Is the backup whole, ours, to be opened with the keys at hand, and of a release we know. Raises BackupBad."""
    cipher = brought_cipher(settings)
    try:
        said = json.loads((folder / MANIFEST).read_text("utf-8"))
        manifest = Manifest(**(said | {"contents": Contents(**said["contents"])}))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise BackupBad(f"{folder} holds no backup with a manifest") from error
    if not hmac.compare_digest(_proof(cipher, manifest), manifest.proof):
        raise BackupBad("the manifest was altered, or the keys are another installation's")
    missing = cipher.missing(manifest.contents.keys)
    if missing:
        raise BackupBad(
            f"it opens with the keys {', '.join(missing)}, which are not at hand: put their lines back into the key file"
        )
    if _digest(folder / COPY) != manifest.sha256:
        raise BackupBad("the copy is damaged: its digest is not the manifest's")
    if not is_known(manifest.contents.revision):
        raise BackupBad("the backup is of a newer release: install that one first")
    if make_url(settings.database_url).get_backend_name() != manifest.kind:
        raise BackupBad(f"the backup is of {manifest.kind}, and EKYC_DATABASE_URL is not")
    return manifest


def restore(settings: Settings, folder: Path) -> Manifest:
    """Put a backup in the place of the database, brought to this release's schema.

    Raises:
        BackupBad, CopyFailed, InUse: nothing was changed.
    """
    manifest = check(settings, folder)
    cipher = brought_cipher(settings)

    def make_ready(url: str) -> None:
        upgrade(url)
        engine = open_database(url)
        try:
            with engine.begin() as connection:
                # Index files of what was here before do not fit from now on either.
                leap(connection)
                Audit(engine, cipher).append(connection, Act.RESTORE)
        finally:
            engine.dispose()

    copy_in(settings.database_url, folder / COPY, make_ready)
    return manifest


def _made(url: str, folder: Path, cipher: Cipher) -> Manifest:
    copy = folder / COPY
    copy_out(url, copy)
    with put_aside(url, copy) as aside:
        contents = _contents(aside, cipher)
    kind = make_url(url).get_backend_name()
    made = Manifest(f"{now():%Y-%m-%dT%H:%M:%S}Z", kind, _digest(copy), contents)
    signed = asdict(made) | {"proof": _proof(cipher, made)}
    write_whole(folder / MANIFEST, [json.dumps(signed, indent=1).encode()])
    return made


def _contents(url: str, cipher: Cipher) -> Contents:
    """Raises BackupBad."""
    engine = open_database(url)
    try:
        _sound(engine)
        with engine.connect() as connection:
            faces = connection.execute(select(func.count()).select_from(FaceRow)).scalar_one()
            people = connection.execute(select(func.count()).select_from(PersonRow)).scalar_one()
            Faces(cipher).read(connection, selected().limit(1))
        head = Audit(engine, cipher).verify()
        keys = sorted(Rotation(engine, cipher).rows())
        return Contents(revision_of(engine) or "", faces, people, str(head), keys)
    except (ChainBroken, Tampered, KeyMissing) as error:
        raise BackupBad(f"the database that was copied is not sound: {error}") from error
    finally:
        engine.dispose()


def _sound(engine: Engine) -> None:
    if engine.dialect.name == "sqlite":
        with engine.connect() as connection:
            said = connection.execute(text("PRAGMA integrity_check")).scalar_one()
        if said != "ok":
            raise BackupBad(f"the database that was copied is damaged: {said}")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _proof(cipher: Cipher, manifest: Manifest) -> str:
    return cipher.digest(manifest.text(), "backup").hex()
