"""Brings a database to the newest schema by running the migrations; the only way a table is ever made."""

from __future__ import annotations

from collections.abc import Callable

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.settings import ROOT
from app.store.database import open_database, wait_for_locks

MIGRATING = 0x656B796D
"""An advisory lock's number, ours as far as numbers can be ("ekym")."""


class NewerDatabase(Exception):
    """The database has the schema of a newer release; the message is for the operator."""


def upgrade(database_url: str) -> None:
    """Run every migration the database has not seen. Safe to repeat. Raises NewerDatabase."""
    _run(database_url, command.upgrade, "head")


def downgrade(database_url: str, revision: str) -> None:
    """Go back to the schema of an older release; what that had no tables for is lost."""
    _run(database_url, command.downgrade, revision)


def is_current(engine: Engine) -> bool:
    """Does the database have the schema this code was written for?"""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return revision_of(engine) == head


def revision_of(engine: Engine) -> str | None:
    """The newest migration the database has seen; None for a database without tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def is_known(revision: str) -> bool:
    """Has this code the migration, or is the database of a newer release?"""
    known = ScriptDirectory.from_config(_config()).walk_revisions()
    return revision in {script.revision for script in known}


def _config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")


def _run(database_url: str, do: Callable[[Config, str], None], revision: str) -> None:
    """All steps in one transaction: whatever cuts it off leaves the old schema or the new."""
    engine = open_database(database_url)
    config = _config()
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                # SQLite alters a table by making it anew: references to it are checked at the end instead. Its driver
                # would begin no transaction before changes of the schema.
                connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                # Whoever comes second finds everything done. PostgreSQL's "if not exists" fails when two do it at once.
                wait_for_locks(connection)
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({MIGRATING})")
            seen = MigrationContext.configure(connection).get_current_revision()
            if seen is not None and not is_known(seen):
                raise NewerDatabase(
                    f"The database has the schema {seen} of a newer release: install that one again, or restore a backup"
                    " from before it was installed."
                )
            config.attributes["connection"] = connection
            do(config, revision)
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise RuntimeError(f"rows refer to others that are not there: {broken[:5]}")
            connection.commit()
    finally:
        engine.dispose()
