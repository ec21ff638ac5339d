"""The declared character set: a text reader that lacks one of these letters does not start."""

from __future__ import annotations

import unicodedata

_PLAIN_VOWELS = "aăâeêioôơuưy"
_TONES = ("\u0300", "\u0301", "\u0303", "\u0309", "\u0323")  # grave, acute, tilde, hook, dot


def _accented_letters() -> str:
    """The 67 lower-case Vietnamese letters that are not plain Latin."""
    toned = [unicodedata.normalize("NFC", v + t) for v in _PLAIN_VOWELS for t in _TONES]
    return "".join(sorted([*"ăâđêôơư", *toned]))


VIETNAMESE_ACCENTED = _accented_letters() + _accented_letters().upper()
"""All 134 accented letters, lower and upper case."""

_LATIN = "abcdefghijklmnopqrstuvwxyz"
DIGITS = "0123456789"
PUNCTUATION = " ,.:;-/'()<>&+*#%°\"?!=@_[]|"

CHARSET = _LATIN + _LATIN.upper() + VIETNAMESE_ACCENTED + DIGITS + PUNCTUATION
"""Every character our reader can print, in the order of its output classes (class 0 is the CTC blank)."""

MRZ_ALPHABET = _LATIN.upper() + DIGITS + "<"
"""ICAO 9303 part 3, section 4.3."""
