"""What a client proves itself with, and how it is checked against hashes."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

ARGON2_TIME, ARGON2_KIB, ARGON2_LANES = 2, 19 * 1024, 1
"""argon2id with 19 MiB, two passes, one lane: the OWASP password storage cheat sheet's minimum. The secrets are 256 random
bits, so a costlier hash would only let a flood of wrong ones take the processors from the customers."""

REMEMBERED_SECONDS = 60.0
"""argon2 takes tens of milliseconds by design. A pair that was right is remembered this long, under a digest keyed
with this process's own random key and bound to the stored hash, so that a rotated secret is forgotten at once."""
REMEMBERED_PAIRS = 1024

TOKEN_BYTES = 32
KEY_BYTES = 6
"""An api_key is a name, unique and no secret. With one no longer than this the pair has 56 characters, and its base64 the 76 after which
`base64`, Android and old Javas begin a new line, which breaks an `Authorization` header made with them."""


@dataclass(frozen=True, slots=True)
class BasicPair:
    """api_key and api_secret of an `Authorization: Basic` header."""

    key: str
    secret: str


@dataclass(frozen=True, slots=True)
class Token:
    """The value of an `x-api-key` header."""

    text: str


Credentials = BasicPair | Token


@dataclass(frozen=True, slots=True)
class NewCredentials:
    """Shown once; only hashes are kept, and a signed client's signing key sealed (a hash could check no signature)."""

    key: str
    secret: str
    token: str
    signing_key: str | None = None

    @staticmethod
    def random() -> NewCredentials:
        return NewCredentials(
            key=secrets.token_hex(KEY_BYTES),
            secret=secrets.token_urlsafe(TOKEN_BYTES),
            token=secrets.token_urlsafe(TOKEN_BYTES),
        )


def token_digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


class Secrets:
    """Hashes secrets, and verifies them against their hashes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(ARGON2_TIME, ARGON2_KIB, ARGON2_LANES)
        # Verified for keys nobody has, so that they take as long as a wrong secret.
        self._nobodys_hash = self._hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))
        self._memory = _Memory()

    def hashed(self, secret: str) -> str:
        return self._hasher.hash(secret)

    def remembers(self, pair: BasicPair, stored: str | None) -> bool:
        """Was this pair verified lately? Takes no time worth mentioning."""
        return stored is not None and self._memory.knows(pair, stored)

    def verifies(self, pair: BasicPair, stored: str | None) -> bool:
        """Takes tens of milliseconds, also without a stored hash."""
        try:
            self._hasher.verify(stored or self._nobodys_hash, pair.secret)
        except VerificationError:
            return False
        if stored is None:
            return False
        self._memory.learn(pair, stored)
        return True


class _Memory:
    """Pairs that argon2 has confirmed lately, without the pairs themselves."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(TOKEN_BYTES)
        self._until: OrderedDict[bytes, float] = OrderedDict()
        self._lock = threading.Lock()

    def knows(self, pair: BasicPair, stored: str) -> bool:
        with self._lock:
            return self._until.get(self._entry(pair, stored), 0.0) > time.monotonic()

    def learn(self, pair: BasicPair, stored: str) -> None:
        entry = self._entry(pair, stored)
        with self._lock:
            self._until.pop(entry, None)
            self._until[entry] = time.monotonic() + REMEMBERED_SECONDS
            while len(self._until) > REMEMBERED_PAIRS:
                self._until.popitem(last=False)

    def _entry(self, pair: BasicPair, stored: str) -> bytes:
        parts = "\0".join((pair.key, pair.secret, stored))
        return hmac.digest(self._key, parts.encode(), "sha256")
