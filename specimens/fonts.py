"""Fonts that can print Vietnamese: DejaVu from the matplotlib wheel, and whatever the machine has installed."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from functools import cache
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

_REGULAR_STYLES = ("Regular", "Book", "Medium", "Roman")
_BOLD_STYLES = ("Bold", "SemiBold", "Semibold", "DemiBold")
_SERIF_WORDS = (
    "Serif", "Tinos", "Gentium", "Charis", "Doulos", "Libertine", "Vollkorn", "Garamond", "Times", "Bookman",
)  # fmt: skip
_MONO_WORDS = ("Mono", "Cousine", "Courier", "Typewriter")
_NO_LETTERS = ("Keyboard", "Initials", "Symbol", "Emoji")
"""Families whose glyphs are pictures of letters."""


@dataclass(frozen=True, slots=True)
class FontFamily:
    """A family that prints every Vietnamese letter; `bold` equals `regular` when it has no bold cut."""

    name: str
    regular: Path
    bold: Path
    serif: bool
    mono: bool


@dataclass(frozen=True, slots=True)
class FontFile:
    """One font file that prints every Vietnamese letter."""

    path: Path
    family: str
    style: str


def _matplotlib_fonts() -> Path:
    """The folder of the fonts inside the matplotlib wheel, found without importing matplotlib.

    Raises:
        FileNotFoundError: matplotlib is not installed.
    """
    spec = find_spec("matplotlib")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("matplotlib, which brings the DejaVu fonts, is not installed")
    return Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf"


def _draws(font: ImageFont.FreeTypeFont, letters: str) -> bool:
    missing = bytes(font.getmask(_MISSING))
    return all(bytes(font.getmask(letter)) != missing for letter in letters)


def _prints_vietnamese(path: Path) -> FontFile | None:
    try:
        font = ImageFont.truetype(str(path), _PROBE_PIXELS)
        # The rarest letters first: most fonts fail at once.
        if not (_draws(font, "ẵỮ") and _draws(font, VIETNAMESE_LETTERS)):
            return None
    except OSError:
        return None
    family, style = font.getname()
    if any(word in (family or "") for word in _NO_LETTERS):
        return None
    return FontFile(path, family or path.stem, style or "Regular")


@cache
def font_files() -> tuple[FontFile, ...]:
    """Every font file that prints all Vietnamese letters, DejaVu first, then by file name."""
    bundled = sorted(_matplotlib_fonts().glob("DejaVu*.ttf"))
    installed = [
        path
        for root in FONT_ROOTS
        for path in sorted(root.rglob("*"), key=lambda path: (path.name, str(path)))
        if path.suffix.lower() in (".ttf", ".otf") and not path.name.startswith("DejaVu")
    ]
    found = (_prints_vietnamese(path) for path in [*bundled, *installed])
    return tuple(font for font in found if font is not None)


def _pick(styles: dict[str, Path], wanted: tuple[str, ...]) -> Path | None:
    return next((styles[style] for style in wanted if style in styles), None)


@cache
def families() -> tuple[FontFamily, ...]:
    """Families with a regular cut, in the order of `font_files()`. Never empty: DejaVu Sans is always there."""
    styles: dict[str, dict[str, Path]] = defaultdict(dict)
    for font in font_files():
        styles[font.family].setdefault(font.style, font.path)
    found = []
    for name, cuts in styles.items():
        regular = _pick(cuts, _REGULAR_STYLES)
        if regular is None:
            continue
        serif = any(word in name for word in _SERIF_WORDS)
        mono = any(word in name for word in _MONO_WORDS)
        found.append(FontFamily(name, regular, _pick(cuts, _BOLD_STYLES) or regular, serif, mono))
    return tuple(found)


@cache
def ocr_b() -> Path:
    """The font of the machine readable zone: OCR-B of Debian's fonts-ocr-b, else DejaVu Sans Mono."""
    for root in FONT_ROOTS:
        for path in sorted(root.rglob("OCRB.otf")):
            return path
    return _matplotlib_fonts() / "DejaVuSansMono.ttf"


@cache
def sized(path: Path, pixels: int) -> ImageFont.FreeTypeFont:
    """A font at a size in pixels, kept."""
    return ImageFont.truetype(str(path), pixels)
