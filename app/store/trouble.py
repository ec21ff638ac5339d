"""Why a database cannot be used just now, in words for the operator; nothing is wrong with the request or with us."""

from __future__ import annotations

import sqlite3

import psycopg
from sqlalchemy.exc import DBAPIError, SQLAlchemyError, TimeoutError

FULL = "the disk is full"
READ_ONLY = "it is read-only"
LOCKED = "another writer holds it"
DISK = "the disk fails"
CROWDED = "all connections to it are in use"
UNREACHABLE = "it cannot be reached, or is restarting"
OTHER = "it refuses to work"

_SQLITE = {
    sqlite3.SQLITE_FULL: FULL,
    sqlite3.SQLITE_READONLY: READ_ONLY,
    sqlite3.SQLITE_BUSY: LOCKED,
    sqlite3.SQLITE_LOCKED: LOCKED,
    sqlite3.SQLITE_IOERR: DISK,
    sqlite3.SQLITE_CANTOPEN: UNREACHABLE,
}
_SQLITE_EXTENDED = {sqlite3.SQLITE_IOERR_SHMSIZE: FULL}
"""The index to the write-ahead log cannot grow: what whoever opens the database first meets on a full disk."""
_PRIMARY = 0xFF
"""SQLite's extended result codes keep the primary one in the low byte."""

_POSTGRES = {"53100": FULL, "25006": READ_ONLY, "55P03": LOCKED, "40P01": LOCKED, "58030": DISK}
_POSTGRES_CLASSES = {"08": UNREACHABLE, "57": UNREACHABLE, "53": OTHER}
"""The first two characters of an SQLSTATE: connections, an operator's intervention, resources."""


def trouble(error: SQLAlchemyError) -> str | None:
    """The cause, where it is the database's state that a later try may find mended; None for any other failure."""
    if isinstance(error, TimeoutError):  # of the pool
        return CROWDED
    if not isinstance(error, DBAPIError):
        return None
    original = error.orig
    if isinstance(original, sqlite3.Error):
        code = getattr(original, "sqlite_errorcode", None)  # not set by errors of the driver itself
        if code is None:
            return None
        return _SQLITE_EXTENDED.get(code) or _SQLITE.get(code & _PRIMARY)
    if isinstance(original, psycopg.Error):
        state = original.sqlstate
        if state is not None:
            return _POSTGRES.get(state) or _POSTGRES_CLASSES.get(state[:2])
        lost = psycopg.OperationalError | psycopg.InterfaceError
        return UNREACHABLE if isinstance(original, lost) else None
    return None
