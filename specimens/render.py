"""A made-up person's document side as a flat picture with its truth."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from specimens.canvas import HEIGHT, WIDTH, Canvas, Style, box_quad
from specimens.fonts import FontFamily, card_families
from specimens.layouts import DOCUMENT_OF, LAYOUTS
from specimens.layouts.sheet import Sheet
from specimens.machine_readable import mrz_lines, mrz_name, qr_payload
from specimens.people import Person, issued_as, written
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


def carried(side: str, person: Person) -> dict[str, str]:
    """What one side says, printed or in its codes; "" for what the holder does not have."""
    birth, issue = written(person.birth_date), written(person.issue_date)
    common = {"number": person.number, "birth_date": birth, "sex": person.sex}
    mrz_only = {
        "full_name": " ".join(mrz_name(person.full_name).replace("<", " ").split()),
        "nationality": person.nationality,
        "expiry_date": person.expiry_text,
    }
    name = {"full_name": person.full_name.upper()}
    in_qr = {"issue_date": issue, "old_number": person.old_number, "residence": person.residence}
    sides = {
        "chip_front": common
        | name
        | in_qr
        | {
            "nationality": person.nationality,
            "origin": person.origin,
            "expiry_date": person.expiry_text,
        },
        "chip_back": common
        | mrz_only
        | {"features": person.features, "issue_date": issue, "issuer": person.issuer},
        "cc2024_front": common | name | {"nationality": person.nationality},
        "cc2024_back": common
        | mrz_only
        | name
        | in_qr
        | {"birth_place": person.birth_place, "issuer": person.issuer},
    }
    return sides[side]


def render(
    side: str,
    person: Person,
    portrait: Pixels,
    seed: int,
    scale: float = 1.0,
    *,
    fonts: Sequence[FontFamily] | None = None,
) -> Specimen:
    """One side of one person's card, 1012 x 638 pixels times `scale`.

    The person's issue date, expiry date and issuer are those of the side's document (see `issued_as`), so any
    person can be printed on any side. `fonts` narrows the choice of families.

    Raises:
        KeyError: no such side.
        ValueError: `fonts` is empty.
    """
    choice = card_families() if fonts is None else fonts
    if not choice:
        raise ValueError("a card needs at least one font family")
    draw = LAYOUTS[side]
    holder = issued_as(person, DOCUMENT_OF[side])
    rng = np.random.default_rng((seed, list(LAYOUTS).index(side), 0xCA2D))
    height, width = round(HEIGHT * scale), round(WIDTH * scale)
    canvas = Canvas(np.zeros((height, width, 3), np.float32), scale, _style(rng, choice), rng)
    mrz = mrz_lines(holder)
    slots = draw(canvas, Sheet(holder, portrait, qr_payload(holder), mrz))
    softened = cv2.GaussianBlur(canvas.pixels, (0, 0), float(rng.uniform(0.3, 0.6)) * scale)
    truth = Truth(
        side=side,
        fields=frozen(carried(side, holder)),
        lines=tuple(canvas.lines),
        qr=qr_payload(holder) if slots.qr_quad is not None else None,
        qr_quad=slots.qr_quad,
        mrz=mrz if side.endswith("_back") else None,
        portrait_quad=slots.portrait_quad,
        card_quad=box_quad(0, 0, width, height),
        font=canvas.style.family.name,
    )
    return Specimen(np.clip(np.rint(softened), 0, 255).astype(np.uint8), truth)
