"""The official administrative units of both systems, read from places.tsv (built by training/places/build.py).

The 63-province list is that of March 2025, the last before the merger; units dissolved before are known by name (plain
letters, no code) and by the unit they became part of.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType

from pipelines.parsing.text import strip_accents
from pipelines.types import AddressSystem

_TABLE = Path(__file__).with_name("places.tsv")

KINDS: Mapping[str, str] = MappingProxyType(
    {
        "T": "Tỉnh",
        "TP": "Thành phố",
        "Q": "Quận",
        "H": "Huyện",
        "TX": "Thị xã",
        "P": "Phường",
        "X": "Xã",
        "TT": "Thị trấn",
        "DK": "Đặc khu",
    }
)
_PROVINCE_ALIASES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "01": ("hn",),
        "46": ("thuathienhue", "tthue", "tinhthuathienhue"),
        "66": ("daclac", "tinhdaclac"),
        "67": ("dacnong", "tinhdacnong"),
        "75": ("tinhdongnai", "thanhphodongnai", "tpdongnai"),
        "77": ("brvt", "bariavungtau", "vtau"),
        "79": ("hcm", "tphcm", "tphochiminh", "saigon", "tpsaigon"),
    }
)
"""Other ways cards write a province. Huế was Thừa Thiên Huế until 2024, Đồng Nai no city until April 2026; Đắk was also
spelled Đắc."""
_PROVINCE, _DISTRICT = 2, 3
"""Digits of a code of that level."""
_ACCENTED = "àáảãạăằắẳẵặâầấẩẫậèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵđ"
_FOLD = str.maketrans(
    {c: strip_accents(c).lower() for c in _ACCENTED + _ACCENTED.upper()}
)  # one to one, so positions stay; three hundred times faster than decomposing each name

_SQUASH = _FOLD | str.maketrans("", "", " '’.,-_()/")


@dataclass(frozen=True, slots=True, eq=False)
class Entry:
    """One unit of a list.

    Attributes:
        kind: short ("P", "TX"); see `KINDS`.
        name: without its kind; of a dissolved unit in plain letters only.
        letters: the name in plain lower-case letters and digits.
        code: "" for a dissolved unit.
        successor: code in the 34-province list where the unit went there whole, else "".
    """

    code: str
    kind: str
    name: str
    letters: str
    successor: str = ""
    parts: tuple[Entry, ...] = ()

    @property
    def dissolved(self) -> bool:
        return not self.code

    @property
    def full_name(self) -> str:
        return f"{KINDS[self.kind]} {self.name}"

    @property
    def numbered(self) -> bool:
        return self.letters.isdigit()

    @property
    def short(self) -> str:
        return self.full_name if self.numbered else self.name


@dataclass(frozen=True, slots=True, eq=False)
class Spellings:
    """Every way to write some units in plain letters, each with the unit it means and with how many of its letters
    spell the kind (None: it is another name of the unit)."""

    letters: tuple[str, ...]
    entries: tuple[Entry, ...]
    kinds: tuple[int | None, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Provinces of both systems, each with the units inside, and units of 2025 by code (wards with their province)."""

    provinces: Mapping[AddressSystem, tuple[Entry, ...]]
    current_provinces: Mapping[str, Entry]
    current_wards: Mapping[str, tuple[Entry, Entry]]


def fold(text: str) -> str:
    """Plain lower-case letters of NFC text, one per character."""
    return text.translate(_FOLD).lower()


@cache
def table() -> Table:
    """Read once per process (about 50 ms), never changed."""
    text = _TABLE.read_text("utf-8")
    legacy, _, current = text.partition(f"# {AddressSystem.CURRENT_34.value}\n")
    provinces = {
        AddressSystem.LEGACY_63: _tree(legacy),
        AddressSystem.CURRENT_34: _tree(current),
    }
    now = provinces[AddressSystem.CURRENT_34]
    return Table(
        provinces=MappingProxyType(provinces),
        current_provinces=MappingProxyType({p.code: p for p in now}),
        current_wards=MappingProxyType({w.code: (p, w) for p in now for w in p.parts}),
    )


@cache
def spellings(parent: Entry | AddressSystem) -> Spellings:
    """Of the units right inside a province or district, or of the provinces of a system."""
    if isinstance(parent, AddressSystem):
        return _spelled(table().provinces[parent])
    return _spelled(parent.parts)


@cache
def ward_spellings(province: Entry) -> Spellings:
    """Of every ward of a province, whatever its district."""
    return _spelled([ward for district in province.parts for ward in district.parts])


@cache
def district_spellings() -> Spellings:
    """Of every district of the 63-province system."""
    provinces = table().provinces[AddressSystem.LEGACY_63]
    return _spelled([district for province in provinces for district in province.parts])


@cache
def province_of() -> Mapping[Entry, Entry]:
    """District -> province, 63-province system."""
    provinces = table().provinces[AddressSystem.LEGACY_63]
    return MappingProxyType({district: p for p in provinces for district in p.parts})


def _spelled(entries: Sequence[Entry]) -> Spellings:
    ways = [(letters, entry, kind) for entry in entries for letters, kind in _ways(entry)]
    letters, units, kinds = zip(*ways, strict=True) if ways else ((), (), ())
    return Spellings(letters, units, kinds)


def _ways(entry: Entry) -> Iterator[tuple[str, int | None]]:
    """With and without the kind; a bare number names nothing, so it keeps it."""
    if not entry.numbered:
        yield entry.letters, 0
    for kind in (fold(KINDS[entry.kind]).replace(" ", ""), entry.kind.lower()):
        yield kind + entry.letters, len(kind)
    if len(entry.code) == _PROVINCE:
        yield from ((alias, None) for alias in _PROVINCE_ALIASES.get(entry.code, ()))


def _tree(text: str) -> tuple[Entry, ...]:
    """Provinces of one system's lines."""
    provinces: list[Entry] = []
    rows = [row.split("\t") for row in text.splitlines() if not row.startswith("#")]
    starts = [i for i, row in enumerate(rows) if len(row[0]) == _PROVINCE] + [len(rows)]
    for first, end in pairwise(starts):
        inner = rows[first + 1 : end]
        legacy = bool(inner) and len(inner[0][0]) == _DISTRICT
        parts = _districts(inner) if legacy else tuple(_entry(row) for row in inner)
        provinces.append(_entry(rows[first], parts))
    return tuple(provinces)


def _districts(rows: Sequence[list[str]]) -> tuple[Entry, ...]:
    starts = [i for i, row in enumerate(rows) if len(row[0]) == _DISTRICT] + [len(rows)]
    live: list[Entry] = []
    gone: dict[str, list[Entry]] = {}
    for first, end in pairwise(starts):
        wards = [_entry(row) for row in rows[first + 1 : end]]
        dissolved = _dissolved_wards(rows[first + 1 : end], wards)
        district = _entry(rows[first], (*wards, *dissolved))
        live.append(district)
        for alias in _aliases(rows[first]):
            if (
                alias.partition(".")[2] != district.letters
            ):  # a change of kind alone is no other unit
                gone.setdefault(alias, []).extend(district.parts)
    return (*live, *(_gone(alias, "", parts) for alias, parts in gone.items()))


def _dissolved_wards(rows: Sequence[list[str]], live: Sequence[Entry]) -> Iterator[Entry]:
    """Each once; which unit of 2025 it is part of is told only when there is one. A name that lives on in its district
    merely changed its kind."""
    names = {entry.letters for entry in live}
    became: dict[str, set[str]] = {}
    for row in rows:
        for alias in _aliases(row):
            if alias.partition(".")[2] not in names:
                became.setdefault(alias, set()).add(row[2])
    for alias, codes in became.items():
        yield _gone(alias, next(iter(codes)) if len(codes) == 1 else "", ())


def _aliases(row: Sequence[str]) -> list[str]:
    return row[3].split(",") if len(row) > 3 else []


def _gone(alias: str, successor: str, parts: Sequence[Entry]) -> Entry:
    kind, _, letters = alias.partition(".")
    return Entry("", kind, letters, letters, successor, tuple(parts))


def _entry(row: Sequence[str], parts: tuple[Entry, ...] = ()) -> Entry:
    kind, _, name = row[1].partition(".")
    letters = name.translate(_SQUASH).lower()
    if letters.isdigit():
        letters = str(int(letters))
    return Entry(row[0], kind, name, letters, row[2] if len(row) > 2 else "", parts)
