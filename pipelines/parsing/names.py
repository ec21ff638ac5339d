"""Names: the printed form, and when two spellings name one person."""

from __future__ import annotations

import re

from pipelines.parsing.text import nfc, squash, strip_accents, tone_key

_LETTER_LOOKALIKES = str.maketrans("0158|!", "OISBII")
"""Digits where only letters can stand."""
_NOT_A_NAME = re.compile(r"[^\w\s'-]|_")
_MIN_LETTERS = 3
"""Fewer are a smudge, unless a surname alone is due."""
SHORTEST_SURNAME = 2
"""Lê, Hồ, Vũ, Đỗ."""
MRZ_NAME_LENGTH = 30
"""Characters of a TD1 name line (ICAO 9303 part 5)."""


def printed_name(text: str, fewest: int = _MIN_LETTERS) -> str | None:
    """The name as cards print it, upper case, or None when the text cannot be a name, which has `fewest` letters."""
    name = nfc(_NOT_A_NAME.sub(" ", text)).upper().translate(_LETTER_LOOKALIKES)
    letters = sum(c.isalpha() for c in name)
    if letters < fewest or any(c.isdigit() for c in name):
        return None
    return name.strip("-' ")


def same_name(a: str, b: str) -> bool:
    """Same letters and tones; case and the place of a tone mark do not matter."""
    return tone_key(a) == tone_key(b)


def same_name_unaccented(a: str, b: str) -> bool:
    """Same letters without marks, allowing for the cut of an MRZ name line."""
    left, right = squash(a), squash(b)
    short, long = sorted((left, right), key=len)
    if left == right:
        return bool(left)
    cut = len(mrz_form(a)) >= MRZ_NAME_LENGTH or len(mrz_form(b)) >= MRZ_NAME_LENGTH
    return cut and len(short) >= MRZ_NAME_LENGTH - 8 and long.startswith(short)


def mrz_form(name: str) -> str:
    """`SURNAME<<GIVEN<NAMES` without padding or cut (ICAO 9303 part 3, Đ as D)."""
    words = strip_accents(name).upper().split()
    return "<<".join([words[0], "<".join(words[1:])]) if len(words) > 1 else "".join(words)


def relettered(printed: str, letters: str) -> str | None:
    """A printed name with the letters of an unaccented one, marks kept where the letter stays; None when they do not
    align word by word and letter by letter."""
    words, others = printed.split(), letters.split()
    if [len(w) for w in words] != [len(o) for o in others]:
        return None
    pairs = zip(words, others, strict=True)
    return " ".join(
        "".join(
            a if strip_accents(a).upper() == b.upper() else b for a, b in zip(w, o, strict=True)
        )
        for w, o in pairs
    )
