"""Seals everything anew with the current key, a batch at a time, while the service runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, Row, Table, bindparam, func, select, update
from sqlalchemy.orm import DeclarativeBase

from app.signing import signing_place
from app.store.cipher import Cipher
from app.store.clock import tick
from app.store.faces import (
    details_place,
    fingerprint_place,
    image_place,
    person_place,
    template_place,
)
from app.store.sessions import details_place as session_place
from app.store.tables import (
    FaceImageRow,
    FaceRow,
    FingerprintRow,
    PersonRow,
    SessionRow,
    SigningKeyRow,
)

BATCH = 200
"""Rows sealed in one transaction, which others who change the gallery wait for: some tens of milliseconds."""

Place = Callable[[Row[*tuple[Any, ...]]], str]


@dataclass(frozen=True, slots=True)
class Kind:
    """A table with sealed columns, and what each is bound to."""

    table: Table
    key: str
    columns: Mapping[str, Place]


def _table(row: type[DeclarativeBase]) -> Table:
    table = row.__table__
    assert isinstance(table, Table)
    return table


KINDS = (
    Kind(_table(PersonRow), "id", {"name": lambda row: person_place(row.collection_id)}),
    Kind(
        _table(FaceRow),
        "id",
        {
            "template": lambda row: template_place(row.id, row.collection_id, row.recogniser),
            "details": lambda row: details_place(row.id, row.collection_id),
        },
    ),
    Kind(_table(FaceImageRow), "face_id", {"image": lambda row: image_place(row.face_id)}),
    Kind(
        _table(FingerprintRow),
        "id",
        {"image": lambda row: fingerprint_place(row.id, row.person_id)},
    ),
    Kind(_table(SessionRow), "request_id", {"details": session_place}),
    Kind(
        _table(SigningKeyRow),
        "credential_id",
        {"secret": lambda row: signing_place(row.credential_id)},
    ),
)


class Rotation:
    """May be interrupted: what was sealed anew stays so, and the next run goes on."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher

    def rows(self) -> dict[str, int]:
        """How many rows each key has sealed."""
        found: Counter[str] = Counter()
        with self._engine.connect() as connection:
            for kind in KINDS:
                column = kind.table.c.key_id
                counted = select(column, func.count()).group_by(column)
                for key, count in connection.execute(counted):
                    found[key] += count
        return dict(found)

    def __call__(self, report: Callable[[int], None]) -> int:
        """Seal what other keys have sealed; how many rows. `report` hears the count now and then.

        Raises:
            Tampered, KeyMissing: a row does not open.
        """
        done = 0
        for kind in KINDS:
            while (some := self._pass(kind, done, report)) > 0:
                done += some
        return done

    def _pass(self, kind: Kind, done: int, report: Callable[[int], None]) -> int:
        """Once through the table; how many rows."""
        sealed, last = 0, None
        while changed := self._batch(kind, last):
            sealed, last = sealed + len(changed), changed[-1]
            report(done + sealed)
        return sealed

    def _batch(self, kind: Kind, last: object) -> list[object]:
        """The keys of the rows sealed anew: the next after `last`, so that no batch looks through what is done already."""
        table, key = kind.table, kind.table.c[kind.key]
        with self._engine.begin() as connection:
            tick(connection)  # nobody is between sealing a row and writing it
            old = select(table).where(table.c.key_id != self._cipher.current)
            if last is not None:
                old = old.where(key > last)
            found = connection.execute(old.order_by(key).limit(BATCH))
            changed = [self._anew(kind, row) for row in found]
            if changed:
                connection.execute(update(table).where(key == bindparam("of_row")), changed)
        return [values["of_row"] for values in changed]

    def _anew(self, kind: Kind, row: Row[*tuple[Any, ...]]) -> dict[str, object]:
        values: dict[str, object] = {"of_row": row._mapping[kind.key]}
        for name, place in kind.columns.items():
            plain = self._cipher.open(row.key_id, row._mapping[name], place(row))
            sealed = self._cipher.seal(plain, place(row))
            values |= {name: sealed.data, "key_id": sealed.key_id}
        return values
