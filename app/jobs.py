"""What runs inside a worker: decode what was sent, then one pipeline."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.images import Encoded, Limits, jpeg, read_image, read_images
from app.runtime import Runtime
from app.video import read_video
from models.types import FaceTemplate, Image
from pipelines.challenge import captures_of
from pipelines.compare_faces import PORTRAIT
from pipelines.errors import ImageUnreadable, NoDocument, NoFace
from pipelines.liveness import Capture, LivenessDecision, Pose, VideoDecision
from pipelines.match_sides import match_sides
from pipelines.onboard import FACES_COMPARED
from pipelines.parsing.dates import today
from pipelines.types import (
    Concern,
    ConcernKind,
    Decision,
    Onboarding,
    Reading,
    RuleCheck,
    Side,
)

_SUSPICIOUS = frozenset(
    {
        ConcernKind.PHOTOCOPY,
        ConcernKind.SCREEN,
        ConcernKind.TAMPERED,
        ConcernKind.CONTRADICTION,
    }
)
"""What is said of a card that nobody is registered with."""


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
        today(),
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
        ImageUnreadable: also more pages in all than one PDF may have.
    """
    readings: list[Reading] = []
    for page in _pages(files, limits):
        with contextlib.suppress(NoDocument):
            readings += runtime.read_documents(page, check_rotate=check_rotate)
    if not readings:
        raise NoDocument
    return readings


def _pages(files: Sequence[Encoded], limits: Limits) -> Iterator[Image]:
    """Of one file after another, so that not all of them are in memory at once."""
    count = 0
    for file in files:
        pages = read_images(file, limits)
        count += len(pages)
        if count > limits.pdf.pages:
            raise ImageUnreadable("too many pages")
        yield from pages


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
    again, so that nothing but pixels is ever stored. `live`: see `EmbeddedFace`."""

    template: FaceTemplate
    picture: bytes
    score: float
    live: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Registered:
    """An onboarding; `face` is there when it may be enrolled: it matches the card's and neither face nor card is suspected.
    `video` is there when the face came out of one, and `portrait` is then the frame chosen, a JPEG file. `suspicions`:
    why a face that matches may not."""

    onboarding: Onboarding
    face: Embedded | None
    video: VideoDecision | None = None
    portrait: bytes | None = None
    suspicions: tuple[ConcernKind, ...] = ()


def embed_face(
    runtime: Runtime, portrait: Encoded, *, judged: bool = False, limits: Limits
) -> Embedded:
    """`judged`: the spoof judge is asked as well."""
    return _embedded(runtime, read_image(portrait, limits), judged=judged)


def _embedded(runtime: Runtime, portrait: Image, *, judged: bool = False) -> Embedded:
    found = runtime.embed_face(portrait, judged=judged)
    return Embedded(found.template, jpeg(found.image.pixels), found.face.score, found.live)


def picture_file(_: Runtime, picture: Encoded, *, limits: Limits) -> bytes:
    """A picture, decoded and encoded again."""
    return jpeg(read_image(picture, limits).pixels)


def check_liveness(
    runtime: Runtime,
    left: Encoded,
    mid: Encoded,
    right: Encoded,
    card: Encoded | None = None,
    *,
    limits: Limits,
) -> LivenessDecision:
    sent = {Pose.LEFT: left, Pose.MID: mid, Pose.RIGHT: right}
    captures = [Capture(pose, read_image(one, limits)) for pose, one in sent.items()]
    shown = None if card is None else read_image(card, limits)
    return runtime.check_liveness(captures, card=shown)


def answer_challenge(
    runtime: Runtime, asked: tuple[Pose, ...], *portraits: Encoded, limits: Limits
) -> LivenessDecision:
    """Portraits in the order the poses were asked for, as many."""
    images = [read_image(one, limits) for one in portraits]
    return runtime.check_liveness(captures_of(asked, images))


def register(
    runtime: Runtime,
    front: Encoded,
    back: Encoded,
    face: Encoded,
    *,
    check_rotate: bool,
    threshold: float,
    limits: Limits,
) -> Registered:
    images = [read_image(image, limits) for image in (front, back, face)]
    onboarding = runtime.onboard(images[0], images[1], images[2], check_rotate=check_rotate)
    return _registered(runtime, onboarding, images[2], threshold)


def register_video(
    runtime: Runtime,
    front: Encoded,
    back: Encoded,
    video: Encoded,
    *,
    check_rotate: bool,
    threshold: float,
    limits: Limits,
) -> Registered:
    """A card is read whether or not the video shows a face, as it is beside a photograph.

    Raises:
        VideoUnreadable, VideoTooLong: see `app.video`.
    """
    images = [read_image(image, limits) for image in (front, back)]
    frames = read_video(video)
    try:
        seen = runtime.watch_video(frames)
    except NoFace:
        onboarding = runtime.onboard(
            images[0], images[1], frames[-1].image, check_rotate=check_rotate
        )
        return Registered(onboarding, None)
    onboarding = runtime.onboard(images[0], images[1], seen.portrait, check_rotate=check_rotate)
    return _registered(runtime, onboarding, seen.portrait, threshold, seen)


def _registered(
    runtime: Runtime,
    onboarding: Onboarding,
    portrait: Image,
    threshold: float,
    video: VideoDecision | None = None,
) -> Registered:
    frame = None if video is None else jpeg(portrait.pixels)
    decision = onboarding.decision
    if decision is None or decision.similarity < threshold:
        return Registered(onboarding, None, video, frame)
    against = _suspicions(onboarding, decision, video)
    face = None if against else _embedded(runtime, portrait)
    return Registered(onboarding, face, video, frame, against)


def _suspicions(
    onboarding: Onboarding, decision: Decision, video: VideoDecision | None
) -> tuple[ConcernKind, ...]:
    """Is the face no live one, the card not the card itself, or do its codes, its print or its two sides contradict
    each other? A video's verdict overrules what the spoof judge makes of one frame of it; whether the faces are alike
    enough is the client's threshold to say."""
    told = (*onboarding.front.concerns, *onboarding.back.concerns, *onboarding.concerns)
    found = {one.kind for one in told if one.where != FACES_COMPARED} & _SUSPICIOUS
    spoof = any(concern.kind is ConcernKind.SPOOF for concern in decision.concerns)
    if spoof if video is None else not video.live:
        found |= {ConcernKind.SPOOF}
    return tuple(sorted(found))
