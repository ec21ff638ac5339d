"""Everything kept of one person, in every collection: told, or erased with a signed receipt."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from sqlalchemy import Connection, Engine, select

from app.clients import UnknownClient
from app.store.audit import Act, Audit
from app.store.cipher import Cipher
from app.store.clock import read_clock, tick
from app.store.faces import (
    Faces,
    fingerprint_place,
    image_place,
    now,
    person_place,
    selected,
)
from app.store.removal import remove_person
from app.store.sessions import Named, Sessions
from app.store.tables import (
    ClientRow,
    CollectionRow,
    FaceImageRow,
    FaceRow,
    FingerprintRow,
    PersonRow,
)

SIGNATURE, PUBLIC_KEY = "signature", "public_key"


class ReceiptInvalid(Exception):
    """The receipt was altered, or is another installation's."""


@dataclass(frozen=True, slots=True)
class Found:
    """A person's row in one collection. `digest` is what the row is looked up by: a keyed hash, in hexadecimal."""

    person: int
    digest: str
    collection: int
    client: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Where one person is enrolled, and in whose sessions the person is concerned."""

    enrolled: Sequence[Found]
    sessions: Sequence[Named]

    def __bool__(self) -> bool:
        return bool(self.enrolled or self.sessions)


class Record:
    """One person's record, by the client's own id of the person; of sessions also by a document's number. Pictures that were enrolled for themselves, without a
    person, are nobody's here: they are deleted by their own ids."""

    def __init__(self, engine: Engine, cipher: Cipher) -> None:
        self._engine = engine
        self._cipher = cipher
        self._audit = Audit(engine, cipher)
        self._sessions = Sessions(cipher)

    def find(self, name: str, *, client: str | None = None) -> Kept:
        """Where this id is known: with every client, or one. Raises UnknownClient."""
        asked = select(ClientRow.id)
        if client is not None:
            asked = asked.where(ClientRow.name == client)
        with self._engine.connect() as connection:
            clients = connection.scalars(asked).all()
            if client is not None and not clients:
                raise UnknownClient(client)
            everywhere = select(CollectionRow.id).where(CollectionRow.client_id.in_(clients))
            digests = [
                self._cipher.digest(name, person_place(collection))
                for collection in connection.scalars(everywhere).all()
            ]
            sessions = self._sessions.of(connection, clients, name)
            return Kept(self._with(connection, digests), sessions)

    def named(self, receipt: Mapping[str, Any]) -> Kept:
        """What of a receipt is here again, after a backup from before the erasure was restored."""
        digests = [bytes.fromhex(one["person"]) for one in receipt["erased"]]
        clients = {
            bytes.fromhex(one["person"]): one["client"] for one in receipt.get("sessions", ())
        }
        with self._engine.connect() as connection:
            sessions = self._sessions.with_digests(connection, clients)
            return Kept(self._with(connection, digests), sessions)

    def export(self, kept: Kept) -> dict[str, Any]:
        """Everything kept, opened, with the audit's rows about it; bytes as base64."""
        with self._engine.begin() as connection:
            ids: list[int] = []
            record = []
            for one in kept.enrolled:
                faces, prints = self._faces_of(connection, one), self._prints_of(connection, one)
                ids += [row["id"] for row in (*faces, *prints)]
                names = select(ClientRow.name, CollectionRow.name)
                names = names.join(CollectionRow, CollectionRow.client_id == ClientRow.id)
                client, collection = connection.execute(
                    names.where(CollectionRow.id == one.collection)
                ).one()
                record.append(
                    {
                        "client": client,
                        "collection": collection,
                        "faces": faces,
                        "fingerprints": prints,
                    }
                )
            acts = [
                {
                    "number": entry.number,
                    "at": _when(entry.at),
                    "act": entry.act,
                    "client": entry.client,
                }
                for entry in self._audit.naming(connection, ids)
            ]
            requests = sorted({one for named in kept.sessions for one in named.requests})
            sessions = [self._sessions.explained(connection, one) for one in requests]
        self._audit.note(Act.EXPORT, rows=ids)
        return {"exported": _when(now()), "kept": record, "acts": acts, "sessions": sessions}

    def erase(self, kept: Kept) -> dict[str, Any]:
        """Delete all of it in one step; the signed receipt, which names nobody."""
        with self._engine.begin() as connection:
            (version,) = tick(connection)
            erased = []
            for one in kept.enrolled:
                rows = remove_person(connection, version, one.person)
                number = self._audit.append(connection, Act.ERASE, one.client, one.collection, rows)
                erased.append(
                    {
                        "client": one.client,
                        "collection": one.collection,
                        "person": one.digest,
                        "rows": rows,
                        "audit": number,
                    }
                )
            sessions = [self._erase_sessions(connection, named) for named in kept.sessions]
            lineage = read_clock(connection).lineage
        said = {"at": _when(now()), "database": lineage, "erased": erased, "sessions": sessions}
        return self._signed(said)

    def _erase_sessions(self, connection: Connection, named: Named) -> dict[str, Any]:
        return {
            "client": named.client,
            "person": named.digest,
            "requests": self._sessions.erase(connection, named),
            "audit": self._audit.append(connection, Act.ERASE, named.client),
        }

    def check(self, receipt: Mapping[str, Any]) -> None:
        """Raises ReceiptInvalid."""
        try:
            said = {name: value for name, value in receipt.items() if name != SIGNATURE}
            key = base64.b64decode(said[PUBLIC_KEY], validate=True)
            signature = base64.b64decode(receipt[SIGNATURE], validate=True)
            Ed25519PublicKey.from_public_bytes(key).verify(signature, _canonical(said))
        except (AttributeError, KeyError, TypeError, ValueError, InvalidSignature):
            raise ReceiptInvalid("the receipt was altered, or is none") from None
        if key != self._public_key():
            raise ReceiptInvalid("the receipt is another installation's")

    def _signed(self, said: dict[str, Any]) -> dict[str, Any]:
        said = said | {PUBLIC_KEY: base64.b64encode(self._public_key()).decode()}
        signature = self._cipher.signer().sign(_canonical(said))
        return said | {SIGNATURE: base64.b64encode(signature).decode()}

    def _public_key(self) -> bytes:
        return self._cipher.signer().public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)

    def _with(self, connection: Connection, digests: Sequence[bytes]) -> list[Found]:
        statement = (
            select(PersonRow.id, PersonRow.digest, CollectionRow.id, CollectionRow.client_id)
            .join(CollectionRow, CollectionRow.id == PersonRow.collection_id)
            .where(PersonRow.digest.in_(digests))
            .order_by(PersonRow.id)
        )
        return [
            Found(person, digest.hex(), collection, client)
            for person, digest, collection, client in connection.execute(statement)
        ]

    def _faces_of(self, connection: Connection, one: Found) -> list[dict[str, Any]]:
        statement = selected().where(FaceRow.person_id == one.person)
        told = []
        for stored in Faces(self._cipher).read(connection, statement):
            face = stored.face
            kept = connection.execute(
                select(FaceImageRow.key_id, FaceImageRow.image).where(
                    FaceImageRow.face_id == face.id
                )
            ).one_or_none()
            image = kept and self._cipher.open(kept.key_id, kept.image, image_place(face.id))
            told.append(
                {
                    "id": face.id,
                    "person": face.person,
                    "enrolled": _when(face.enrolled),
                    "metadata": dict(face.metadata),
                    "quality": face.quality,
                    "source": face.source,
                    "recogniser": face.recogniser,
                    "template": base64.b64encode(stored.vector.tobytes()).decode(),
                    "image": None if image is None else base64.b64encode(image).decode(),
                }
            )
        return told

    def _prints_of(self, connection: Connection, one: Found) -> list[dict[str, Any]]:
        statement = select(FingerprintRow.id, FingerprintRow.finger, FingerprintRow.created)
        statement = statement.add_columns(FingerprintRow.key_id, FingerprintRow.image)
        rows = connection.execute(statement.where(FingerprintRow.person_id == one.person)).all()
        return [
            {
                "id": row.id,
                "finger": row.finger,
                "enrolled": _when(row.created),
                "image": base64.b64encode(
                    self._cipher.open(row.key_id, row.image, fingerprint_place(row.id, one.person))
                ).decode(),
            }
            for row in rows
        ]


def _canonical(said: Mapping[str, Any]) -> bytes:
    """What is signed: the receipt without its signature as JSON, keys sorted, without spaces, in UTF-8."""
    return json.dumps(said, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _when(at: Any) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"
