"""A made-up person's document side as a flat picture with its truth."""

from __future__ import annotations

from collections.abc import Sequence
from types import MappingProxyType

import cv2
import numpy as np

from specimens.canvas import Canvas, Style, box_quad
from specimens.carried import carried, units_of
from specimens.fonts import FontFamily, card_families
from specimens.layouts import LAYOUTS
from specimens.layouts.sheet import Sheet
from specimens.machine_readable import mrz_lines, qr_payload
from specimens.people import Person, issued_as
from specimens.truth import Pixels, Specimen, Truth, frozen

SANS_SHARE = 0.9
"""Real cards are set in a sans-serif face [unverified]; a few specimens are not, so readers stay robust."""


def _style(rng: np.random.Generator, choice: Sequence[FontFamily]) -> Style:
    sans = [family for family in choice if not family.serif] or list(choice)
    pool = sans if rng.random() < SANS_SHARE else list(choice)
    body = pool[int(rng.integers(len(pool)))]
    title = body if rng.random() < 0.6 else sans[int(rng.integers(len(sans)))]
    violet = (int(rng.integers(90, 150)), int(rng.integers(30, 70)), int(rng.integers(40, 90)))
    dark = (int(rng.integers(40, 80)),) * 3
    return Style(
        family=body,
        title=title,
        ink=float(rng.uniform(0.8, 1.0)),
        size=float(rng.uniform(0.93, 1.05)),
        bold=bool(rng.random() < 0.6),
        label=violet if rng.random() < 0.5 else dark,
        dx=float(rng.uniform(-5, 5)),
        dy=float(rng.uniform(-4, 4)),
    )


def render(
    side: str,
    person: Person,
    portrait: Pixels,
    seed: int,
    scale: float = 1.0,
    *,
    fonts: Sequence[FontFamily] | None = None,
) -> Specimen:
    """One side of one person's document, times `scale`: 1012 x 638 pixels on a card, 1478 x 1040 in a passport.

    Dates, issuer and the like are those of the side's document (see `issued_as`), so any person can be printed on
    any side. `fonts` narrows the choice of families.

    Raises:
        KeyError: no such side.
        ValueError: `fonts` is empty.
    """
    choice = card_families() if fonts is None else fonts
    if not choice:
        raise ValueError("a card needs at least one font family")
    layout = LAYOUTS[side]
    holder = issued_as(person, layout.document)
    rng = np.random.default_rng((seed, list(LAYOUTS).index(side), 0xCA2D))
    width, height = (round(v * scale) for v in layout.size)
    canvas = Canvas(np.zeros((height, width, 3), np.float32), scale, _style(rng, choice), rng)
    mrz = mrz_lines(holder)
    slots = layout.draw(canvas, Sheet(holder, portrait, qr_payload(holder), mrz))
    softened = cv2.GaussianBlur(canvas.pixels, (0, 0), float(rng.uniform(0.3, 0.6)) * scale)
    truth = Truth(
        side=side,
        fields=frozen(carried(side, holder)),
        lines=tuple(canvas.lines),
        qr=qr_payload(holder) if slots.qr_quad is not None else None,
        qr_quad=slots.qr_quad,
        mrz=mrz if any(line.field == "mrz" for line in canvas.lines) else None,
        portrait_quad=slots.portrait_quad,
        card_quad=box_quad(0, 0, width, height),
        font=canvas.style.family.name,
        units=MappingProxyType(units_of(side, holder)),
    )
    return Specimen(np.clip(np.rint(softened), 0, 255).astype(np.uint8), truth)
