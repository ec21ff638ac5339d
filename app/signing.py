"""Signed requests: who has read a client's traffic can neither alter one of its requests nor send it again.

A signature is the HMAC-SHA256, in hexadecimal, over five lines joined by line feeds: the method, the path with its query
as sent, the body's SHA-256, the timestamp and the nonce. It is checked before the body is read; that the body has the
digest that was signed, while it is read (`app.body`).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine, delete, insert
from sqlalchemy.exc import IntegrityError
from starlette.requests import Request

from app.store.cipher import Cipher, Sealed
from app.store.tables import NonceRow
from pipelines.errors import BadCredentials

TIMESTAMP_HEADER = "x-ekyc-timestamp"
NONCE_HEADER = "x-ekyc-nonce"
DIGEST_HEADER = "x-ekyc-content-sha256"
SIGNATURE_HEADER = "x-ekyc-signature"

WINDOW_SECONDS = 300
"""How far a timestamp may be from our clock, either way: an upload over a slow line and clocks set by NTP fit well."""

KEY_BYTES = 32
"""As long as the digest: RFC 2104 advises no less."""

_TIMESTAMP = re.compile(r"[0-9]{1,12}")
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}")

log = logging.getLogger("ekyc.door")


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says of itself, as it was sent; `target` is path and query."""

    method: str
    target: str
    digest: str
    timestamp: str
    nonce: str
    value: str

    @staticmethod
    def of(request: Request) -> Signature | None:
        """None where one of the headers is missing."""
        names = (DIGEST_HEADER, TIMESTAMP_HEADER, NONCE_HEADER, SIGNATURE_HEADER)
        sent = [request.headers.get(name, "") for name in names]
        if not all(sent):
            return None
        path, query = request.scope["raw_path"], request.scope["query_string"]
        target = path + b"?" + query if query else path
        return Signature(request.method, target.decode("latin-1"), *sent)

    def made_with(self, key: bytes) -> bool:
        lines = (self.method, self.target, self.digest, self.timestamp, self.nonce)
        message = "\n".join(lines).encode("latin-1")  # gives back the bytes that were sent
        right = hmac.new(key, message, hashlib.sha256).hexdigest()
        return hmac.compare_digest(right.encode(), self.value.encode("latin-1"))


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The key of one credential, as it is kept."""

    credential: int
    sealed: Sealed


def new_signing_key() -> str:
    """Its characters, as ASCII, are the key."""
    return secrets.token_urlsafe(KEY_BYTES)


def signing_place(credential: int) -> str:
    return f"signing_keys.secret {credential}"


class Signatures:
    """Checks signatures and remembers their nonces, in the database: whichever process a replay reaches, it is refused.

    Args:
        clock: seconds since 1970.
    """

    def __init__(
        self, engine: Engine, cipher: Cipher, clock: Callable[[], float] = time.time
    ) -> None:
        self._engine = engine
        self._cipher = cipher
        self._clock = clock

    def check(self, client: int, key: SigningKey, signature: Signature | None) -> None:
        """Blocks: it waits for the database. Only what was signed with the key leaves a row there.

        Raises:
            BadCredentials: unsigned, wrongly signed, too old or from the future, or sent before.
        """
        why = self._fault(client, key, signature)
        if why is not None:
            log.warning("signature refused", extra={"fields": {"client": client, "why": why}})
            raise BadCredentials(why)

    def _fault(self, client: int, key: SigningKey, signature: Signature | None) -> str | None:
        if signature is None:
            return "unsigned"
        sealed = key.sealed
        secret = self._cipher.open(sealed.key_id, sealed.data, signing_place(key.credential))
        if not signature.made_with(secret):
            return "wrong signature"
        if not (_TIMESTAMP.fullmatch(signature.timestamp) and _NONCE.fullmatch(signature.nonce)):
            return "malformed timestamp or nonce"
        now, then = int(self._clock()), int(signature.timestamp)
        if abs(now - then) > WINDOW_SECONDS:
            return "stale timestamp"
        return None if self._is_new(client, signature.nonce, now, then) else "replayed nonce"

    def _is_new(self, client: int, nonce: str, now: int, then: int) -> bool:
        """Remembers the nonce for as long as its timestamp is good, and as long again: for the other services on this database, whose clocks
        may be behind ours, and for ours, should it be set back. Forgets those whose time is over."""
        row = {"client_id": client, "nonce": nonce, "expires": _utc(then + 2 * WINDOW_SECONDS)}
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(NonceRow).where(NonceRow.expires < _utc(now)))
                connection.execute(insert(NonceRow).values(**row))
        except IntegrityError:
            return False
        return True


def _utc(seconds: int) -> datetime:
    """Without a zone, as the tables keep times."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
