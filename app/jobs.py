"""What runs inside a worker: decode what was sent, then one pipeline."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import date

from app.images import Encoded, Limits, jpeg, read_image, read_images
from app.runtime import Runtime
from models.types import FaceTemplate
from pipelines.compare_faces import PORTRAIT
from pipelines.errors import NoDocument, NoFace
from pipelines.match_sides import match_sides
from pipelines.types import Concern, Decision, Onboarding, Reading, RuleCheck, Side


@dataclass(frozen=True, slots=True, eq=False)
class BothSides:
    """Two sides, each completed by the other's codes, and what the pair says: rules of the whole, contradictions."""

    front: Reading
    back: Reading
    rules: tuple[RuleCheck, ...] = ()
    concerns: tuple[Concern, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Matched:
    """A decision and the two faces it rests on, as JPEG files."""

    decision: Decision
    left_jpeg: bytes
    right_jpeg: bytes


def read_both_sides(
    runtime: Runtime, front: Encoded, back: Encoded, *, limits: Limits
) -> BothSides:
    # Both are decoded before either is read: a bad second image is cheap to refuse.
    images = [read_image(side, limits) for side in (front, back)]
    pair = match_sides(
        runtime.read_document(images[0], expected=Side.FRONT),
        runtime.read_document(images[1], expected=Side.BACK),
        runtime.policy,
        date.today(),
    )
    return BothSides(pair.front, pair.back, pair.rules, pair.concerns)


def read_side(
    runtime: Runtime, image: Encoded, *, expected: Side | None, limits: Limits
) -> Reading:
    return runtime.read_document(read_image(image, limits), expected=expected)


def read_all(
    runtime: Runtime, *files: Encoded, check_rotate: bool = True, limits: Limits
) -> list[Reading]:
    """Every side in the pictures or PDF files; a page that shows none is passed over.

    Raises:
        NoDocument: there is none at all.
    """
    pages = [page for file in files for page in read_images(file, limits)]
    readings: list[Reading] = []
    for page in pages:
        with contextlib.suppress(NoDocument):
            readings += runtime.read_documents(page, check_rotate=check_rotate)
    if not readings:
        raise NoDocument
    return readings


def read_page(runtime: Runtime, page: Encoded, *, limits: Limits) -> list[str]:
    """Lines of a scanned page."""
    return runtime.read_page(read_image(page, limits))


def match_faces(
    runtime: Runtime, left: Encoded, right: Encoded, *, left_is_card: bool, limits: Limits
) -> Matched:
    images = [read_image(face, limits) for face in (left, right)]
    try:
        decision = runtime.compare_faces(images[0], images[1], left_is_card=left_is_card)
    except NoFace:
        if left_is_card:
            raise
        raise NoFace(PORTRAIT) from None  # of two portraits neither is a card
    return Matched(decision, jpeg(decision.left.crop), jpeg(decision.right.crop))


@dataclass(frozen=True, slots=True, eq=False)
class Embedded:
    """The template of a picture's largest face, and the picture, turned upright, as a JPEG file: decoded and encoded
    again, so that nothing but pixels is ever stored."""

    template: FaceTemplate
    picture: bytes


def embed_face(runtime: Runtime, portrait: Encoded, *, limits: Limits) -> Embedded:
    embedded = runtime.embed_face(read_image(portrait, limits))
    return Embedded(embedded.template, jpeg(embedded.image.pixels))


def onboard(
    runtime: Runtime,
    front: Encoded,
    back: Encoded,
    face: Encoded,
    *,
    check_rotate: bool,
    limits: Limits,
) -> Onboarding:
    images = [read_image(image, limits) for image in (front, back, face)]
    return runtime.onboard(images[0], images[1], images[2], check_rotate=check_rotate)
