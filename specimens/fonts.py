"""The faces specimens are set in: named families of named Debian packages, and DejaVu from the matplotlib wheel.

Which family a seed draws does not depend on the machine: the list is fixed, and a family that is not installed is
replaced by DejaVu, nothing else. A measurement that is to be repeated installs `FONT_PACKAGES` first:

    python -m specimens.fonts     # prints those that are missing
"""

from __future__ import annotations

import sys
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

FONT_ROOTS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))

_BASES = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
_SMALL = (
    "".join(unicodedata.normalize("NFC", base + tone) for base in _BASES for tone in _TONES) + "đ"
)
VIETNAMESE_LETTERS = _SMALL + _SMALL.upper()

_PROBE_PIXELS = 14
_MISSING = "\U000ffff0"
"""A private code point no font draws: its picture is the font's `.notdef`."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A family as a Debian package ships it: file names, not paths, for releases move the folders."""

    name: str
    package: str
    regular: str
    bold: str
    serif: bool = False


CARD_CUTS: tuple[Cut, ...] = (
    Cut("Liberation Sans", "fonts-liberation2", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    Cut("Noto Sans", "fonts-noto-core", "NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    Cut("Roboto", "fonts-roboto-unhinted", "Roboto-Regular.ttf", "Roboto-Bold.ttf"),
    Cut("Roboto Condensed", "fonts-roboto-unhinted", "RobotoCondensed-Regular.ttf", "RobotoCondensed-Bold.ttf"),
    Cut("Open Sans", "fonts-open-sans", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf"),
    Cut("Lato", "fonts-lato", "Lato-Regular.ttf", "Lato-Bold.ttf"),
    Cut("Carlito", "fonts-crosextra-carlito", "Carlito-Regular.ttf", "Carlito-Bold.ttf"),
    Cut("Inter", "fonts-inter", "Inter-Regular.otf", "Inter-Bold.otf"),
    Cut("FreeSans", "fonts-freefont-ttf", "FreeSans.ttf", "FreeSansBold.ttf"),
    Cut("Cantarell", "fonts-cantarell", "Cantarell-Regular.otf", "Cantarell-Bold.otf"),
    Cut("Andika", "fonts-sil-andika", "Andika-Regular.ttf", "Andika-Bold.ttf"),
    Cut("Clear Sans", "fonts-clear-sans", "ClearSans-Regular.ttf", "ClearSans-Bold.ttf"),
    Cut("Manrope", "fonts-manrope", "Manrope-Regular.ttf", "Manrope-Bold.ttf"),
    Cut("M PLUS 1", "fonts-mplus", "Mplus1-Regular.otf", "Mplus1-Bold.otf"),
    Cut("Liberation Serif", "fonts-liberation2", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf", True),
    Cut("Noto Serif", "fonts-noto-core", "NotoSerif-Regular.ttf", "NotoSerif-Bold.ttf", True),
    Cut("FreeSerif", "fonts-freefont-ttf", "FreeSerif.ttf", "FreeSerifBold.ttf", True),
    Cut("Gentium Book Plus", "fonts-sil-gentiumplus", "GentiumBookPlus-Regular.ttf", "GentiumBookPlus-Bold.ttf", True),
    Cut("Charis SIL", "fonts-sil-charis", "CharisSIL-Regular.ttf", "CharisSIL-Bold.ttf", True),
)  # fmt: skip
"""Text faces a printer of cards might use. No monospaced ones: cards have them in the MRZ alone. The order is part of
what a seed means: append, never insert."""
OCR_B_PACKAGE, _OCR_B_FILE = "fonts-ocr-b", "OCRB.otf"
FONT_PACKAGES = tuple(dict.fromkeys((*(cut.package for cut in CARD_CUTS), OCR_B_PACKAGE)))
"""Debian packages with every face above and the MRZ's."""


@dataclass(frozen=True, slots=True)
class FontFamily:
    """A family that prints every Vietnamese letter."""

    name: str
    regular: Path
    bold: Path
    serif: bool


def _matplotlib_fonts() -> Path:
    """The folder of the fonts inside the matplotlib wheel, found without importing matplotlib.

    Raises:
        FileNotFoundError: matplotlib is not installed.
    """
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib, which brings the DejaVu fonts, is not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


@cache
def _installed() -> dict[str, tuple[Path, ...]]:
    """The font files of this machine by file name; one name may stand in several packages."""
    found: dict[str, tuple[Path, ...]] = {}
    for root in FONT_ROOTS:
        for path in sorted([*root.rglob("*.ttf"), *root.rglob("*.otf")]):
            found[path.name] = (*found.get(path.name, ()), path)
    return found


def draws_vietnamese(path: Path) -> bool:
    """Every letter has a glyph of its own, not the box of a missing one."""
    font = sized(path, _PROBE_PIXELS)
    missing = bytes(font.getmask(_MISSING))
    return all(bytes(font.getmask(letter)) != missing for letter in VIETNAMESE_LETTERS)


@cache
def _file(name: str) -> Path | None:
    """The installed file of that name that draws Vietnamese: Liberation 1 and 2, say, share their file names."""
    return next((path for path in _installed().get(name, ()) if draws_vietnamese(path)), None)


@cache
def last_resort(*, serif: bool = False) -> FontFamily:
    """DejaVu, which is there wherever specimens can be rendered at all."""
    folder, name = _matplotlib_fonts(), "DejaVuSerif" if serif else "DejaVuSans"
    return FontFamily(
        "DejaVu Serif" if serif else "DejaVu Sans",
        folder / f"{name}.ttf",
        folder / f"{name}-Bold.ttf",
        serif,
    )


def _family(cut: Cut) -> FontFamily:
    regular, bold = (_file(name) for name in (cut.regular, cut.bold))
    if regular is None or bold is None:
        return last_resort(serif=cut.serif)
    return FontFamily(cut.name, regular, bold, cut.serif)


@cache
def card_families() -> tuple[FontFamily, ...]:
    """One family for each of `CARD_CUTS` and DejaVu at the end; DejaVu also stands in for what is not installed,
    so the length is the same everywhere."""
    return (*(_family(cut) for cut in CARD_CUTS), last_resort())


def missing_packages() -> tuple[str, ...]:
    """Those of `FONT_PACKAGES` whose files are not on this machine."""
    absent = {c.package for c in CARD_CUTS if _file(c.regular) is None or _file(c.bold) is None}
    if _OCR_B_FILE not in _installed():
        absent.add(OCR_B_PACKAGE)
    return tuple(package for package in FONT_PACKAGES if package in absent)


@cache
def ocr_b() -> Path:
    """The font of the machine readable zone: OCR-B of Debian's fonts-ocr-b, else DejaVu Sans Mono."""
    return next(iter(_installed().get(_OCR_B_FILE, ())), _matplotlib_fonts() / "DejaVuSansMono.ttf")


@lru_cache(maxsize=8192)
def sized(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels, kept.

    Pillow's own layout: where a machine has FriBiDi it would take another, which kerns otherwise and puts letters
    together that the file lacks, and the same seed would draw other pictures.
    """
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)


if __name__ == "__main__":
    sys.stdout.write(" ".join(missing_packages()) + "\n")
