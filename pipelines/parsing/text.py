"""Vietnamese text without its marks: what labels and names are compared by."""

from __future__ import annotations

import unicodedata

_TONES = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook above, dot below


def nfc(text: str) -> str:
    """Composed form, single spaces, trimmed."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def strip_accents(text: str) -> str:
    """Plain Latin letters; đ has no decomposition and is mapped by hand."""
    if text.isascii():  # most of what is asked, letter by letter: a twentieth of a reading's time
        return text
    apart = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def squash(text: str) -> str:
    """Unaccented lower-case letters and digits only: how labels are matched."""
    return "".join(c for c in strip_accents(text).lower() if c.isascii() and c.isalnum())


def squash_with_positions(text: str) -> tuple[str, tuple[int, ...]]:
    """`squash`, and for each of its characters the index in `text` it came from."""
    kept: list[str] = []
    positions: list[int] = []
    for index, character in enumerate(text):
        for plain in strip_accents(character).lower():
            if plain.isascii() and plain.isalnum():
                kept.append(plain)
                positions.append(index)
    return "".join(kept), tuple(positions)


def tone_key(text: str) -> str:
    """Equal for two spellings that differ only in where the tone mark sits (HÒA and HOÀ) or in letter case."""
    words = []
    for word in unicodedata.normalize("NFD", text.casefold()).split():
        tones = "".join(c for c in word if c in _TONES)
        words.append("".join(c for c in word if c not in _TONES) + tones)
    return " ".join(words)
