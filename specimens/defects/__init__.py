"""Photos with something wrong, each labelled in its truth: what warnings are measured on.

`DEFECTS` are the ones a warning should tell, under the warning's own name; `HARDSHIPS` are genuine cards that look as if
something were wrong, on which no warning should come.

    photo = photograph_with("screen", specimen, "good", seed)
    photo.truth.defects[0]     # Defect(name="screen", where="", severity=0.61, quad=None)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.camera import LEVELS, Level, Photo, Setting, Span, take
from specimens.defects.copies import photocopy, screen
from specimens.defects.forgery import tampered
from specimens.defects.surface import (
    Develop,
    covered,
    cut_corner,
    glare,
    padded,
    punched,
    solid,
    to_pixels,
    with_defect,
    worn,
)
from specimens.scenes import GREY_DESK, STRIPED_CLOTH
from specimens.tableau import cut_off
from specimens.truth import Defect, Pixels, Specimen

Alter = Callable[[Specimen, float, np.random.Generator], Specimen]
Shine = Callable[[Specimen, float, np.random.Generator], tuple[Specimen, Develop]]
Retake = Callable[[Level, float], Level]

BLUR: Span = (2.6, 6.0)
"""Defocus in pixels per 1000 of card width: a stroke of a value is about 4 such pixels wide."""
TINY: Span = (130, 330)
"""Card width in pixels at which values are at most nine pixels tall."""
CLIPPED: Span = (0.04, 0.3)
"""Of the card's extent beyond the photo's edge."""
CLIPPED_SIDES = ("left", "top", "right", "bottom", "top-left", "top-right", "bottom-right", "bottom-left")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """How a defect comes about: in the thing itself, in how the photo is taken, or in light that the thing throws on
    the sensor."""

    alter: Alter | None = None
    retake: Retake | None = None
    shine: Shine | None = None


def _labelled(name: str) -> Alter:
    """Leaves the specimen alone and says what will be wrong with the photo."""

    def alter(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:  # noqa: ARG001
        return with_defect(specimen, Defect(name, "", severity))

    return alter


def _at(span: Span, severity: float) -> float:
    return span[0] + (span[1] - span[0]) * severity


def _out_of_focus(level: Level, severity: float) -> Level:
    sigma = _at(BLUR, severity)
    return replace(level, defocus=(sigma, sigma))


def _far(level: Level, severity: float) -> Level:
    width = _at(TINY, 1 - severity)
    return replace(level, card_width=(width, width), frame=(0.1, 0.3))


def _filling(level: Level, severity: float) -> Level:  # noqa: ARG001
    return replace(level, frame=(0.97, 1.0), lean=min(level.lean, 2.0), perspective=0.01)


def _on(surface: str) -> Retake:
    return lambda level, severity: replace(level, surfaces=(surface,), things=1)  # noqa: ARG005


def warm_light(
    specimen: Specimen, severity: float, rng: np.random.Generator
) -> tuple[Specimen, Develop]:
    """A genuine card under a lamp so yellow that little of any colour is left."""
    lamp = (np.array([0.62, 0.86, 1.04]) + rng.normal(0, 0.03, 3)).astype(np.float32)
    left = 0.65 - 0.35 * severity

    def develop(seen: NDArray[np.float32], warp: NDArray[np.float64]) -> NDArray[np.float32]:  # noqa: ARG001
        grey = cv2.cvtColor(seen, cv2.COLOR_BGR2GRAY)[:, :, None]
        return np.asarray((left * seen + (1 - left) * grey) * lamp, np.float32)

    return with_defect(specimen, Defect("warm_light", "", severity)), develop


def dark_mat(specimen: Specimen, severity: float, rng: np.random.Generator) -> Specimen:
    """A genuine card on a dark, sharp-edged thing: a telephone, a mouse pad, a wallet."""
    wide = padded(specimen, float(rng.uniform(0.05, 0.25)))
    card = solid(wide)[:, :, None]
    tone = float(rng.uniform(10, 50))
    mat = np.full(wide.pixels.shape, tone, np.float32) + rng.normal(0, 2, wide.pixels.shape)
    field = mat + card * (wide.pixels.astype(np.float32) - mat)
    mask: NDArray[np.float32] = np.ones(wide.pixels.shape[:2], np.float32)
    changed = replace(wide, pixels=to_pixels(field.astype(np.float32)), mask=mask)
    return with_defect(changed, Defect("dark_mat", "", severity))


DEFECTS: Mapping[str, Plan] = MappingProxyType(
    {
        "photocopy": Plan(photocopy),
        "screen": Plan(shine=screen),
        "cut_corner": Plan(cut_corner),
        "punched": Plan(punched),
        "covered": Plan(covered),
        "tampered": Plan(tampered),
        "clipped": Plan(),
        "glare": Plan(shine=glare),
        "blurred": Plan(_labelled("blurred"), _out_of_focus),
        "card_too_small": Plan(_labelled("card_too_small"), _far),
    }
)
HARDSHIPS: Mapping[str, Plan] = MappingProxyType(
    {
        "worn": Plan(worn),
        "warm_light": Plan(shine=warm_light),
        "dark_mat": Plan(dark_mat),
        "grey_desk": Plan(_labelled("grey_desk"), _on(GREY_DESK)),
        "striped_cloth": Plan(_labelled("striped_cloth"), _on(STRIPED_CLOTH)),
        "filling": Plan(_labelled("filling"), _filling),
    }
)
_ORDER = (*DEFECTS, *HARDSHIPS)


def photograph_with(
    defect: str,
    specimen: Specimen,
    level: str,
    seed: int,
    *,
    severity: float | None = None,
    rotation: int | None = None,
    background: Pixels | None = None,
) -> Photo:
    """One photo of a specimen with a defect or hardship, which its truth names; always the same for a seed.

    Args:
        defect: a key of `DEFECTS` or `HARDSHIPS`.
        level, rotation, background: as for `camera.photograph`.
        severity: 0 slight to 1 gross; None draws one.

    Raises:
        KeyError: no such defect or level.
    """
    plan = DEFECTS[defect] if defect in DEFECTS else HARDSHIPS[defect]
    rng = np.random.default_rng((seed, list(LEVELS).index(level), _ORDER.index(defect), 0xDEFE))
    drawn = float(rng.uniform())
    gross = drawn if severity is None else severity
    develop: Develop | None = None
    if plan.alter is not None:
        specimen = plan.alter(specimen, gross, rng)
    if plan.shine is not None:
        specimen, develop = plan.shine(specimen, gross, rng)
    spec = LEVELS[level] if plan.retake is None else plan.retake(LEVELS[level], gross)
    photo = take(specimen, Setting(level, spec, rotation, background, develop), rng)
    return _clipped(photo, gross, rng) if defect == "clipped" else photo


def _clipped(photo: Photo, severity: float, rng: np.random.Generator) -> Photo:
    """The photo framed anew so that the card goes on beyond an edge. `where`: the sides of the photo."""
    side = str(rng.choice(CLIPPED_SIDES))
    cut = cut_off(photo, side, _at(CLIPPED, severity))
    where = ", ".join(
        name for name in ("left", "top", "right", "bottom") if name in side.split("-")
    )
    defect = Defect("clipped", where, severity)
    truth = replace(cut.truth, defects=(*cut.truth.defects, defect))
    return replace(cut, truth=truth)
