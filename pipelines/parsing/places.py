"""Addresses: joined from their lines, split into their units. Official codes are a later matter."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz import fuzz

from pipelines.parsing.numbers import PROVINCES
from pipelines.parsing.text import nfc, squash, strip_accents, tone_key

_SAME_RATIO = 92.0
"""0-100 on squashed text: one letter in twelve may be read wrongly; another ward of the district differs more."""
_PROVINCE_RATIO = 85.0
"""0-100 on squashed letters, beyond equality: one letter of seven."""
_BEFORE_COMMA = re.compile(r"\s+([,.])")
_AFTER_COMMA = re.compile(r",(?=\S)")
_EDGES = " ,.;:/-"


def printed_place(text: str) -> str | None:
    """One line, one space after each comma, no stray punctuation at the ends; None when nothing is left."""
    joined = _AFTER_COMMA.sub(", ", _BEFORE_COMMA.sub(r"\1", nfc(text)))
    return joined.strip(_EDGES) or None


def units(place: str) -> tuple[str, ...]:
    """From the smallest unit to the largest, as printed."""
    return tuple(unit for unit in (part.strip(_EDGES) for part in place.split(",")) if unit)


def same_place(a: str, b: str) -> bool:
    return bool(fuzz.ratio(squash(a), squash(b)) >= _SAME_RATIO)


def with_true_province(place: str) -> str:
    """The place with the accents and letters of its province, its last unit, as the closed list of 63 has them.

    Another way of placing a tone mark, a prefix ("Tỉnh", "TP.") and a province not on the list stay as printed.
    """
    head, comma, last = place.rpartition(",")
    read = last.strip()
    for province in PROVINCES.values():
        start = _tail_start(read, province)
        if start is None:
            continue
        tail = read[start:]
        same = tone_key(tail) == tone_key(province) and (tail.isupper() or tail.istitle())
        return place if same else f"{head}{comma}{' ' if comma else ''}{read[:start]}{province}"
    return place


def with_true_marks(place: str, names: Sequence[str]) -> str:
    """The place with the marks of each unit that one of the official names spells letter for letter; a tone mark may
    stand where it stood."""
    parts = place.split(",")
    for i, part in enumerate(parts):
        for name in names:
            tail = part[len(part) - len(name) :]
            starts_word = len(part) == len(name) or not part[-len(name) - 1 : -len(name)].isalnum()
            if len(tail) == len(name) and starts_word and squash(tail) == squash(name):
                if tone_key(tail) != tone_key(name):
                    parts[i] = part[: len(part) - len(name)] + (
                        name.upper() if tail.isupper() else name
                    )
                break
    return ",".join(parts)


def _tail_start(read: str, province: str) -> int | None:
    """Where in `read` the province's name begins, when it ends with that name but for accents and a letter."""
    start = len(read) - len(province)
    if start < 0 or (start > 0 and read[start - 1].isalnum()):
        return None
    tail = read[start:]
    if squash(tail) == squash(province):
        return start
    likeness = fuzz.ratio(strip_accents(tail).lower(), strip_accents(province).lower())
    return start if likeness >= _PROVINCE_RATIO and _nearest(tail) == province else None


def _nearest(text: str) -> str | None:
    """The one province most like the text; None when two are equally like it."""
    ranked = sorted(
        ((fuzz.ratio(squash(text), squash(p)), p) for p in PROVINCES.values()), reverse=True
    )
    return None if ranked[0][0] == ranked[1][0] else ranked[0][1]
