"""Tampering that leaves a seam: another portrait pasted in, digits copied over others, a value typed anew on a patch.

The truth says what is printed *after* the forgery; codes keep what the issuer put into them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from specimens import names
from specimens.defects.surface import to_pixels, with_defect
from specimens.fonts import card_families, sized
from specimens.portraits import Portrait, portraits
from specimens.truth import Defect, Pixels, Specimen, TruthLine, frozen

Field = NDArray[np.float32]
RETYPED = (
    "number",
    "birth_date",
    "expiry_date",
    "full_name",
    "features",
    "father_name",
    "licence_class",
)
"""Fields somebody would want to change, if the side prints them on one line."""


@cache
def _faces() -> tuple[Portrait, ...]:
    return tuple(portraits())


def tampered(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """One of the forgeries this side allows; the seam shows more, the grosser it is. `where`: portrait or field."""
    ways = []
    if specimen.truth.portrait_quad is not None:
        ways.append("portrait")
    if _digits(specimen) is not None:
        ways.append("digits")
    if _retypable(specimen):
        ways.append("typed")
    if not ways:
        return _blanked(specimen, severity, rng)
    way = ways[int(rng.integers(len(ways)))]
    if way == "portrait":
        return _portrait(specimen, severity, rng)
    return _copied(specimen, severity, rng) if way == "digits" else _typed(specimen, severity, rng)


def _seam(patch: Field, severity: float, rng: np.random.Generator) -> None:
    """What an edit leaves: another brightness, other noise, an edge of its own; in place."""
    patch += float(rng.choice([-1, 1])) * (6 + 16 * severity)
    patch += rng.normal(0, 1.5 + 4 * severity, patch.shape[:2]).astype(np.float32)[:, :, None]
    thick = 1 + round(1.2 * severity)
    shade = float(rng.choice([-1, 1])) * (25 + 55 * severity)
    for edge in (patch[:thick], patch[-thick:], patch[:, :thick], patch[:, -thick:]):
        edge += shade


def _pasted(
    specimen: Specimen, patch: Field, at: tuple[int, int], severity: float, rng: np.random.Generator
) -> Pixels:
    """The card with a patch laid on it, with the seam of one."""
    field = specimen.pixels.astype(np.float32)
    _seam(patch, severity, rng)
    height, width = field.shape[:2]
    x, y = max(0, at[0]), max(0, at[1])
    part = patch[y - at[1] : height - at[1], x - at[0] : width - at[0]]
    field[y : y + part.shape[0], x : x + part.shape[1]] = part
    return to_pixels(field)


def _portrait(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """Another person's photo over the holder's, a little larger or smaller, of another make."""
    quad = specimen.truth.portrait_quad
    assert quad is not None, "asked for on sides with a portrait alone"
    (x0, y0), (x1, y1) = quad[0], quad[2]
    old = specimen.pixels[int(y0) : int(y1), int(x0) : int(x1)].astype(np.float32)
    grow = float(rng.uniform(-0.015, 0.04)) * (x1 - x0)
    x0, y0, x1, y1 = x0 - grow, y0 - grow, x1 + grow, y1 + grow
    size = (max(8, round(float(x1 - x0))), max(8, round(float(y1 - y0))))

    def fitted(face: Portrait) -> Field:
        picture = face.pixels[: round(face.pixels.shape[1] * size[1] / size[0])]
        return cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)

    # Never the holder's own: the one that looks least like what is printed, of three drawn.
    drawn = [
        _faces()[int(i)] for i in rng.choice(len(_faces()), min(3, len(_faces())), replace=False)
    ]
    small = cv2.resize(old, (32, 48))
    patch = max(
        (fitted(face) for face in drawn),
        key=lambda new: float(np.abs(cv2.resize(new, (32, 48)) - small).mean()),
    )
    soft = cv2.GaussianBlur(patch, (0, 0), float(rng.uniform(0.3, 1.6)))
    patch = np.asarray((soft - 128) * float(rng.uniform(0.75, 1.2)) + 128, np.float32)
    pixels = _pasted(specimen, patch, (round(float(x0)), round(float(y0))), severity, rng)
    return with_defect(
        replace(specimen, pixels=pixels), Defect("tampered", "portrait", severity, quad)
    )


def _digits(specimen: Specimen) -> TruthLine | None:
    """A line of digits alone, at least two of them different: figures stand in cells of one width."""
    lines = (x for x in specimen.truth.lines if x.field == "number" and x.text.isdigit())
    return next((line for line in lines if len(set(line.text)) > 1), None)


def _copied(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """One or two digits of the number covered by copies of others of the same number."""
    line = _digits(specimen)
    assert line is not None, "asked for on sides with a number alone"
    text, cell = list(line.text), _cell(line)
    pixels = specimen.pixels
    for _ in range(1 + int(severity > 0.5)):
        to = int(rng.integers(3 if len(text) > 9 else 0, len(text)))
        others = [i for i in range(len(text)) if line.text[i] != text[to]]
        source = others[int(rng.integers(len(others)))]
        x, y, w, h = cell(source)
        patch = specimen.pixels[y : y + h, x : x + w].astype(np.float32)
        tx, ty, _, _ = cell(to)
        slip = (tx + int(rng.integers(-1, 2)), ty + int(rng.integers(-2, 3)))
        pixels = _pasted(replace(specimen, pixels=pixels), patch, slip, severity, rng)
        text[to] = line.text[source]
    return _retold(replace(specimen, pixels=pixels), line, "".join(text), severity)


def _cell(line: TruthLine) -> Callable[[int], tuple[int, int, int, int]]:
    """x, y, w, h of the i-th figure of a line."""
    (x0, y0), (x1, y1) = line.quad[0], line.quad[2]
    wide, margin = (x1 - x0) / len(line.text), (y1 - y0) * 0.18

    def box(i: int) -> tuple[int, int, int, int]:
        return (
            round(float(x0 + i * wide)),
            round(float(y0 - margin)),
            round(float(wide)),
            round(float(y1 - y0 + 2 * margin)),
        )

    return box


def _retypable(specimen: Specimen) -> list[TruthLine]:
    """Values printed whole on one line, as the truth has them."""
    truth = specimen.truth
    return [x for x in truth.lines if x.field in RETYPED and truth.fields.get(x.field) == x.text]


def _typed(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """A value covered by a patch of the paper's colour and typed anew in another face."""
    lines = _retypable(specimen)
    line = lines[int(rng.integers(len(lines)))]
    text = _other(line.text, rng)
    (x0, y0), (x1, y1) = line.quad[0], line.quad[2]
    margin = float(y1 - y0) * 0.22
    at = (round(float(x0) - margin), round(float(y0) - margin))
    box = (round(float(x1) + margin), round(float(y1) + margin))
    under = specimen.pixels[max(0, at[1]) : box[1], max(0, at[0]) : box[0]].astype(np.float32)
    paper = np.percentile(under.reshape(-1, 3), 80, axis=0)
    ink = np.percentile(under.reshape(-1, 3), 3, axis=0)
    patch = np.full((box[1] - at[1], box[0] - at[0], 3), paper, np.float32)
    mask = _writing(text, (patch.shape[1], patch.shape[0]), margin, rng)
    patch += mask[:, :, None] * (ink.astype(np.float32) - patch)
    pixels = _pasted(specimen, patch, at, severity, rng)
    return _retold(replace(specimen, pixels=pixels), line, text, severity)


def _writing(text: str, size: tuple[int, int], margin: float, rng: np.random.Generator) -> Field:
    """The text as large as the patch allows, in a face drawn anew."""
    faces = card_families()
    path = faces[int(rng.integers(len(faces)))].regular
    font = sized(path, 40)
    scale = min((size[0] - 2 * margin) / font.getlength(text), (size[1] - 1.4 * margin) / 40)
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).text(
        (margin, size[1] / 2),
        text,
        font=sized(path, max(6, int(40 * scale))),
        fill=255,
        anchor="lm",
    )
    return np.asarray(mask, np.float32) / 255.0


def _other(text: str, rng: np.random.Generator) -> str:
    """Another value of the same kind: some digits changed, or another name."""
    at = [i for i, letter in enumerate(text) if letter.isdigit()]
    if not at:
        other = names.full_name(rng, male=bool(rng.random() < 0.5))
        return other.upper() if text.isupper() else other
    # The last two figures of a date are years, so any will do.
    i = at[-1 - int(rng.integers(2))] if len(at) > 1 else at[0]
    return text[:i] + str((int(text[i]) + int(rng.integers(1, 10))) % 10) + text[i + 1 :]


def _retold(specimen: Specimen, line: TruthLine, text: str, severity: float) -> Specimen:
    """The truth after the forgery."""
    truth = specimen.truth
    name = line.field or ""
    lines = tuple(replace(x, text=text) if x is line else x for x in truth.lines)
    changed = replace(truth, lines=lines, fields=frozen({**truth.fields, name: text}))
    defect = Defect("tampered", name, severity, line.quad)
    return with_defect(replace(specimen, truth=changed), defect)


def _blanked(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """On a side without anything to change by name: a strip of one line pasted over another of its height."""
    lines = [line for line in specimen.truth.lines if line.field]
    line = lines[int(rng.integers(len(lines)))]
    (x0, y0), (x1, y1) = line.quad[0], line.quad[2]
    margin = float(y1 - y0) * 0.2
    y, x = max(0, round(float(y0) - margin)), max(0, round(float(x0)))
    wide = float(x1 - x0) * float(rng.uniform(0.25, 0.5))
    patch = specimen.pixels[y : round(float(y1) + margin), x : x + max(8, round(wide))]
    slip = (x + int(rng.integers(-1, 2)), y + int(rng.choice([-2, -1, 1, 2])))
    pixels = _pasted(specimen, patch.astype(np.float32), slip, severity, rng)
    defect = Defect("tampered", line.field or "", severity, line.quad)
    return with_defect(replace(specimen, pixels=pixels), defect)
