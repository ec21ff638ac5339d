"""The index on the disk: a sealed cache that saves the time of rebuilding, and nothing else rests on it.

    magic, header length, header        plain JSON: whose index this is, and as of when
    length, sealed part ...             collection, ids, codes; bound to the header and its own place in the file
    length, sealed end                  how many parts and rows there are
    SHA-256 of everything before it

Rows that changed while the file was written may be in it in their new state or their old: `version` is the clock's
reading before the first of them was copied, and everything later is replayed by whoever loads it.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from app.store.changes import Ids
from app.store.cipher import NONCE_BYTES, TAG_BYTES, Cipher, KeyMissing, Tampered
from app.store.clock import Reading
from app.store.files import write_whole
from app.store.flat import Codes, FlatIndex

MAGIC = b"ekyc index 1\n"
PART_BYTES = 4 * 1024 * 1024
"""Sealing holds Python's lock: parts of this size stop other threads for a few milliseconds only."""
LONGEST_HEADER = 1024 * 1024
_LENGTH = struct.Struct("<Q")
_PART = struct.Struct("<qq")


class CacheUnusable(Exception):
    """The file is not there, damaged, or not of these rows; the message says which."""


@dataclass(frozen=True, slots=True)
class Header:
    """Attributes:
    version, lineage: the clock's reading.
    rows: about how many of each collection, to make room for.
    """

    recogniser: str
    dimension: int
    version: int
    lineage: str
    key_id: str
    rows: Mapping[str, int]


class IndexFile:
    def __init__(self, path: Path, cipher: Cipher, recogniser: str) -> None:
        self._path = path
        self._cipher = cipher
        self._recogniser = recogniser

    def save(self, index: FlatIndex, seen: Reading) -> None:
        """Write the file anew. Raises OSError."""
        header = Header(
            recogniser=self._recogniser,
            dimension=index.dimension,
            version=seen.version,
            lineage=seen.lineage,
            key_id=self._cipher.current,
            rows={str(collection): size for collection, (size, _) in index.sizes().items()},
        )
        write_whole(self._path, _summed(self._parts(header, index)))

    def load(self, index: FlatIndex, now: Reading) -> int:
        """Fill an empty index; the version it is of.

        Raises:
            CacheUnusable: the index may be half filled then.
        """
        try:
            with self._path.open("rb") as file:
                return self._read(_Summing(file), index, now)
        except FileNotFoundError:
            raise CacheUnusable("there is no index file") from None
        except (OSError, ValueError, TypeError, KeyError, Tampered, KeyMissing) as error:
            raise CacheUnusable(f"{type(error).__name__}: {error}") from error

    def _parts(self, header: Header, index: FlatIndex) -> Iterator[bytes]:
        head = json.dumps(asdict(header)).encode()
        yield MAGIC + _LENGTH.pack(len(head)) + head
        number = rows = 0
        for collection, ids, codes in index.rows():
            step = max(1, PART_BYTES // codes[0].nbytes)
            for start in range(0, len(ids), step):
                some, their = ids[start : start + step], codes[start : start + step]
                plain = _PART.pack(collection, len(some)) + some.tobytes() + their.tobytes()
                yield self._sealed(plain, head, number)
                number, rows = number + 1, rows + len(some)
        yield self._sealed(json.dumps({"parts": number, "rows": rows}).encode(), head, -1)

    def _sealed(self, plain: bytes, head: bytes, number: int) -> bytes:
        sealed = self._cipher.seal(plain, _place(head, number))
        return _LENGTH.pack(len(sealed.data)) + sealed.data

    def _read(self, file: _Summing, index: FlatIndex, now: Reading) -> int:
        if file.take(len(MAGIC)) != MAGIC:
            raise CacheUnusable("not an index file")
        head = file.take(file.length(LONGEST_HEADER))
        header = Header(**json.loads(head))
        if header.recogniser != self._recogniser:
            raise CacheUnusable(f"an index of {header.recogniser} templates")
        if header.lineage != now.lineage or header.version > now.version:
            raise CacheUnusable(
                "an index of another database, or of this one before it was restored"
            )
        for name, expected in header.rows.items():
            index.reserve(int(name), int(expected))
        longest = PART_BYTES + header.dimension * 2 + 8 + _PART.size + NONCE_BYTES + TAG_BYTES
        number = rows = 0
        while True:
            sealed = file.take(file.length(2 * longest))
            if file.at_end:
                break
            plain = self._cipher.open(header.key_id, sealed, _place(head, number))
            collection, ids, codes = _unpacked(plain, header.dimension)
            index.load(collection, ids, codes)
            number, rows = number + 1, rows + len(ids)
        end = json.loads(self._cipher.open(header.key_id, sealed, _place(head, -1)))
        if end != {"parts": number, "rows": rows}:
            raise CacheUnusable("parts are missing")
        return header.version


class _Summing:
    """Reads a file whose last 32 bytes are the SHA-256 of the others."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._left = file.seek(0, 2) - hashlib.sha256().digest_size
        file.seek(0)
        self._sum = hashlib.sha256()

    @property
    def at_end(self) -> bool:
        """Is everything read? Then it is what was written: a sum that does not fit raises CacheUnusable."""
        if self._left:
            return False
        if self._file.read() != self._sum.digest():
            raise CacheUnusable("the checksum does not fit")
        return True

    def take(self, count: int) -> bytes:
        if count > self._left:
            raise CacheUnusable("cut off")
        data = self._file.read(count)
        if len(data) != count:
            raise CacheUnusable("cut off")
        self._left -= count
        self._sum.update(data)
        return data

    def length(self, most: int) -> int:
        (length,) = _LENGTH.unpack(self.take(_LENGTH.size))
        if length > most:
            raise CacheUnusable("a length makes no sense")
        return int(length)


def _summed(parts: Iterator[bytes]) -> Iterator[bytes]:
    total = hashlib.sha256()
    for part in parts:
        total.update(part)
        yield part
    yield total.digest()


def _place(head: bytes, number: int) -> str:
    return f"index part {number} of {hashlib.sha256(head).hexdigest()}"


def _unpacked(plain: bytes, dimension: int) -> tuple[int, Ids, Codes]:
    collection, count = _PART.unpack_from(plain)
    ids = np.frombuffer(plain, "<i8", count, _PART.size)
    codes = np.frombuffer(plain, "<f2", count * dimension, _PART.size + ids.nbytes)
    return collection, ids, codes.reshape(count, dimension)
