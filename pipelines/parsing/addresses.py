"""A printed address -> official units, by the cheapest way to explain its words from the right: province, district, ward.

The cost of an explanation counts in misread letters: a letter 1, an accent 0.3, a comma in the wrong place or a kind that
does not fit less than a letter. The margin of a unit is by how much the cheapest explanation with another unit costs more.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
from rapidfuzz.distance import Levenshtein
from rapidfuzz.process import cdist

from pipelines.parsing.address_words import KIND_WORDS, Words, marked
from pipelines.parsing.units import (
    KINDS,
    Entry,
    Spellings,
    district_spellings,
    fold,
    province_of,
    spellings,
    table,
    ward_spellings,
)
from pipelines.types import AddressSystem, Place, Unit

_ACCENT_COST = 0.3
"""Readers confuse tone marks about three times as often as letters."""
_DISSOLVED_COST = 0.15
"""Half an accent: a dissolved unit is known in plain letters only, and one in force is likelier."""
_COMMA_INSIDE, _NO_COMMA_BEFORE = 0.6, 0.3
_OTHER_KIND = 0.8
_LETTER_REWARD = 0.1
"""Per letter explained: of "La" and "Xuân La", both exact, the longer is meant."""
_SKIP_PROVINCE, _SKIP_DISTRICT, _UNKNOWN_DISTRICT, _SKIP_WARD = 3.0, 2.0, 2.5, 2.5
_UNKNOWN_WORD, _OTHER_DISTRICT = 0.4, 2.0
"""Costs of a unit that is not printed, or printed and on no list, or of a ward printed in another district."""
_TRAILING_SCRAP = 1.0
"""Cost of leaving out a last word of one or two letters: a smudge."""
_CLEAN = 1.0
"""Explanations this cheap need no look at what costs more to assume."""
_DISTRICT_KINDS = tuple(tuple(fold(KINDS[kind]).split()) for kind in ("Q", "H", "TX", "TP"))
_MOST_WORDS = 7
_LONGEST = 30
_MOST_OFF = 0.4
"""Of a spelling's letters that may be wrong; two thirds right may be chance in short names."""
_KEPT = 6

SCORE, MARGIN, MARGIN_PER_COST = 0.6, 0.25, 0.2
"""A unit is certain from this score on, and from this margin plus a part of what the whole explanation costs, both in
misread letters. Chosen on the addresses of `scripts/evaluate places --tune`: other wards and seeds than those reported."""
_CLEARLY_DEARER = 1.5
"""Misread letters: by so much more, an explanation in one list is none beside that in the other. Of 1,800 addresses
around the wards of `scripts/evaluate places --tune`, those of the new list cost 2.0 more in the old one, but for a few in a
hundred; those of the old list at most 0.5 less in the new one."""
_FULL_MARGIN = 4.0
"""Misread letters that count as a margin of 1."""


class _Match(NamedTuple):
    """Words start:end read as a unit, at a cost."""

    cost: float
    start: int
    end: int
    entry: Entry


class _Way(NamedTuple):
    """One explanation of an address, with the unit of each level also where it is not printed but follows."""

    cost: float
    province: _Match | None
    district: _Match | None
    ward: _Match | None
    entries: tuple[Entry | None, Entry | None, Entry | None]

    @property
    def matches(self) -> tuple[_Match | None, _Match | None, _Match | None]:
        return self.province, self.district, self.ward

    @property
    def misread(self) -> float:
        """What it costs without the reward for what it explains."""
        return self.cost + _LETTER_REWARD * sum(len(m.entry.letters) for m in self.matches if m)


NEW_UNITS = date(2025, 7, 1)
"""The day the 34 provinces and their wards came into force, and districts went."""


class Found(NamedTuple):
    """A place, what its explanation costs, in misread letters less the reward for what it explains, and whether it calls a
    certain district by its kind ("Huyện Sóc Sơn")."""

    place: Place
    cost: float
    calls_district: bool = False


def place_of(text: str, issued: date | None) -> Place:
    """The place in the system in force on the day of issue. From July 2025 on (and where the day is not known) an address
    may still be written in the old one, as each is that calls a district by its kind; where both explain it nearly as well
    and mean two wards, neither is certain."""
    old = find_place(text, AddressSystem.LEGACY_63)
    if issued is not None and issued < NEW_UNITS:
        return old.place
    if old.calls_district:
        return old.place
    new = find_place(text, AddressSystem.CURRENT_34)
    if new.place.ward is None or old.place.ward is None:
        sure = new.place.ward and new.place.province  # a ward of no certain province is a likeness
        if old.place.ward or (not sure and old.cost < new.cost):
            return old.place
        return new.place
    became = old.place.current.ward if old.place.current else None
    if became and became.code == new.place.ward.code:
        return old.place if old.cost < new.cost else new.place
    if abs(old.cost - new.cost) >= _CLEARLY_DEARER:
        return old.place if old.cost < new.cost else new.place
    return replace(new.place, ward=None, detail="")


def find_place(text: str, system: AddressSystem) -> Found:
    """The units of one system in an address; those that are not certain are None."""
    words = Words.of(text)
    ways = sorted(_ways(words, system), key=lambda way: way.cost)
    if not ways:
        return Found(Place(system, detail=words.text), _SKIP_PROVINCE + _SKIP_WARD)
    best = ways[0]
    province, district, ward = (_unit(words, ways, level) for level in range(3))
    first = next((m.start for m in reversed(best.matches) if m), len(words.plain))
    cut = words.starts[first] if first < len(words.starts) else len(words.text)
    detail = words.text[:cut].rstrip(" ,.;-/") if ward else words.text[:cut].strip(" ,")
    found = Place(
        system=system,
        province=province,
        district=district,
        ward=ward,
        detail=_without_kind(detail),
        current=_current(system, best, province, ward),
    )
    called = district is not None and _calls_district(words, best.district)
    return Found(found, best.cost, called)


def _calls_district(words: Words, match: _Match | None) -> bool:
    """Does the kind of a district, spelled out, begin what was read as one?"""
    return match is not None and any(
        words.plain[match.start : match.start + len(kind)] == kind for kind in _DISTRICT_KINDS
    )


def _ways(words: Words, system: AddressSystem) -> list[_Way]:
    provinces = _provinces(words, system)
    if system is AddressSystem.CURRENT_34:
        return [way for p in provinces for way in _with_ward(words, p, None)]
    ways = [way for p in provinces for way in _with_district(words, p)]
    best = min(ways, key=lambda way: way.cost, default=None)
    if best is None or best.ward is None or best.misread >= _CLEAN:
        ways += _without_district(words, provinces)
        ways += [way for province in provinces[:2] for way in _moved(words, province)]
        ways += _without_province(words)
    return ways


def _provinces(words: Words, system: AddressSystem) -> list[_Match]:
    count = len(words.plain)
    found = _matches(words, count, spellings(system))
    if count > 1 and len(words.plain[-1]) <= 2:
        found += [
            m._replace(cost=m.cost + _TRAILING_SCRAP)
            for m in _matches(words, count - 1, spellings(system))
        ]
    return sorted(found, key=lambda m: m.cost)[:_KEPT]


def _with_district(words: Words, province: _Match) -> list[_Way]:
    districts = _matches(words, province.start, spellings(province.entry))
    return [way for d in districts for way in _with_ward(words, province, d)]


def _with_ward(
    words: Words, province: _Match | None, district: _Match | None, skipped: float = 0.0
) -> list[_Way]:
    """Each ward of the district (of the province in a system without districts), and none."""
    smallest = district or province
    assert smallest is not None
    base = skipped + sum(m.cost for m in (province, district) if m)
    above = (
        province.entry if province else _province_of(district),
        district.entry if district else None,
    )
    ways = [_Way(base + _SKIP_WARD, province, district, None, (*above, None))]
    if not smallest.entry.parts:  # islands have no wards
        ways[0] = ways[0]._replace(cost=base)
    for ward in _matches(words, smallest.start, spellings(smallest.entry)):
        ways.append(_Way(base + ward.cost, province, district, ward, (*above, ward.entry)))
    return ways


def _without_district(words: Words, provinces: Sequence[_Match]) -> list[_Way]:
    """A province alone, or a ward right before it, or before words that name no district of our list."""
    ways = [
        _Way(p.cost + _SKIP_DISTRICT + _SKIP_WARD, p, None, None, (p.entry, None, None))
        for p in provinces
    ]
    for province in provinces[:2]:
        wards = ward_spellings(province.entry)
        for gap in range(min(4, province.start)):
            skip = _UNKNOWN_DISTRICT + _UNKNOWN_WORD * gap if gap else _SKIP_DISTRICT
            for ward in _matches(words, province.start - gap, wards):
                district = None if gap else _district_of(province.entry, ward.entry)
                entries = (province.entry, district, ward.entry)
                cost = province.cost + skip + ward.cost
                ways.append(_Way(cost, province, None, ward, entries))
    return ways


def _moved(words: Words, province: _Match) -> list[_Way]:
    """A ward that is now in another district than the one printed: borders moved until March 2025."""
    ways = []
    for district in _matches(words, province.start, spellings(province.entry))[:2]:
        for ward in _matches(words, district.start, ward_spellings(province.entry)):
            if ward.entry not in district.entry.parts:
                cost = province.cost + district.cost + ward.cost + _OTHER_DISTRICT
                entries = (province.entry, district.entry, ward.entry)
                ways.append(_Way(cost, province, district, ward, entries))
    return ways


def _without_province(words: Words) -> list[_Way]:
    ways = []
    for district in _matches(words, len(words.plain), district_spellings()):
        ways += _with_ward(words, None, district, _SKIP_PROVINCE)
    return ways


def _district_of(province: Entry, ward: Entry) -> Entry | None:
    return next((d for d in province.parts if d.code and ward in d.parts), None)


def _province_of(district: _Match | None) -> Entry | None:
    return province_of()[district.entry] if district else None


def _matches(words: Words, end: int, known: Spellings) -> list[_Match]:
    """The cheapest readings of the words before `end` as one of the known units."""
    suffixes: list[str] = []
    for start in range(end - 1, max(-1, end - 1 - _MOST_WORDS), -1):
        joined = "".join(words.plain[start:end])
        if len(joined) > _LONGEST:
            break
        suffixes.append(joined)
    if not suffixes or not known.letters:
        return []
    off = cdist(suffixes, known.letters, scorer=Levenshtein.distance, dtype=np.int32)
    allowed = np.array([_MOST_OFF * len(letters) for letters in known.letters])
    ks, indices = np.nonzero(off <= allowed)
    if not len(ks):
        return []
    rough = off[ks, indices] - _LETTER_REWARD * allowed[indices] / _MOST_OFF
    best: dict[tuple[Entry, int], _Match] = {}
    for rank in np.argsort(rough, kind="stable")[: 6 * _KEPT]:
        k, index = int(ks[rank]), int(indices[rank])
        match = _match(words, end - 1 - k, end, known, index, int(off[k, index]))
        key = (known.entries[index], k)
        if match and (key not in best or match.cost < best[key].cost):
            best[key] = match
    return sorted(best.values(), key=lambda m: m.cost)[:_KEPT]


def _match(
    words: Words, start: int, end: int, known: Spellings, index: int, off: int
) -> _Match | None:
    """The full cost of reading words as a spelling; None where numbers differ: they are never taken for one another."""
    letters, entry, kind = known.letters[index], known.entries[index], known.kinds[index]
    if _digits("".join(words.plain[start:end])) != _digits(letters):
        return None
    cost = off - _LETTER_REWARD * (len(letters) if kind is None else len(entry.letters))
    if entry.dissolved:
        cost += _DISSOLVED_COST
    elif words.accented and kind is not None:
        cost += _ACCENT_COST * _marks_off("".join(words.marked[start:end]), entry, kind, off)
    cost += _COMMA_INSIDE * sum(words.comma_after[start : end - 1])
    if any(words.comma_after) and start > 0 and not words.comma_after[start - 1]:
        cost += _NO_COMMA_BEFORE
    if kind == 0 and start > 0 and words.plain[start - 1] in KIND_WORDS:
        cost += _OTHER_KIND
    return _Match(cost, start, end, entry)


def _marks_off(seen: str, entry: Entry, kind: int, off: int) -> int:
    """Accents that differ, beside the letters that do."""
    full = marked(KINDS[entry.kind])
    lead = "" if kind == 0 else entry.kind.lower() if kind == len(entry.kind) else full
    wanted = lead + marked(entry.name)
    return max(0, int(Levenshtein.distance(seen, wanted)) - off)


def _digits(text: str) -> str:
    return "".join(c if c.isdigit() else " " for c in text).strip()


def _unit(words: Words, ways: Sequence[_Way], level: int) -> Unit | None:
    """The unit of the cheapest way at a level (0 province, 1 district, 2 ward), if it is certain."""
    entry = ways[0].entries[level]
    if entry is None:
        return None
    match = ways[0].matches[level]
    own = match.cost + _LETTER_REWARD * len(entry.letters) if match else 0.0
    other = min((w.cost for w in ways if w.entries[level] is not entry), default=np.inf)
    margin = float(other) - ways[0].cost
    score = max(0.0, 1.0 - own / max(1, len(entry.letters)))
    if score < SCORE or margin < MARGIN + MARGIN_PER_COST * max(0.0, ways[0].misread):
        return None
    printed = words.name(match.start, match.end) if match and entry.dissolved else None
    return Unit(
        name=f"{KINDS[entry.kind]} {printed}" if printed else entry.full_name,
        short=printed or entry.short,
        code=entry.code,
        score=min(1.0, score),
        margin=min(1.0, margin / _FULL_MARGIN),
    )


def _current(
    system: AddressSystem, best: _Way, province: Unit | None, ward: Unit | None
) -> Place | None:
    """The same place since July 2025: its ward where that went there whole, else its province alone."""
    if system is AddressSystem.CURRENT_34 or province is None:
        return None
    now, above = AddressSystem.CURRENT_34, best.entries[0]
    assert above is not None
    entry = best.entries[2] if ward else None
    if ward and entry and entry.successor:
        new_province, new_ward = table().current_wards[entry.successor]
        return Place(now, _same(new_province, province), ward=_same(new_ward, ward))
    return Place(now, _same(table().current_provinces[above.successor], province))


def _same(entry: Entry, as_sure_as: Unit) -> Unit:
    return Unit(entry.full_name, entry.short, entry.code, as_sure_as.score, as_sure_as.margin)


def _without_kind(detail: str) -> str:
    """Without a kind left over at its end."""
    head, _, last = detail.rpartition(" ")
    return head.rstrip(" ,.;-/") if fold(last).strip(".") in KIND_WORDS else detail
