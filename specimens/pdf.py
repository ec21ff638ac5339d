"""PDF files as customers send them: one page or several, each with several cards or a form."""

from __future__ import annotations

import io
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from specimens.layouts import LAYOUTS
from specimens.page import scanned_page
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.tableau import photograph_several
from specimens.truth import Pixels, Specimen, Truth

DOTS_PER_INCH = 200
JPEG_QUALITY = 90
MADE = time.gmtime(0)
"""Instead of today, so that a seed always gives the same bytes."""
CARD_PAGE = ("chip", "cc2024", "cccd", "cmnd9", "cmnd12", "licence_2013")
"""Documents with two sides of ID-1 size."""


@dataclass(frozen=True, slots=True, eq=False)
class PdfSpecimen:
    """A PDF and, for each page, the cards on it, quads in pixels at `DOTS_PER_INCH`."""

    data: bytes
    pages: tuple[tuple[Truth, ...], ...]


def write_pdf(pages: Sequence[Pixels], dots_per_inch: float = DOTS_PER_INCH) -> bytes:
    """BGR pictures as the pages of a PDF, JPEG-coded.

    Raises:
        ValueError: no page.
    """
    if not pages:
        raise ValueError("a PDF has at least one page")
    pictures = [Image.fromarray(page[:, :, ::-1]) for page in pages]
    out = io.BytesIO()
    pictures[0].save(
        out,
        "PDF",
        save_all=True,
        append_images=pictures[1:],
        resolution=dots_per_inch,
        quality=JPEG_QUALITY,
        creationDate=MADE,
        modDate=MADE,
    )
    return out.getvalue()


def cards_pdf(seed: int, pages: int = 2) -> PdfSpecimen:
    """Both sides of a card on every page; the last of several pages is a form with the first person's card copied.

    Raises:
        ValueError: no page.
    """
    drawn, truths = [], []
    for number in range(pages):
        form = pages > 1 and number == pages - 1
        person = seed if form else seed + number
        document = CARD_PAGE[(seed + (0 if form else number)) % len(CARD_PAGE)]
        sides = _both_sides(person, document)
        if form:
            holder = make_person(person, document)
            page = scanned_page(holder, _face(person), seed, cards=sides)
            drawn.append(page.pixels)
            truths.append(page.cards)
        else:
            sheet = photograph_several(sides, "scan", seed * 31 + number, sheet=True)
            drawn.append(sheet.pixels)
            truths.append(sheet.truths)
    return PdfSpecimen(write_pdf(drawn), tuple(truths))


def _face(seed: int) -> Pixels:
    faces = portraits()
    return faces[seed % len(faces)].pixels


def _both_sides(seed: int, document: str) -> list[Specimen]:
    sides = [side for side, layout in LAYOUTS.items() if layout.document == document]
    return [render(side, make_person(seed), _face(seed), seed) for side in sides]
