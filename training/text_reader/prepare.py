"""Collects what training needs into one small folder: font files by split, and administrative units.

    python -m training.text_reader.prepare --into var/training/text

Fonts are those of the Debian packages FONT_PACKAGES that print every letter of the charset; whole families are kept
for validation and evaluation. For training alone come 171 more families, npm packages named and hashed in fonts/ beside
this file (npm is needed here alone; all are under the SIL Open Font License 1.1). Units are read from the PyPI package `vietnamadminunits` (MIT), which is needed here alone.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import sqlite3
import subprocess
import tempfile
from importlib.util import find_spec
from pathlib import Path

from specimens.fonts import draws_vietnamese, sized
from training.text_reader.render import MORE_TRAINING

FONT_PACKAGES = (
    "fonts-liberation2 fonts-noto-core fonts-noto-ui-core fonts-roboto-unhinted fonts-lato fonts-cantarell fonts-inter "
    "fonts-jetbrains-mono fonts-linuxlibertine fonts-sil-gentium fonts-sil-gentiumplus fonts-sil-charis "
    "fonts-sil-doulos fonts-sil-andika fonts-freefont-ttf fonts-dejavu-core fonts-dejavu-extra fonts-comfortaa "
    "fonts-quicksand fonts-vollkorn fonts-ebgaramond fonts-croscore fonts-ocr-b fonts-junicode fonts-open-sans "
    "fonts-crosextra-carlito fonts-roboto-slab fonts-texgyre fonts-lmodern fonts-cardo fonts-sil-gentium-basic "
    "fonts-clear-sans fonts-manrope fonts-league-spartan fonts-mplus fonts-yrsa-rasa"
)
EVALUATION_FAMILIES = (
    "Clear Sans", "League Spartan", "M PLUS 1", "Manrope", "TeX Gyre Adventor", "TeX Gyre Bonum",
    "TeX Gyre Pagella", "TeX Gyre Schola", "Yrsa",
)  # fmt: skip
"""Chosen by name alone, before anything was read in them: text faces of no relation to a training family."""
EVALUATION_STYLES = ("Regular", "Italic", "Bold", "Bold Italic", "BoldItalic", "Medium")
"""At most four files of a family, so that none outweighs the others."""
EVALUATION_PER_FAMILY = 4
RELATED_FAMILIES = ("M PLUS", "Mplus", "Rasa")
"""Of the same drawings as an evaluation family: used nowhere."""
VALIDATION_FAMILIES = ("Andika", "Linux Biolinum O", "Noto Sans Display")
TRAINING_PER_FAMILY = 16
UNREADABLE = ("Hairline", "Thin", "ExtraLight", "UltraLight", "Ornaments", "Dunhill", "Math", "Initials", "Chorus",
    "Caps", "Keyboard",
)  # fmt: skip
"""Styles that no document is set in."""
MORE_FONTS = Path(__file__).parent / "fonts"
"""package.json and package-lock.json of text faces; none of the drawings of an evaluation or validation family, but that Yrsa is a
remix of Merriweather (docs/decisions/0015-fonts-of-google-for-training.md)."""
MORE_STYLES = ("400Regular", "400Regular_Italic", "700Bold")


def split_of(family: str) -> str | None:
    """Where the files of a family of fonts belong; None: nowhere."""
    for split, families in (
        ("evaluation", EVALUATION_FAMILIES),
        (None, RELATED_FAMILIES),
        ("validation", VALIDATION_FAMILIES),
    ):
        if any(family.startswith(name) for name in families):
            return split
    return "training"


def installed_fonts() -> list[tuple[str, str, Path]]:
    """(family, style, file) of every Vietnamese font file of FONT_PACKAGES, and of no other package."""
    files: set[Path] = set()
    for package in FONT_PACKAGES.split():
        listing = subprocess.run(
            ["dpkg", "-L", package], capture_output=True, text=True, check=False
        )
        if listing.returncode:
            raise SystemExit(f"the Debian package {package} is not installed")
        files |= {
            Path(row) for row in listing.stdout.splitlines() if row.endswith((".ttf", ".otf"))
        }
    fonts = []
    for path in {path.resolve() for path in files if path.is_file()}:
        family, style = sized(path, 32).getname()
        words = f"{family} {style}".replace(" ", "")
        if not any(word in words for word in UNREADABLE) and draws_vietnamese(path):
            fonts.append((family or "", style or "", path))
    return sorted(fonts)


def collect_fonts(into: Path) -> dict[str, int]:
    """Copies fonts to `into`/{training,validation,evaluation}; returns how many of each."""
    families: dict[tuple[str, str], list[Path]] = {}
    for family, style, path in installed_fonts():
        split = split_of(family)
        if split == "evaluation" and style not in EVALUATION_STYLES:
            continue
        if split:
            families.setdefault((split, family), []).append(path)
    counts: dict[str, int] = {}
    for (split, _), paths in families.items():
        most = EVALUATION_PER_FAMILY if split == "evaluation" else TRAINING_PER_FAMILY
        (into / split).mkdir(parents=True, exist_ok=True)
        for path in paths[:: -(-len(paths) // most)]:
            shutil.copyfile(path, into / split / path.name)
            counts[split] = counts.get(split, 0) + 1
    for split, name in (("training", "OCRB.otf"), ("evaluation", "OCRBS.otf")):
        path = Path("/usr/share/fonts/opentype/ocr-b") / name
        if path.exists():
            (into / f"{split}-mrz").mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, into / f"{split}-mrz" / name)
    return counts


def collect_more_fonts(into: Path) -> int:
    """Copies the npm packages' fonts to the empty folder `into`; returns how many.

    Raises:
        SystemExit: npm is missing, or could not fetch them.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise SystemExit("prepare needs npm for the training fonts")
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("package.json", "package-lock.json"):
            shutil.copyfile(MORE_FONTS / name, Path(scratch) / name)
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        if subprocess.run(command, cwd=scratch, check=False).returncode:
            raise SystemExit("npm could not fetch the training fonts")
        shutil.rmtree(into, ignore_errors=True)
        into.mkdir(parents=True)
        for style in MORE_STYLES:
            for path in sorted(Path(scratch).rglob(f"*_{style}.ttf")):
                if draws_vietnamese(path):
                    shutil.copyfile(path, into / path.name)
    return sum(1 for _ in into.iterdir())


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


def recipe() -> str:
    """A digest of what decides which fonts go where: a folder made by another recipe is made anew."""
    words = (
        FONT_PACKAGES,
        EVALUATION_FAMILIES,
        EVALUATION_STYLES,
        RELATED_FAMILIES,
        VALIDATION_FAMILIES,
        UNREADABLE,
        "letters of the file itself, told by specimens.fonts.draws_vietnamese",
    )
    return hashlib.sha256(
        repr((words, EVALUATION_PER_FAMILY, TRAINING_PER_FAMILY)).encode()
    ).hexdigest()


def is_prepared(folder: Path) -> bool:
    made_by = folder / "recipe"
    return made_by.is_file() and made_by.read_text("utf-8") == recipe()


def clear(fonts: Path) -> None:
    """An empty folder but for MORE_TRAINING: an evaluation, which makes the others anew, takes no fonts from a training."""
    fonts.mkdir(parents=True, exist_ok=True)
    for split in fonts.iterdir():
        if split.is_dir() and split.name != MORE_TRAINING:
            shutil.rmtree(split)


def prepare(folder: Path) -> str:
    """Fills `folder`; returns what is in it, in words."""
    clear(folder / "fonts")
    told = f"fonts: {collect_fonts(folder / 'fonts')}, units: {collect_units(folder)}"
    (folder / "recipe").write_text(recipe(), "utf-8")
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--into", type=Path, default=Path("var/training/text"))
    folder = parser.parse_args().into
    print(prepare(folder))
    print(f"more training fonts: {collect_more_fonts(folder / 'fonts' / MORE_TRAINING)}")


if __name__ == "__main__":
    main()
