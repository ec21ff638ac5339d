from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import pytest

from models.types import (
    Accessories,
    CardLocation,
    CardLooks,
    Face,
    FaceTemplate,
    Image,
    Mark,
    Quad,
    SimilarityCalibration,
)
from pipelines.compare_faces import CompareFaces
from pipelines.embed_face import EmbedFace
from pipelines.errors import NoFace
from pipelines.find_faces import find_faces
from pipelines.types import ConcernKind, FaceLimits, Policy, Verdict

LINEAR = SimilarityCalibration(((-1.0, 0.0), (0.0, 0.0001), (1.0, 1.0)))


def face(x0: float, y0: float, size: float) -> Face:
    spots = np.array([[0.3, 0.4], [0.7, 0.4], [0.5, 0.6], [0.35, 0.8], [0.65, 0.8]], np.float32)
    return Face((x0, y0, x0 + size, y0 + size), spots * size + np.array([x0, y0], np.float32), 0.9)


class Painted:
    """Finds squares of one grey level, largest first; only when the dark stripe is on top (upright) and the
    square is wide enough in the picture it is shown."""

    def __init__(self, narrowest: float = 10) -> None:
        self.narrowest = narrowest

    def find(self, image: Image, *, hard: bool = True) -> list[Face]:
        pixels = image.pixels
        if pixels[0, pixels.shape[1] // 2, 0] > 50:
            return []
        faces = []
        for level in np.unique(pixels[..., 1])[1:]:
            ys, xs = np.nonzero(pixels[..., 1] == level)
            size = float(xs.max() - xs.min() + 1)
            if size >= self.narrowest:
                faces.append(face(float(xs.min()), float(ys.min()), size))
        return sorted(faces, key=lambda f: -f.width)


class Embedder:
    """The colour under the face is the person."""

    def embed(self, image: Image, faces: Sequence[Face]) -> list[FaceTemplate]:
        templates = []
        for f in faces:
            level = float(image.pixels[int(f.landmarks[2, 1]), int(f.landmarks[2, 0]), 1])
            angle = (level - 100) / 100 * np.pi / 2
            templates.append(
                FaceTemplate(np.array([np.cos(angle), np.sin(angle)], np.float32), "painted")
            )
        return templates


class Judge:
    def __init__(self, live: float | None) -> None:
        self.live = live

    def judge(self, image: Image, face: Face) -> float | None:
        del image, face
        return self.live


def picture(*squares: tuple[int, int, int, int], size: tuple[int, int] = (400, 300)) -> Image:
    """Squares of (x, y, size, person); a dark stripe on top."""
    pixels = np.full((size[1], size[0], 3), 200, np.uint8)
    pixels[..., 1] = 0
    pixels[0, :, 0] = 0
    for x, y, side, person in squares:
        pixels[y : y + side, x : x + side, 1] = person
    return Image(pixels)


def comparer(finder: Painted | None = None, **kwargs: object) -> CompareFaces:
    policy = Policy(face=FaceLimits(sharpness=0.0))  # squares of one colour have no detail
    return CompareFaces(finder or Painted(), Embedder(), LINEAR, policy, **kwargs)  # type: ignore[arg-type]


CARD = picture((40, 80, 80, 100))
SELFIE = picture((100, 60, 150, 100))


def test_one_person() -> None:
    decision = comparer()(CARD, SELFIE, left_is_card=True)
    assert decision.similarity == pytest.approx(1.0)
    assert decision.verdict is Verdict.SAME
    assert decision.concerns == ()
    assert decision.left.face.box == (40, 80, 120, 160)
    assert decision.right.crop.shape[0] > 150
    assert [stage for stage, _ in decision.timing.stages] == [
        "find_faces",
        "embed_faces",
        "judge_spoof",
        "measure_quality",
        "look",
    ]


@pytest.mark.parametrize(
    ("person", "verdict"), [(100, Verdict.SAME), (149, Verdict.UNSURE), (190, Verdict.DIFFERENT)]
)
def test_verdict_by_the_published_bands(person: int, verdict: Verdict) -> None:
    decision = comparer()(CARD, picture((100, 60, 150, person)), left_is_card=True)
    assert decision.verdict is verdict


@pytest.mark.parametrize(
    ("similarity", "told", "verdict"),
    [
        (0.75004, 0.75, Verdict.UNSURE),
        (0.7501, 0.7501, Verdict.SAME),
        (0.64996, 0.6499, Verdict.DIFFERENT),
        (0.65, 0.65, Verdict.UNSURE),
        (1.0, 1.0, Verdict.SAME),
    ],
)
def test_the_verdict_is_that_of_the_figure_told(
    similarity: float, told: float, verdict: Verdict
) -> None:
    compare = CompareFaces(
        Painted(), Embedder(), SimilarityCalibration(((-1.0, 0.0), (1.0, similarity)))
    )
    decision = compare(CARD, SELFIE, left_is_card=True)
    assert (decision.similarity, decision.verdict) == (told, verdict)


def test_a_ghost_portrait_on_the_card_is_no_second_person() -> None:
    card = picture((40, 80, 80, 100), (250, 100, 60, 130))
    decision = comparer()(card, SELFIE, left_is_card=True)
    assert decision.verdict is Verdict.SAME
    assert decision.concerns == ()


def test_two_people_of_like_size_beside_each_other_and_a_passer_by() -> None:
    pair = comparer()(CARD, picture((100, 60, 150, 100), (260, 60, 120, 180)), left_is_card=True)
    assert [c.kind for c in pair.concerns] == [ConcernKind.SEVERAL_FACES]
    passer_by = comparer()(
        CARD, picture((100, 60, 150, 100), (300, 60, 60, 180)), left_is_card=True
    )
    assert passer_by.concerns == ()


def test_several_faces_on_a_left_picture_that_is_no_card() -> None:
    pair = picture((30, 60, 100, 100), (200, 60, 90, 180))
    assert [(c.kind, c.where) for c in comparer()(pair, SELFIE, left_is_card=False).concerns] == [
        (ConcernKind.SEVERAL_FACES, "card")
    ]


def test_the_first_of_two_portraits_may_be_at_the_margin_a_card_s_may_not() -> None:
    edge = picture((2, 60, 150, 100))
    told = [
        [(c.kind, c.where) for c in comparer()(edge, SELFIE, left_is_card=is_card).concerns]
        for is_card in (False, True)
    ]
    assert told == [[(ConcernKind.FACE_AT_MARGIN, "card")], []]


def test_small_and_at_the_margin() -> None:
    small = comparer()(CARD, picture((100, 60, 30, 100)), left_is_card=True)
    assert [(c.kind, c.where) for c in small.concerns] == [(ConcernKind.FACE_TOO_SMALL, "portrait")]
    edge = comparer()(CARD, picture((2, 60, 150, 100)), left_is_card=True)
    assert [(c.kind, c.where) for c in edge.concerns] == [(ConcernKind.FACE_AT_MARGIN, "portrait")]


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_phones_that_lose_the_orientation(turns: int) -> None:
    turned = Image(np.ascontiguousarray(np.rot90(SELFIE.pixels, turns)))
    decision = comparer()(CARD, turned, left_is_card=True)
    assert decision.verdict is Verdict.SAME
    assert decision.right.face.box == (100, 60, 250, 210)


def test_a_tiny_portrait_in_a_small_picture_is_enlarged() -> None:
    card = picture((40, 80, 44, 100))
    decision = comparer(Painted(narrowest=60))(card, SELFIE, left_is_card=True)
    assert decision.verdict is Verdict.SAME
    assert decision.left.face.width == pytest.approx(44, abs=2)


def test_a_picture_without_a_face_is_looked_at_hard_only_once() -> None:
    """Every side and every enlargement of it is looked at, and a hard look may cost a second."""

    class Counting(Painted):
        looks: ClassVar[list[bool]] = []

        def find(self, image: Image, *, hard: bool = True) -> list[Face]:
            self.looks.append(hard)
            return []

    assert find_faces(Counting(), picture(), small=True) is None
    assert Counting.looks.count(True) == 1
    assert len(Counting.looks) == 6


def test_nobody_is_named_where_nobody_is() -> None:
    empty = picture()
    with pytest.raises(NoFace) as card_only:
        comparer()(empty, SELFIE, left_is_card=True)
    assert card_only.value.where == ("card",)
    with pytest.raises(NoFace) as both:
        comparer()(empty, empty, left_is_card=True)
    assert both.value.where == ("card", "portrait")


@pytest.mark.parametrize(("live", "spoof"), [(0.1, True), (0.9, False), (None, False)])
def test_spoof(live: float | None, spoof: bool) -> None:
    decision = comparer(spoof_judge=Judge(live))(CARD, SELFIE, left_is_card=True)
    assert (ConcernKind.SPOOF in {c.kind for c in decision.concerns}) is spoof
    assert decision.right.live == live
    assert decision.left.live is None  # a card's portrait is a print: that proves nothing


def test_of_two_portraits_both_are_judged() -> None:
    decision = comparer(spoof_judge=Judge(0.1))(SELFIE, SELFIE, left_is_card=False)
    assert [(c.kind, c.where) for c in decision.concerns] == [
        (ConcernKind.SPOOF, "card"),
        (ConcernKind.SPOOF, "portrait"),
    ]
    assert decision.left.live == decision.right.live == 0.1


class Cards:
    """A card finder that knows one answer."""

    def __init__(self, *quads: Quad) -> None:
        self.quads = quads

    def find(self, image: Image) -> list[CardLocation]:
        return [CardLocation(quad, 1.0) for quad in self.quads]


def test_a_card_on_its_side_is_turned_upright_before_its_face_is_sought() -> None:
    lying = Image(np.ascontiguousarray(np.rot90(CARD.pixels)))  # its top-left is now bottom-left
    height, width = lying.height, lying.width
    quad = Quad(np.array([[0, height], [0, 0], [width, 0], [width, height]], np.float32))
    decision = comparer(card_finder=Cards(quad))(lying, SELFIE, left_is_card=True)
    assert decision.verdict is Verdict.SAME
    assert decision.left.face.width > 80  # in the pixels of the upright card, not of the photo
    assert ConcernKind.NO_CARD not in {concern.kind for concern in decision.concerns}


BESIDE = Quad.of_box(0, 0, 150, 300)
ELSEWHERE = Quad.of_box(160, 0, 400, 151)


def test_somebody_beside_a_card_is_not_its_holder() -> None:
    photo = picture((200, 60, 60, 100))
    with pytest.raises(NoFace) as found:
        comparer(card_finder=Cards(BESIDE))(photo, SELFIE, left_is_card=True)
    assert found.value.where == ("card",)
    with pytest.raises(NoFace):  # whoever read the card knows where it is
        comparer()(photo, SELFIE, left_is_card=True, card_quad=BESIDE)


def test_of_several_cards_the_one_with_a_face_counts() -> None:
    photo = picture((200, 60, 60, 100))
    compare = comparer(card_finder=Cards(BESIDE, ELSEWHERE))
    assert compare(photo, SELFIE, left_is_card=True).verdict is Verdict.SAME


def test_a_picture_sent_as_a_card_without_one_is_answered_with_a_warning() -> None:
    decision = comparer(card_finder=Cards())(CARD, SELFIE, left_is_card=True)
    assert decision.verdict is Verdict.SAME
    assert [concern.kind for concern in decision.concerns] == [ConcernKind.NO_CARD]
    portraits = comparer(card_finder=Cards())(CARD, SELFIE, left_is_card=False)
    assert portraits.concerns == ()


class CardJudge:
    """Says the same of every card."""

    def __init__(self, *kinds: str) -> None:
        self.looks = CardLooks(tuple(Mark(kind, 0.9, None) for kind in kinds))

    def judge(self, image: Image, card: Quad) -> CardLooks:
        return self.looks


@pytest.mark.parametrize("kind", [ConcernKind.PHOTOCOPY, ConcernKind.SCREEN, ConcernKind.TAMPERED])
def test_a_card_that_is_not_the_card_itself_is_warned_of(kind: ConcernKind) -> None:
    photo = detailed_card()
    whole = Quad.of_box(0, 0, photo.width, photo.height)
    compare = comparer(card_finder=Cards(whole), card_judge=CardJudge(kind))
    told = compare(photo, SELFIE, left_is_card=True).concerns
    assert (kind, "card") in [(c.kind, c.where) for c in told]
    # whoever found the card has looked at it; a portrait is no card
    for known in ({"left_is_card": True, "card_quad": whole}, {"left_is_card": False}):
        seen = {c.kind for c in compare(photo, SELFIE, **known).concerns}  # type: ignore[arg-type]
        assert kind not in seen


def detailed_card() -> Image:
    """Large and sharp enough to be accused."""
    photo = picture((140, 280, 280, 100), size=(1200, 756)).pixels.copy()
    photo[500:700:8, 500:1100] = (10, 0, 10)
    photo[500:700, 500:1100:8] = (10, 0, 10)
    return Image(photo)


class Wears:
    """Says the same of every face."""

    def __init__(self, **chances: float) -> None:
        self.worn = Accessories(
            **{"sunglasses": 0.0, "hat": 0.0, "mask": 0.0, "eyes_closed": 0.0} | chances
        )

    def judge(self, image: Image, face: Face) -> Accessories:
        return self.worn


@pytest.mark.parametrize(
    ("worn", "kind"),
    [
        ("sunglasses", ConcernKind.SUNGLASSES),
        ("hat", ConcernKind.HAT),
        ("mask", ConcernKind.MASK),
        ("eyes_closed", ConcernKind.EYES_CLOSED),
    ],
)
def test_what_covers_the_portrait_is_warned_of_and_a_card_s_is_not(
    worn: str, kind: ConcernKind
) -> None:
    compare = comparer(accessory_judge=Wears(**{worn: 0.8}))
    card = compare(CARD, SELFIE, left_is_card=True)
    assert [(c.kind, c.where) for c in card.concerns] == [(kind, "portrait")]
    assert card.left.quality is not None
    assert getattr(card.left.quality, worn) is None
    both = compare(CARD, SELFIE, left_is_card=False)
    assert [(c.kind, c.where) for c in both.concerns] == [(kind, "card"), (kind, "portrait")]
    assert (
        comparer(accessory_judge=Wears(**{worn: 0.04}))(CARD, SELFIE, left_is_card=True).concerns
        == ()
    )


def test_an_embedded_portrait_is_judged_where_that_is_asked() -> None:
    shown = picture((100, 60, 120, 130))
    embed = EmbedFace(Painted(), Embedder(), Judge(0.2))
    assert (embed(shown).live, embed(shown, judged=True).live) == (None, 0.2)
    assert EmbedFace(Painted(), Embedder())(shown, judged=True).live is None
