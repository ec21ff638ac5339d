"""Addresses as cards print them, and what a bad photo makes of them."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple

from pipelines.parsing.text import nfc, strip_accents
from pipelines.parsing.units import KINDS, Entry, table
from pipelines.types import AddressSystem
from specimens.places import HAMLETS, MOUNTAIN_VILLAGES, STREETS, VILLAGES

_TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"
"""Circumflex, breve and horn: part of the letter."""
_LIKE = MappingProxyType(
    {
        "a": "oeu", "b": "hd", "c": "eo", "d": "đbc", "e": "co", "g": "qp", "h": "bnk", "i": "lt1", "k": "hx",
        "l": "i1t", "m": "nr", "n": "hrum", "o": "ec0", "p": "g", "q": "g", "r": "nc", "s": "5g", "t": "lif",
        "u": "vn", "v": "yu", "x": "k", "y": "v", "đ": "d", "ơ": "o", "ư": "u", "1": "l", "0": "o", "5": "s", "8": "b",
    }
)  # fmt: skip
"""Letters of one shape in small, worn or blurred print."""
_ABBREVIATED = MappingProxyType({kind: short + "." for short, kind in KINDS.items()})


class Written(NamedTuple):
    text: str
    ward: str
    """Official code."""


class Chain(NamedTuple):
    province: Entry
    district: Entry | None
    ward: Entry


def chains(system: AddressSystem) -> list[Chain]:
    """Every ward in force, with what is above it."""
    provinces = table().provinces[system]
    if system is AddressSystem.CURRENT_34:
        return [Chain(p, None, w) for p in provinces for w in p.parts]
    return [
        Chain(p, d, w)
        for p in provinces
        for d in p.parts
        if d.code
        for w in d.parts
        if w.code
    ]  # fmt: skip


def detail(rng: random.Random) -> str:
    """House, street, village or hamlet."""
    number = rng.randrange(1, 400)
    return rng.choice(
        [
            f"Số {number}, ngõ {rng.randrange(1, 90)} {rng.choice(STREETS)}",
            f"{number}/{rng.randrange(1, 60)} {rng.choice(STREETS)}",
            f"{number} {rng.choice(STREETS)}, KP {rng.randrange(1, 9)}",
            f"Tổ {rng.randrange(1, 30)}",
            f"Thôn {rng.choice(VILLAGES)}",
            f"Bản {rng.choice(MOUNTAIN_VILLAGES)}",
            f"Ấp {rng.choice(HAMLETS)}",
            f"Xóm {rng.randrange(1, 20)}, thôn {rng.choice(VILLAGES)}",
        ]
    )


def written(chain: Chain, rng: random.Random, style: str) -> str:
    """Ward, district and province: bare, full (with kinds) or short (kinds abbreviated)."""
    units = [u for u in (chain.ward, chain.district, chain.province) if u]
    return ", ".join(_unit(unit, style, rng) for unit in units)


def _unit(unit: Entry, style: str, rng: random.Random) -> str:
    kind = KINDS[unit.kind]
    if unit.code == "79" and style != "full":
        return rng.choice(["TP.HCM", "TP. Hồ Chí Minh", "Hồ Chí Minh"])
    if style == "full":
        return unit.full_name
    if style == "short" and unit.kind != "T":
        return f"{_ABBREVIATED[kind]}{'' if unit.numbered else ' '}{unit.name}"
    return f"TT. {unit.name}" if unit.kind == "TT" else unit.short


def misread(text: str, rng: random.Random, rate: float) -> str:
    """Each letter goes wrong with probability `rate`: its tone (half of the time), its shape, or a lookalike; one in
    six is lost or doubled. Commas and blanks go a third as often."""
    out = []
    for character in nfc(text):
        wrong = rng.random() < (rate if character.isalnum() else rate / 3)
        out.append(_wrong(character, rng) if wrong else character)
    return nfc("".join(out))


def _wrong(character: str, rng: random.Random) -> str:
    if not character.isalnum():
        return rng.choice(["", ".", " "]) if character == "," else ""
    if rng.random() < 1 / 6:
        return rng.choice(["", character * 2])
    apart = unicodedata.normalize("NFD", character)
    marks = [c for c in apart[1:] if c in _TONES]
    if (marks and rng.random() < 0.6) or (apart[0] in "aeiouyAEIOUY" and rng.random() < 0.35):
        other = rng.choice(["", *_TONES.replace(marks[0] if marks else "-", "")])
        return unicodedata.normalize("NFC", "".join(c for c in apart if c not in _TONES) + other)
    if any(c in _SHAPES for c in apart) and rng.random() < 0.5:
        return unicodedata.normalize("NFC", "".join(c for c in apart if c not in _SHAPES))
    like = rng.choice(_LIKE.get(apart[0].lower(), apart[0]))
    return like.upper() if character.isupper() else like


def _plain(style: str) -> Callable[[Chain, random.Random], str]:
    return lambda chain, rng: f"{detail(rng)}, {written(chain, rng, style)}"


def _mixed(chain: Chain, rng: random.Random) -> str:
    """As cards go: bare on seven of ten, spelled out on two."""
    style = rng.choices(["bare", "full", "short"], [0.7, 0.2, 0.1])[0]
    return f"{detail(rng)}, {written(chain, rng, style)}"


def _without_commas(chain: Chain, rng: random.Random) -> str:
    return _mixed(chain, rng).replace(",", "")


def _no_province(chain: Chain, rng: random.Random) -> str:
    return _mixed(chain, rng).rpartition(",")[0]


def _no_district(chain: Chain, rng: random.Random) -> str:
    parts = _mixed(chain, rng).split(", ")
    return ", ".join(parts[:-2] + parts[-1:]) if chain.district else ", ".join(parts)


def _cut_end(chain: Chain, rng: random.Random) -> str:
    return _mixed(chain, rng)[: -rng.randrange(1, 5)]


WHOLE: Mapping[str, tuple[Callable[[Chain, random.Random], str], float]] = MappingProxyType(
    {
        "bare": (_plain("bare"), 0.0),
        "spelled out": (_plain("full"), 0.0),
        "abbreviated": (_plain("short"), 0.0),
        "upper case": (lambda c, r: _mixed(c, r).upper(), 0.0),
        "no accents": (lambda c, r: strip_accents(_mixed(c, r)), 0.0),
        "no commas": (_without_commas, 0.0),
        "good photo, 1 % misread": (_mixed, 0.01),
        "fair photo, 3 % misread": (_mixed, 0.03),
        "poor photo, 8 % misread": (_mixed, 0.08),
        "no commas, 3 % misread": (_without_commas, 0.03),
    }
)
"""Condition -> writer and share of characters misread. The ward is told by what is printed."""
TRUNCATED: Mapping[str, tuple[Callable[[Chain, random.Random], str], float]] = MappingProxyType(
    {
        "province cut off, 3 %": (_no_province, 0.03),
        "district missing, 3 %": (_no_district, 0.03),
        "last letters cut off, 3 %": (_cut_end, 0.03),
    }
)
"""The same where parts are missing: the ward need not be certain any more."""
