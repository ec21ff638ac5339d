"""A consistent copy of the database while the service runs, and putting one back; for SQLite and PostgreSQL."""

from __future__ import annotations

import os
import secrets
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from app.store.files import flush_folder

LOGS = ("-wal", "-shm")
COPY_SECONDS = 6 * 3600
EMPTY_SQL = (
    "DO $$ DECLARE one record; BEGIN"
    " FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = current_schema() LOOP"
    " EXECUTE format('DROP TABLE IF EXISTS %I CASCADE', one.tablename); END LOOP; END $$;"
    " DROP FUNCTION IF EXISTS audit_refuses CASCADE;"
)
"""pg_restore --clean drops only what is in the copy, not what a newer release has added since."""


class CopyFailed(Exception):
    """The message is for the operator."""


class InUse(Exception):
    """A service still has the database open."""


def copy_out(url: str, target: Path) -> None:
    """Write a copy of one moment; others go on writing meanwhile. Raises CopyFailed."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        _copy_sqlite(_path(parsed), target)
    else:
        # The vectors of pgvector are in clear, and made anew from the rows.
        _run(
            parsed, "pg_dump", "-Fc", "--no-owner", "--no-comments", "--exclude-table=face_vectors*",
            "-f", str(target),
        )  # fmt: skip
    target.chmod(0o600)
    with target.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def put_aside(url: str, copy: Path) -> Iterator[str]:
    """The URL of a database for a while, filled from a copy: what a restore would give. Raises CopyFailed."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        aside = copy.with_name(f"{copy.name}.aside")
        shutil.copyfile(copy, aside)
        try:
            yield f"sqlite:///{aside}"
        finally:
            _remove(aside)
        return
    name = f"ekyc_aside_{secrets.token_hex(6)}"
    engine = create_engine(parsed, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {name}"))
        try:
            other = parsed.set(database=name)
            _fill_postgres(other, copy)
            yield other.render_as_string(hide_password=False)
        finally:
            with engine.connect() as connection:
                connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    except SQLAlchemyError as error:
        raise CopyFailed(f"no database for a trial restore: {type(error).__name__}") from error
    finally:
        engine.dispose()


def copy_in(url: str, copy: Path, make_ready: Callable[[str], None]) -> None:
    """Put a copy in the place of the database, whole or not at all. SQLite's old files stay beside it, as `.before-restore`.

    Args:
        make_ready: what is to be done to it; to SQLite's before it is put there.

    Raises:
        InUse, CopyFailed
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        _refuse_connections(parsed)
        _fill_postgres(parsed, copy)
        make_ready(url)
        return
    path = _path(parsed)
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        _refuse_kept(path)
        _take_alone(path)
    new = path.with_name(f"{path.name}.restoring")
    _remove(new)  # a log that was left by a restore that was cut off would be played into this copy
    try:
        shutil.copyfile(copy, new)
        new.chmod(0o600)
        make_ready(f"sqlite:///{new}")
        if path.exists():
            _give_to_its_owner(new, path)
        with new.open("rb") as file:
            os.fsync(file.fileno())
        _set_aside(path)
        new.replace(path)
    finally:
        _remove(new)
    flush_folder(path.parent)


def _remove(path: Path) -> None:
    for suffix in ("", *LOGS):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _give_to_its_owner(new: Path, old: Path) -> None:
    """Whoever could read the old one can read the new: an operator may restore as root what a service opens as somebody else."""
    was = old.stat()
    new.chmod(stat.S_IMODE(was.st_mode))
    with suppress(PermissionError):
        os.chown(new, was.st_uid, was.st_gid)


def _refuse_kept(path: Path) -> None:
    """What an earlier restore has kept is not written over: it may be the only database that was lived in since the backup.

    Raises:
        CopyFailed
    """
    aside = _kept(path)
    if aside.exists() and aside.samefile(path):
        return  # that restore was cut off, and has put nothing in the database's place
    for kept in (_kept(path, suffix) for suffix in ("", *LOGS)):
        if kept.exists():
            raise CopyFailed(
                f"{kept} is of the database from before an earlier restore: move it away first"
            )


def _set_aside(path: Path) -> None:
    """Keep what is there under another name as well. A database too damaged to be opened still has its write-ahead log, which
    SQLite would play into whatever comes to stand in its place: that is moved, with the index to it."""
    if path.exists():  # else what an earlier restore has kept stays
        for suffix in ("", *LOGS):
            old, kept = Path(f"{path}{suffix}"), _kept(path, suffix)
            if old.exists() and not kept.exists():
                os.link(old, kept)  # the database itself is replaced in one step, and never missing
    for suffix in LOGS:
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def _kept(path: Path, suffix: str = "") -> Path:
    return path.with_name(f"{path.name}.before-restore{suffix}")


def _copy_sqlite(path: Path, target: Path) -> None:
    try:
        with (
            closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as source,
            closing(sqlite3.connect(target)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, not three
    except sqlite3.Error as error:
        raise CopyFailed(f"{path}: {error}") from error


def _take_alone(path: Path) -> None:
    """Leaving the write-ahead log succeeds only for the last one who has the database open. Raises InUse."""
    try:
        with closing(sqlite3.connect(path, timeout=0.0)) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise InUse(f"{path} is in use ({error}): stop the service first") from error
    except sqlite3.DatabaseError:
        return  # so damaged that it is no database: what a restore is for


def _refuse_connections(url: URL) -> None:
    statement = (
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            others = connection.scalar(text(statement))
    finally:
        engine.dispose()
    if others:
        raise InUse(f"the database has {others} other connections: stop the services first")


def _fill_postgres(url: URL, copy: Path) -> None:
    """In one transaction."""
    script = copy.with_name(f"{copy.name}.sql")
    try:
        script.touch(0o600)
        _run(url, "pg_restore", "--no-owner", "-f", str(script), str(copy), connects=False)
        _run(
            url, "psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-c", EMPTY_SQL,
            "-f", str(script),
        )  # fmt: skip
    finally:
        script.unlink(missing_ok=True)


def _run(url: URL, tool: str, *arguments: str, connects: bool = True) -> None:
    if shutil.which(tool) is None:
        raise CopyFailed(f"{tool} is missing: install PostgreSQL's client programs")
    # Other users see a command line, and no variables.
    where = url.set(drivername="postgresql", password=None).render_as_string()
    variables = dict(os.environ)
    if url.password is not None:
        variables["PGPASSWORD"] = str(url.password)
    command = [tool, *(["-d", where] if connects else []), *arguments]
    try:
        subprocess.run(
            command, env=variables, capture_output=True, check=True, timeout=COPY_SECONDS
        )
    except subprocess.SubprocessError as error:
        said = (getattr(error, "stderr", None) or b"").decode(errors="replace").strip()
        raise CopyFailed(f"{tool} failed: {said[-500:]}") from error


def _path(url: URL) -> Path:
    if not url.database or url.database == ":memory:":
        raise CopyFailed("a database in memory cannot be copied")
    return Path(url.database)
