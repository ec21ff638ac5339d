"""Brings a database to the newest schema by running the migrations; the only way a table is ever made."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from app.settings import ROOT
from app.store.database import open_database


def upgrade(database_url: str) -> None:
    """Run every migration the database has not seen. Safe to repeat."""
    engine = open_database(database_url)
    config = _config()
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


def is_current(engine: Engine) -> bool:
    """Does the database have the schema this code was written for?"""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head


def _config() -> Config:
    return Config(toml_file=ROOT / "pyproject.toml")
