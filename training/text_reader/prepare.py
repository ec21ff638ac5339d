"""Collects what training needs into one small folder: font files by split, and administrative units.

    python -m training.text_reader.prepare --into var/training/text

Fonts are those installed on this machine (`fc-list :lang=vi`, see FONT_PACKAGES for the Debian packages behind the
published weights) that print every letter of the charset; whole families are kept for evaluation. Units are
read from the PyPI package `vietnamadminunits` (MIT), which is needed here alone.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sqlite3
import subprocess
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

from models.text.charset import VIETNAMESE_ACCENTED

FONT_PACKAGES = (
    "fonts-liberation fonts-noto-core fonts-noto-ui-core fonts-roboto fonts-lato fonts-cantarell fonts-inter "
    "fonts-jetbrains-mono fonts-linuxlibertine fonts-sil-gentium fonts-sil-gentiumplus fonts-sil-charis "
    "fonts-sil-doulos fonts-sil-andika fonts-freefont-ttf fonts-dejavu-extra fonts-comfortaa fonts-quicksand "
    "fonts-vollkorn fonts-ebgaramond fonts-croscore fonts-ocr-b "
    "fonts-junicode fonts-open-sans fonts-crosextra-carlito fonts-roboto-slab"
)
EVALUATION_FAMILIES = (
    "Liberation Sans", "Arimo", "Cantarell", "DejaVu Serif", "Noto Serif Display", "Charis SIL", "Quicksand",
)  # fmt: skip
VALIDATION_FAMILIES = ("Andika", "Linux Biolinum O", "Noto Sans Display")
UNREADABLY_THIN = ("Hairline", "Thin", "ExtraLight", "UltraLight")


def _prints_vietnamese(path: Path) -> bool:
    """Every accented letter has a glyph of its own (not the box of a missing one)."""
    font = ImageFont.truetype(str(path), 32)
    missing = bytes(font.getmask("\U000f0000"))
    return all(bytes(font.getmask(letter)) != missing for letter in VIETNAMESE_ACCENTED)


def _split_of(family: str) -> str:
    if any(family.startswith(name) for name in EVALUATION_FAMILIES):
        return "evaluation"
    if any(family.startswith(name) for name in VALIDATION_FAMILIES):
        return "validation"
    return "training"


def collect_fonts(into: Path) -> dict[str, int]:
    """Copies fonts to `into`/{training,validation,evaluation}; returns how many of each."""
    listing = subprocess.run(
        ["fc-list", ":lang=vi", "--format", "%{family[0]}|%{style[0]}|%{file}\n"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    counts: dict[str, int] = {}
    for family, style, file in sorted({tuple(row.split("|")) for row in listing.splitlines()}):
        path = Path(file)
        thin = any(word in style.replace(" ", "") for word in UNREADABLY_THIN)
        if thin or path.suffix not in {".ttf", ".otf"} or not _prints_vietnamese(path):
            continue
        split = _split_of(family)
        (into / split).mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, into / split / path.name)
        counts[split] = counts.get(split, 0) + 1
    for split, name in (("training", "OCRB.otf"), ("evaluation", "OCRBS.otf")):
        path = Path("/usr/share/fonts/opentype/ocr-b") / name
        if path.exists():
            (into / f"{split}-mrz").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into / f"{split}-mrz" / name)
    return counts


def collect_units(into: Path) -> int:
    """Writes `into`/units.json: [[ward, district, province], ...] of both systems (district "" since 2025)."""
    spec = find_spec("vietnamadminunits")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit(
            "prepare needs the package vietnamadminunits: pip install --no-deps vietnamadminunits"
        )
    database = Path(spec.submodule_search_locations[0]) / "data" / "dataset.db"
    with sqlite3.connect(database) as connection:
        legacy = connection.execute(
            "select ward, district, province from admin_units_legacy"
        ).fetchall()
        current = connection.execute("select ward, '', province from admin_units").fetchall()
    rows = [row for row in legacy + current if row[0] and row[2]]
    (into / "units.json").write_text(json.dumps(rows, ensure_ascii=False), "utf-8")
    return len(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("var/training/text"))
    into = parser.parse_args().into
    into.mkdir(parents=True, exist_ok=True)
    print(f"fonts: {collect_fonts(into / 'fonts')}, units: {collect_units(into)}")


if __name__ == "__main__":
    main()
