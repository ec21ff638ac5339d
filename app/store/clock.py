"""The gallery's clock: one row that puts all changes, of all processes, in the order of their commits."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, select, update

from app.store.tables import GalleryClockRow

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
