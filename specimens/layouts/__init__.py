"""One module per side; each has `draw(canvas, sheet)`, printing what the side carries and returning its slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from specimens import issuing
from specimens.canvas import HEIGHT, WIDTH, Canvas
from specimens.layouts import (
    cc2024_back,
    cc2024_front,
    cccd_back,
    cccd_front,
    chip_back,
    chip_front,
    cmnd9_back,
    cmnd9_front,
    cmnd12_back,
    cmnd12_front,
    licence_2013_back,
    licence_2013_front,
    licence_2025_back,
    licence_2025_front,
    passport_2023,
    passport_new,
    passport_old,
    passport_page,
)
from specimens.layouts.sheet import Sheet, Slots


@dataclass(frozen=True, slots=True)
class Layout:
    """How a side is printed: the document it belongs to and the size of the sheet in units."""

    document: str
    draw: Callable[[Canvas, Sheet], Slots]
    size: tuple[int, int] = (WIDTH, HEIGHT)


# The order is part of what a seed means: append, never insert.
LAYOUTS: Mapping[str, Layout] = MappingProxyType(
    {
        "chip_front": Layout(issuing.CHIP, chip_front.draw),
        "chip_back": Layout(issuing.CHIP, chip_back.draw),
        "cc2024_front": Layout(issuing.CC2024, cc2024_front.draw),
        "cc2024_back": Layout(issuing.CC2024, cc2024_back.draw),
        "cmnd9_front": Layout(issuing.CMND9, cmnd9_front.draw),
        "cmnd9_back": Layout(issuing.CMND9, cmnd9_back.draw),
        "cmnd12_front": Layout(issuing.CMND12, cmnd12_front.draw),
        "cmnd12_back": Layout(issuing.CMND12, cmnd12_back.draw),
        "cccd_front": Layout(issuing.CCCD, cccd_front.draw),
        "cccd_back": Layout(issuing.CCCD, cccd_back.draw),
        "passport_old": Layout(issuing.PASSPORT_OLD, passport_old.draw, passport_page.SIZE),
        "passport_new": Layout(issuing.PASSPORT_NEW, passport_new.draw, passport_page.SIZE),
        "passport_2023": Layout(issuing.PASSPORT_2023, passport_2023.draw, passport_page.SIZE),
        "licence_2013_front": Layout(issuing.LICENCE_2013, licence_2013_front.draw),
        "licence_2013_back": Layout(issuing.LICENCE_2013, licence_2013_back.draw),
        "licence_2025_front": Layout(issuing.LICENCE_2025, licence_2025_front.draw),
        "licence_2025_back": Layout(issuing.LICENCE_2025, licence_2025_back.draw),
    }
)
SIDES = tuple(LAYOUTS)
CARD_SIDES = tuple(side for side in SIDES if LAYOUTS[side].size == (WIDTH, HEIGHT))
"""Those of ID-1 size."""
