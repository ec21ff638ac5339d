"""Writes pipelines/parsing/places.tsv out of the data of the PyPI package vietnamadminunits (MIT licence).

    python -m training.places.build

One unit per line, its depth told by the length of its code (2 province, 3 district, 5 ward):

    code <TAB> kind.name <TAB> code of 2025 <TAB> dissolved units that are part of it, as kind.letters

The code of 2025 is empty where a unit was divided. Only ids, names and mappings are taken; the package's module code is
not run (it would need shapely and Unidecode, which is GPL).
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import distribution
from pathlib import Path
from typing import Any, NamedTuple

PACKAGE = "vietnamadminunits"
OUT = Path(__file__).resolve().parents[2] / "pipelines" / "parsing" / "places.tsv"

SHORT_KINDS = {
    "Tỉnh": "T", "Thành phố": "TP", "Quận": "Q", "Huyện": "H", "Thị xã": "TX", "Phường": "P", "Xã": "X",
    "Thị trấn": "TT", "Đặc khu": "DK",
}  # fmt: skip
_ALIAS_KINDS = {
    "thitran": "TT", "thixa": "TX", "thanhpho": "TP", "phuong": "P", "quan": "Q", "huyen": "H", "xa": "X",
}  # fmt: skip
"""How dissolved units are written in the package: kind and name as one word of plain letters."""
HUE_CITY = ("46", ("474", "475"), "TP.hue")
"""The package has the districts of 2025, into which the city of Huế was divided; cards before name the city."""
CITIES_SINCE = {"75": "TP.Đồng Nai"}
"""Provinces of 2025 that became cities later than the package knows: Đồng Nai on 30 April 2026 (resolution 30/2026/QH16)."""


class LegacyWard(NamedTuple):
    province: str
    district: str
    ward: str | None
    province_code: str
    district_code: str
    ward_code: str | None
    keys: tuple[str, str, str]
    district_alias: str | None
    ward_alias: str | None


def abbreviated(name: str) -> str:
    """ "Phường Xuân La" -> "P.Xuân La"."""
    for kind, short in SHORT_KINDS.items():
        if name.casefold().startswith(kind.casefold() + " "):
            return f"{short}.{' '.join(name[len(kind) + 1 :].split())}"
    raise ValueError(f"no kind in {name}")


def dissolved(aliases: str | None) -> list[str]:
    """Dissolved units of a JSON list of aliases, as kind.letters. Each is listed with its kind and again without, which
    tells "xã" + "nho" from a name that begins so ("p13" stands for the bare number)."""
    listed = set(json.loads(aliases or "[]"))
    found: dict[str, None] = {}
    for alias in sorted(listed):
        for kind, short in _ALIAS_KINDS.items():
            name = alias.removeprefix(kind)
            bare = f"{short.lower()}{name}" if name.isdigit() else name
            if alias.startswith(kind) and alias.isascii() and bare in listed:
                found[f"{short}.{int(name) if name.isdigit() else name}"] = None
    return list(found)


def new_codes(data: Path, database: sqlite3.Connection) -> dict[str, str]:
    """Key of a unit of the 63-province system -> its code of 2025, where it was not divided."""
    converter = json.loads((data / "converter_2025.json").read_text("utf-8"))
    rows = database.execute("select provinceKey, wardKey, provinceCode, wardCode from admin_units")
    codes = {}
    for province, ward, province_code, ward_code in rows:
        codes[province] = province_code
        codes[f"{province}/{ward}"] = ward_code
    found = {
        old: codes[new] for new, olds in converter["DICT_PROVINCE"].items() for old in olds
    }  # fmt: skip
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, olds in wards.items():
            found |= dict.fromkeys(olds, codes[f"{province}/{ward}"])
    return found


def legacy_lines(rows: Iterable[LegacyWard], codes: dict[str, str]) -> Iterator[str]:
    province = district = ""
    for row in rows:
        if row.province_code != province:
            province = row.province_code
            yield _line(province, abbreviated(row.province), codes[row.keys[0]], [])
        if row.district_code != district:
            district = row.district_code
            name = abbreviated(row.district)
            merged = dissolved(row.district_alias)
            if province == HUE_CITY[0] and district in HUE_CITY[1]:
                merged.append(HUE_CITY[2])
            yield _line(district, name, "", merged)
        if row.ward and row.ward_code:
            name = abbreviated(row.ward)
            new = codes.get("_".join(row.keys), "")
            yield _line(row.ward_code, name, new, dissolved(row.ward_alias))


def current_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    province = ""
    for province_name, ward_name, province_code, ward_code in rows:
        if province_code != province:
            province = province_code
            name = CITIES_SINCE.get(province, abbreviated(province_name))
            yield _line(province, name, "", [])
        yield _line(ward_code, abbreviated(ward_name), "", [])


def _line(code: str, name: str, new: str, merged: Sequence[str]) -> str:
    return "\t".join((code, name, new, ",".join(merged))).rstrip()


def package_data() -> Path:
    return Path(str(distribution(PACKAGE).locate_file(PACKAGE))) / "data"


def table(data: Path) -> str:
    database = sqlite3.connect(f"file:{data / 'dataset.db'}?mode=ro", uri=True)
    codes = new_codes(data, database)
    legacy = database.execute(
        "select province, district, ward, provinceCode, districtCode, wardCode, provinceKey, districtKey, wardKey,"
        " districtAlias, wardAlias from admin_units_legacy order by provinceCode, districtCode, wardCode"
    )
    rows = (LegacyWard(*row[:6], (row[6], row[7], row[8]), *row[9:]) for row in legacy)
    current = database.execute(
        "select province, ward, provinceCode, wardCode from admin_units order by provinceCode, wardCode"
    )
    package = distribution(PACKAGE)
    head = f"# Administrative units of Viet Nam, from {PACKAGE} {package.version} (MIT); written by training/places/build.py"
    lines = (
        head, "# legacy_63", *legacy_lines(rows, codes), "# current_34", *current_lines(current),
    )  # fmt: skip
    return unicodedata.normalize("NFC", "\n".join(lines) + "\n")


def main(argv: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="python -m training.places.build", description=__doc__).parse_args(
        argv
    )
    text = table(package_data())
    OUT.write_text(text, "utf-8")
    print(f"{OUT.name}: {text.count(chr(10))} lines, {len(text.encode()) / 1000:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
