"""The tables. Rows are the truth; whatever else is kept can be rebuilt from them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship


class Table(DeclarativeBase):
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class ClientRow(Table):
    """One customer's system: what it may call and how much of it.

    `quota` (answered requests) and `rate` (requests per minute) None mean without limit; times are UTC. `session_days`: how
    long its sessions are kept, None for ever.
    """

    __tablename__ = "clients"
    __table_args__ = (
        CheckConstraint("used >= 0", name="used_not_negative"),
        CheckConstraint("quota IS NULL OR used <= quota", name="used_within_quota"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    quota: Mapped[int | None]
    used: Mapped[int] = mapped_column(default=0)
    rate: Mapped[int | None]
    disabled: Mapped[bool] = mapped_column(default=False)
    expires: Mapped[datetime | None] = mapped_column(DateTime)
    created: Mapped[datetime] = mapped_column(DateTime)
    session_days: Mapped[int | None]
    credentials: Mapped[list[CredentialRow]] = relationship(
        back_populates="client", order_by="CredentialRow.id", cascade="all, delete-orphan"
    )

    def over(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


class CredentialRow(Table):
    """One set of a client's credentials; after a rotation with overlap there are two.

    `key` and the argon2id hash of its secret are the Basic pair. `token_digest` is the SHA-256 of the `x-api-key`: that header
    has no second part to look a row up by, and a fast digest is enough because the token is 256 random bits, which no
    dictionary holds.
    """

    __tablename__ = "credentials"

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(64), unique=True)
    secret_hash: Mapped[str] = mapped_column(String(200))
    token_digest: Mapped[str] = mapped_column(String(64), unique=True)
    expires: Mapped[datetime | None] = mapped_column(DateTime)
    created: Mapped[datetime] = mapped_column(DateTime)
    client: Mapped[ClientRow] = relationship(back_populates="credentials", lazy="joined")
    signing: Mapped[SigningKeyRow | None] = relationship(lazy="joined", viewonly=True)

    def over(self, now: datetime) -> bool:
        return self.expires is not None and self.expires <= now


class SigningKeyRow(Table):
    """What a signed client's requests are signed with, sealed; a credential without one is not asked for signatures."""

    __tablename__ = "signing_keys"

    credential_id: Mapped[int] = mapped_column(
        ForeignKey("credentials.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key_id: Mapped[str] = mapped_column(String(16))
    secret: Mapped[bytes] = mapped_column(LargeBinary)


class NonceRow(Table):
    """A signed request that was let in; forgotten once its timestamp alone would have it refused."""

    __tablename__ = "request_nonces"
    __table_args__ = (Index("ix_request_nonces_expires", "expires"),)

    client_id: Mapped[int] = mapped_column(
        ForeignKey("clients.id"), primary_key=True, autoincrement=False
    )
    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    expires: Mapped[datetime] = mapped_column(DateTime)


class CollectionRow(Table):
    """A client's faces: its own customers (name ""), or those of one outside party. `keep_days` None: until they are deleted."""

    __tablename__ = "collections"
    __table_args__ = (UniqueConstraint("client_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    name: Mapped[str] = mapped_column(String(100))
    created: Mapped[datetime] = mapped_column(DateTime)
    keep_days: Mapped[int | None]


class PersonRow(Table):
    """One person of one collection. The client's own id of the person may be an identity number, so it is kept sealed;
    `digest`, a keyed hash, is what it is looked up by.

    Ids of people, faces and fingerprints are drawn from the gallery's clock, so that none is ever used twice.
    """

    __tablename__ = "people"
    __table_args__ = (UniqueConstraint("collection_id", "digest"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    key_id: Mapped[str] = mapped_column(String(16))
    name: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime] = mapped_column(DateTime)


class FaceRow(Table):
    """One enrolled face. `template` (float32, little-endian) and `details` (metadata as JSON) are sealed with the key
    `key_id`. `version` is the clock's reading at the last change of the template: what an index catches up by."""

    __tablename__ = "faces"
    __table_args__ = (
        Index("ix_faces_collection_id_id", "collection_id", "id"),
        Index("ix_faces_version", "version"),
        Index("ix_faces_person_id", "person_id"),
        Index("ix_faces_recogniser_collection_id_id", "recogniser", "collection_id", "id"),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("people.id"))
    version: Mapped[int] = mapped_column(BigInteger)
    recogniser: Mapped[str] = mapped_column(String(100))
    key_id: Mapped[str] = mapped_column(String(16))
    template: Mapped[bytes] = mapped_column(LargeBinary)
    details: Mapped[bytes] = mapped_column(LargeBinary)
    quality: Mapped[float | None] = mapped_column(Double)
    source: Mapped[str] = mapped_column(String(20))
    created: Mapped[datetime] = mapped_column(DateTime)


class FaceImageRow(Table):
    """The picture a face was enrolled from, sealed; only where the installation keeps pictures."""

    __tablename__ = "face_images"

    face_id: Mapped[int] = mapped_column(
        ForeignKey("faces.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    key_id: Mapped[str] = mapped_column(String(16))
    image: Mapped[bytes] = mapped_column(LargeBinary)


class FingerprintRow(Table):
    """The picture of one fingerprint, sealed. Kept, listed and deleted; never matched."""

    __tablename__ = "fingerprints"
    __table_args__ = (Index("ix_fingerprints_person_id", "person_id"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    collection_id: Mapped[int] = mapped_column(ForeignKey("collections.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("people.id"))
    finger: Mapped[str] = mapped_column(String(50))
    key_id: Mapped[str] = mapped_column(String(16))
    image: Mapped[bytes] = mapped_column(LargeBinary)
    created: Mapped[datetime] = mapped_column(DateTime)


class DeletedFaceRow(Table):
    """That a face was deleted, and when by the clock: how indexes learn of it. Says nothing about the person."""

    __tablename__ = "deleted_faces"
    __table_args__ = (Index("ix_deleted_faces_version", "version"),)

    face_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    collection_id: Mapped[int]
    version: Mapped[int] = mapped_column(BigInteger)


class GalleryClockRow(Table):
    """One row. Every change of the gallery first moves `version` on, in its own transaction: the row lock that this
    takes puts the changes in the order of their commits, so that whoever has seen version v has seen all up to v.

    `lineage` is random and made with the database: an index file of another database, or of this one before it was
    restored from a backup, does not fit.
    """

    __tablename__ = "gallery_clock"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version: Mapped[int] = mapped_column(BigInteger)
    lineage: Mapped[str] = mapped_column(String(32))


class SealingKeyRow(Table):
    """A key that has been used here; `proof` is a keyed hash that only the same key gives again."""

    __tablename__ = "sealing_keys"

    id: Mapped[str] = mapped_column(String(16), primary_key=True)
    proof: Mapped[bytes] = mapped_column(LargeBinary(32))
    created: Mapped[datetime] = mapped_column(DateTime)


class AuditRow(Table):
    """What was done to enrolled people; see `app.store.audit`. Triggers refuse to change or remove a row. No foreign keys:
    it outlives what it speaks of."""

    __tablename__ = "audit"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(DateTime)
    act: Mapped[str] = mapped_column(String(20))
    client_id: Mapped[int | None]
    collection_id: Mapped[int | None]
    rows: Mapped[str] = mapped_column(Text)
    link: Mapped[bytes] = mapped_column(LargeBinary(32))


class AuditHeadRow(Table):
    """One row: where the chain ends. Whoever adds to it holds this row's lock."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(BigInteger)
    link: Mapped[bytes] = mapped_column(LargeBinary(32))


class ChallengeRow(Table):
    """A liveness challenge that is waiting for its answer; taken and expired ones are deleted."""

    __tablename__ = "challenges"
    __table_args__ = (Index("ix_challenges_expires", "expires"),)

    nonce: Mapped[str] = mapped_column(String(64), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    poses: Mapped[list[str]] = mapped_column(JSON)
    expires: Mapped[datetime] = mapped_column(DateTime)


class ModelPackRow(Table):
    """What answered: a pack's files with their digests, its recogniser and the policy, as JSON; `digest` is the SHA-256 of that."""

    __tablename__ = "model_packs"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    contents: Mapped[str] = mapped_column(Text)
    created: Mapped[datetime] = mapped_column(DateTime)


class SessionRow(Table):
    """One request that was worked on, and what it was answered; see `app.store.sessions`. `details` is sealed, and bound to every
    other column."""

    __tablename__ = "sessions"
    __table_args__ = (Index("ix_sessions_client_id_at", "client_id", "at"),)

    request_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("clients.id"))
    at: Mapped[datetime] = mapped_column(DateTime)
    milliseconds: Mapped[int]
    method: Mapped[str] = mapped_column(String(10))
    route: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(40))
    code: Mapped[str] = mapped_column(String(20))
    status: Mapped[int]
    pack: Mapped[str] = mapped_column(ForeignKey("model_packs.digest"))
    key_id: Mapped[str] = mapped_column(String(16))
    details: Mapped[bytes] = mapped_column(LargeBinary)


class SessionPersonRow(Table):
    """Whom a session concerns, by a keyed hash of the client's id of the person or of a document's number."""

    __tablename__ = "session_people"
    __table_args__ = (Index("ix_session_people_digest", "digest"),)

    request_id: Mapped[str] = mapped_column(
        ForeignKey("sessions.request_id", ondelete="CASCADE"), primary_key=True
    )
    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
