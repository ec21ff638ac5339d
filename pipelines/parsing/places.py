"""Addresses: joined from their lines, split into their units. Official codes are a later matter."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from pipelines.parsing.text import nfc, squash

_SAME_RATIO = 92.0
"""0-100 on squashed text: one letter in twelve may be read wrongly; another ward of the district differs more."""
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
