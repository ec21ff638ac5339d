"""Two pictures -> are their faces one person?"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from models.geometry import rectify
from models.ports import (
    AccessoryJudge,
    CardFinder,
    CardJudge,
    FaceEmbedder,
    FaceFinder,
    SpoofJudge,
)
from models.types import Face, Image, Quad, SimilarityCalibration
from pipelines.documents.layout import FRAME
from pipelines.errors import NoFace
from pipelines.face_quality import measure, quality_concerns
from pipelines.find_faces import FoundFaces, face_crop, find_faces
from pipelines.image_checks import check_picture, concerns_of
from pipelines.stopwatch import Stopwatch
from pipelines.types import Concern, ConcernKind, Decision, FaceQuality, FaceView, Policy, Verdict

CARD, PORTRAIT = "card", "portrait"
"""Where a face was looked for: the words of concerns and of `NoFace`."""

_LARGEST_CARD = 2024
"""Pixels of width: twice the frame keeps a portrait of 400 pixels, more than any recogniser looks at."""
_STEPS = 10_000
"""Answers tell a similarity as a percentage of two decimals, or as a number of four."""
_FLOAT_NOISE = 0.001
"""Of a step, as which the product of two equal templates of float32 may miss 1."""


def upright_card(photo: Image, quad: Quad) -> Image:
    """The card cut from the photo at about its own resolution."""
    width = min(max(round(quad.width), FRAME[0]), _LARGEST_CARD)
    height = round(width * FRAME[1] / FRAME[0])
    return Image(rectify(photo.pixels, quad, (width, height)))


class CompareFaces:
    """Compares the largest face of each picture.

    Raises:
        NoFace: when called; `where` names each picture without one.
    """

    def __init__(
        self,
        face_finder: FaceFinder,
        face_embedder: FaceEmbedder,
        calibration: SimilarityCalibration,
        policy: Policy | None = None,
        spoof_judge: SpoofJudge | None = None,
        card_finder: CardFinder | None = None,
        accessory_judge: AccessoryJudge | None = None,
        card_judge: CardJudge | None = None,
    ) -> None:
        self._finder = face_finder
        self._embedder = face_embedder
        self._calibration = calibration
        self._policy = policy or Policy()
        self._spoof_judge = spoof_judge
        self._card_finder = card_finder
        self._accessory_judge = accessory_judge
        self._card_judge = card_judge

    def __call__(
        self, left: Image, right: Image, *, left_is_card: bool, card_quad: Quad | None = None
    ) -> Decision:
        """Compare two pictures.

        Args:
            left_is_card: the left picture shows a card, whose portrait may be tiny and whose ghost portrait
                is no second person.
            card_quad: where that card is, when it has been found, and looked at, already.
        """
        watch = Stopwatch()
        with watch.stage("find_faces"):
            quads = [card_quad] if card_quad is not None else []
            if left_is_card and not quads:
                quads = self._cards_in(left)
            card = self._on_card(left, quads) if left_is_card else find_faces(self._finder, left)
            portrait = find_faces(self._finder, right)
        missing = [name for name, found in ((CARD, card), (PORTRAIT, portrait)) if found is None]
        if card is None or portrait is None:
            raise NoFace(*missing)
        with watch.stage("embed_faces"):
            (a,) = self._embedder.embed(card.image, card.faces[:1])
            (b,) = self._embedder.embed(portrait.image, portrait.faces[:1])
            similarity = _rounded_down(self._calibration(a.cosine(b)))
        with watch.stage("judge_spoof"):
            # a card's portrait is a print whatever it is: only a portrait's is judged
            lives = (None if left_is_card else self._live(card), self._live(portrait))
        with watch.stage("measure_quality"):
            # a portrait printed on a card wears a security pattern: only its size and light are measured
            qualities = (self._quality(card, worn=not left_is_card), self._quality(portrait))
        concerns = [
            *self._concerns(card, CARD, is_portrait=not left_is_card),
            *self._concerns(portrait, PORTRAIT, is_portrait=True),
            *([] if left_is_card else quality_concerns(qualities[0], self._policy.face, CARD)),
            *quality_concerns(qualities[1], self._policy.face, PORTRAIT),
            *self._spoofs(lives),
        ]
        if left_is_card and card_quad is None:
            with watch.stage("look"):
                concerns += self._card_concerns(left, quads)
        return Decision(
            similarity=similarity,
            verdict=self._verdict(similarity),
            left=_view(card, qualities[0], lives[0]),
            right=_view(portrait, qualities[1], lives[1]),
            concerns=tuple(concerns),
            timing=watch.timing,
        )

    def _cards_in(self, image: Image) -> list[Quad]:
        located = self._card_finder.find(image) if self._card_finder is not None else []
        return [card.quad for card in located]

    def _card_concerns(self, photo: Image, quads: Sequence[Quad]) -> list[Concern]:
        """Is the largest card there, and is it the card itself? Where nobody looks for cards, nothing is said of them."""
        if self._card_finder is None:
            return []
        if not quads:
            return [Concern(ConcernKind.NO_CARD, CARD)]
        shown = rectify(photo.pixels, quads[0], FRAME)
        return concerns_of(
            check_picture(photo, quads[0], shown, cards=len(quads), judge=self._card_judge)
        )

    def _on_card(self, image: Image, quads: Sequence[Quad]) -> FoundFaces | None:
        """The first card that shows a face, turned upright: a finder may see a face lying on its side, but not its
        landmarks. The whole picture only where no card was found: somebody beside a card is not its holder."""
        if not quads:
            return find_faces(self._finder, image, small=True)
        looks = (find_faces(self._finder, upright_card(image, q), small=True) for q in quads)
        return next((found for found in looks if found is not None), None)

    def _live(self, found: FoundFaces) -> float | None:
        if self._spoof_judge is None:
            return None
        return self._spoof_judge.judge(found.image, found.faces[0])

    def _quality(self, found: FoundFaces, *, worn: bool = True) -> FaceQuality:
        face, judge = found.faces[0], self._accessory_judge
        return measure(
            found.image, face, judge.judge(found.image, face) if judge and worn else None
        )

    def _verdict(self, similarity: float) -> Verdict:
        if similarity > self._policy.same:
            return Verdict.SAME
        return Verdict.UNSURE if similarity >= self._policy.unsure else Verdict.DIFFERENT

    def _spoofs(self, lives: tuple[float | None, float | None]) -> Iterator[Concern]:
        for where, live in zip((CARD, PORTRAIT), lives, strict=True):
            if live is not None and live < self._policy.live:
                yield Concern(ConcernKind.SPOOF, where)

    def _concerns(self, found: FoundFaces, where: str, *, is_portrait: bool) -> Iterator[Concern]:
        """Of a card's portrait only the size: it may be printed near an edge, with a ghost portrait beside it."""
        face, image, policy = found.faces[0], found.image, self._policy
        if face.width < policy.face_pixels:
            yield Concern(ConcernKind.FACE_TOO_SMALL, where, f"{face.width:.0f} pixels wide")
        if not is_portrait:
            return
        slack = policy.face_margin * min(image.width, image.height)
        x0, y0, x1, y1 = face.box
        at_margin = min(x0, y0, image.width - x1, image.height - y1) < slack
        if at_margin:
            yield Concern(ConcernKind.FACE_AT_MARGIN, where)
        second = found.faces[1:2]
        if second and _area(second[0]) > policy.second_face * _area(face):
            yield Concern(ConcernKind.SEVERAL_FACES, where)


def _rounded_down(similarity: float) -> float:
    """To what is told, so that no answer contradicts its own figure, and never up: nobody becomes more alike by it."""
    return math.floor(similarity * _STEPS + _FLOAT_NOISE) / _STEPS


def _area(face: Face) -> float:
    return face.width * face.height


def _view(found: FoundFaces, quality: FaceQuality, live: float | None = None) -> FaceView:
    face = found.faces[0]
    return FaceView(face, face_crop(found.image, face), live, quality)
