"""One module per side; each has `draw(canvas, sheet)`, printing what the side carries and returning its slots."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from specimens.canvas import Canvas
from specimens.layouts import cc2024_back, cc2024_front, chip_back, chip_front
from specimens.layouts.sheet import Sheet, Slots
from specimens.people import CC2024, CHIP

Draw = Callable[[Canvas, Sheet], Slots]

LAYOUTS: Mapping[str, Draw] = MappingProxyType(
    {
        "chip_front": chip_front.draw,
        "chip_back": chip_back.draw,
        "cc2024_front": cc2024_front.draw,
        "cc2024_back": cc2024_back.draw,
    }
)
DOCUMENT_OF: Mapping[str, str] = MappingProxyType(
    {"chip_front": CHIP, "chip_back": CHIP, "cc2024_front": CC2024, "cc2024_back": CC2024}
)
SIDES = tuple(LAYOUTS)
