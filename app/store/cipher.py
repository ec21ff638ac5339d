"""Seals what must not be read from a stolen disk: AES-256-GCM, each value bound to the row it belongs to."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
"""NIST SP 800-38D: random 96-bit nonces are safe for 2^32 values under one key; rotate before that."""
TAG_BYTES = 16


class Tampered(Exception):
    """A sealed value was altered, or moved here from another row."""


class KeyMissing(Exception):
    """A value was sealed with a key that is not at hand; the message names the key's id, never the key."""


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one installation.

    Attributes:
        current: id of the key that new values are sealed with.
        sealing: id -> 32 bytes; earlier keys stay until nothing is sealed with them.
        lookup: 32 bytes for keyed hashes of what rows are looked up by. Not rotated: the hashes stand in the rows.
    """

    current: str
    sealing: Mapping[str, bytes]
    lookup: bytes

    def __post_init__(self) -> None:
        wrong = [key for key in (*self.sealing.values(), self.lookup) if len(key) != KEY_BYTES]
        if wrong or self.current not in self.sealing:
            raise ValueError("keys are 32 bytes, and the current one is among them")

    def __repr__(self) -> str:
        return f"Keys(current={self.current!r}, {len(self.sealing)} keys)"

    @staticmethod
    def new() -> Keys:
        key = secrets.token_bytes(KEY_BYTES)
        return Keys("k1", {"k1": key}, secrets.token_bytes(KEY_BYTES))


@dataclass(frozen=True, slots=True)
class Sealed:
    """`data` is nonce, ciphertext and tag; `key_id` says what opens it."""

    key_id: str
    data: bytes


@dataclass(frozen=True, slots=True)
class _Ring:
    current: str
    sealing: Mapping[str, AESGCM]

    @staticmethod
    def of(keys: Keys) -> _Ring:
        return _Ring(keys.current, {key_id: AESGCM(key) for key_id, key in keys.sealing.items()})


def nothing_newer() -> Keys | None:
    """Keys that stay as they are."""
    return None


class Cipher:
    """`place` is where a value belongs ("faces.template 17 of 3"): it is authenticated with the value, so that a
    value copied to another row does not open there.

    The keys may be rotated while it is in use: `newer` gives them if they have changed since it was last asked.
    """

    def __init__(self, keys: Keys, newer: Callable[[], Keys | None] = nothing_newer) -> None:
        self._ring = _Ring.of(keys)
        self._lookup = keys.lookup
        self._newer = newer

    @property
    def current(self) -> str:
        """Id of the key that new values are sealed with."""
        return self._ring.current

    def missing(self, key_ids: Iterable[str]) -> list[str]:
        """Those of these keys that are not at hand."""
        return [key_id for key_id in key_ids if key_id not in self._ring.sealing]

    def refresh(self) -> None:
        """Take up rotated keys. Whoever seals several values of one row calls it before, having moved the clock on: a
        rotation seals nothing anew while the clock is held, so that the key stays the same until the row is written."""
        newer = self._newer()
        if newer is not None:
            self._ring = _Ring.of(newer)

    def seal(self, value: bytes, place: str) -> Sealed:
        ring = self._ring
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = ring.sealing[ring.current].encrypt(nonce, value, place.encode())
        return Sealed(ring.current, nonce + sealed)

    def open(self, key_id: str, data: bytes, place: str) -> bytes:
        """Raises:
        KeyMissing: the key is not among those at hand.
        Tampered: this is not what was sealed here.
        """
        if key_id not in self._ring.sealing:
            self.refresh()
        key = self._ring.sealing.get(key_id)
        if key is None:
            raise KeyMissing(f"the key {key_id!r} is not at hand")
        try:
            return key.decrypt(data[:NONCE_BYTES], data[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError) as error:  # too short to be anything is no better
            raise Tampered(f"{place} does not open") from error

    def signer(self) -> Ed25519PrivateKey:
        """The installation's own signing key: made from the lookup key, so that there is none more to keep."""
        seed = hmac.digest(self._lookup, b"ekyc receipt signing key", hashlib.sha256)
        return Ed25519PrivateKey.from_private_bytes(seed)

    def digest(self, text: str, place: str) -> bytes:
        """A keyed hash (HMAC-SHA256) to look `text` up by."""
        return hmac.digest(self._lookup, f"{place}\0{text}".encode(), hashlib.sha256)


def proof(key_id: str, key: bytes) -> bytes:
    """What only this key gives, and from which it cannot be had."""
    return hmac.digest(key, f"ekyc sealing key {key_id}".encode(), hashlib.sha256)
