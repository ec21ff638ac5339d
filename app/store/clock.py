"""The gallery's clock: one row that puts all changes, of all processes, in the order of their commits."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from app.store.tables import GalleryClockRow

LEAP = 1_000_000_000
"""More versions than are given between a backup and its restore, should the machine's own clock be wrong."""
LINEAGE_BYTES = 16

READ = select(GalleryClockRow.version, GalleryClockRow.lineage)
TICK = (
    update(GalleryClockRow)
    .values(version=GalleryClockRow.version + bindparam("steps"))
    .returning(GalleryClockRow.version)
)
"""Built once: one runs with every search, the other with every change."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything up to `version` is committed and visible, in the database of this `lineage`."""

    version: int
    lineage: str


def read_clock(connection: Connection) -> Reading:
    version, lineage = connection.execute(READ).one()
    return Reading(version, lineage)


def leap(connection: Connection) -> None:
    """Begin another lineage, of versions that were never given before: they are also the ids of what is enrolled, and whoever was
    told of one before a backup was restored must not be answered with somebody else's.

    The new version is at least `LEAP` on and at least the milliseconds since 1970: from whichever backup, and however often, a
    database is restored, it begins above all that went before it (fewer than a thousand versions a second). That is below 2**53,
    up to which JavaScript and JSON readers keep whole numbers, for some 280,000 years.
    """
    version = max(read_clock(connection).version + LEAP, int(time.time() * 1000))
    lineage = secrets.token_hex(LINEAGE_BYTES)
    connection.execute(update(GalleryClockRow).values(version=version, lineage=lineage))


def hold(connection: Connection) -> None:
    """Keep the clock where it is until this transaction ends, as its first statement: nobody changes the gallery or seals rows
    anew meanwhile, and others who hold it are not waited for (but by SQLite, which has one writer at a time)."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.execute(select(GalleryClockRow.id).with_for_update(read=True))


def tick(connection: Connection, steps: int = 1) -> range:
    """Move the clock on, as the first statement of a transaction; the `steps` new versions, which nobody else gets.

    Others who want to change the gallery wait here until this transaction ends.
    """
    last = connection.execute(TICK, {"steps": steps}).scalar_one()
    return range(last - steps + 1, last + 1)
