"""A photo of an identity card -> everything it says: find, rectify, recognise, read, decode, fuse, check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import cv2
import numpy as np
from numpy.typing import NDArray

from models.geometry import crop_line, order_corners, rectify
from models.ports import CardFinder, CardJudge, TextFinder, TextReader
from models.types import Image, LineReading, Pixels, Quad, TextLine
from pipelines.check_rules import check_rules, evidence_of
from pipelines.documents import DOCUMENTS
from pipelines.documents.layout import FRAME
from pipelines.documents.spelling import spelled
from pipelines.errors import NoDocument
from pipelines.fusion import fuse
from pipelines.image_checks import check_picture, concerns_of
from pipelines.machine_codes import MrzReading, read_mrz, read_qr
from pipelines.normalise import normalised
from pipelines.parsing import dates
from pipelines.parsing.qr import QrPayload, parse_qr
from pipelines.stopwatch import Stopwatch
from pipelines.straighten import in_frame, on_photo, straightened
from pipelines.types import (
    Concern,
    DocumentClass,
    Field,
    FieldName,
    Policy,
    Reading,
    RuleCheck,
    Side,
)
from pipelines.validation import contradicted, document_concerns, side_concern

_FEWEST_LINES = 4
"""The barest side prints a dozen; a picture with fewer holds no document, whichever way it is turned."""
_NO_TEXT = 0.5
"""Mean character confidence: readings of QR modules, emblems and cloth are below, of the smallest garbled labels
above 0.6 (looked at on photographed specimens)."""
_MARGIN = 0.04
"""Of a card's sides: print keeps about so far from its edges."""
_SURELY_READ, _SMALL_CARD = 0.9, 0.5
"""Mean character confidence that strangers' print in the background seldom has, and the share of a picture below which its
print is a card that was not found and not one that fills the frame."""
_CUT_SLACK = 0.02
"""Of the card's width: a box reaching this far over a cut crosses it, and this far its gap is looked for."""
_OTHER_CROPS = (0.06, -0.03)
"""Of a line's height, added above and below, before a document is told to contradict itself. Of 22 surely misread dates and
numbers among 2,262 in poor validation fonts one survives both looks; of those read right, 1,975."""
_OTHERWISE_READ = 0.6
"""Most a character's confidence may be in a line that another crop reads otherwise: readable, but no ground to accuse."""
_PAINT = (128, 128, 128)
_GAP_WIDTH = 7
"""Pixels of the frame: wider than the gap between two letters, narrower than a blank."""


@dataclass(frozen=True, slots=True, eq=False)
class _View:
    """The card as one orientation shows it; `scores` has one entry per known document."""

    quad: Quad
    rectified: Pixels
    lines: tuple[TextLine, ...]
    scores: tuple[float, ...]

    @property
    def score(self) -> float:
        return max(self.scores)


@dataclass(frozen=True, slots=True, eq=False)
class _Said:
    """What lines and codes together say."""

    fields: Mapping[FieldName, Field]
    contradictions: tuple[Concern, ...]
    rules: tuple[RuleCheck, ...]

    @property
    def accuses(self) -> bool:
        return bool(self.contradictions) or bool(contradicted(self.rules))


class ReadDocument:
    """Reads one side of one card.

    Raises:
        NoDocument: when called, on a photo without a card of a known class.
    """

    def __init__(
        self,
        card_finder: CardFinder,
        text_finder: TextFinder,
        text_reader: TextReader,
        policy: Policy | None = None,
        *,
        card_judge: CardJudge | None = None,
        documents: Sequence[DocumentClass] = DOCUMENTS,
        today: Callable[[], date] = dates.today,
    ) -> None:
        self._card_finder = card_finder
        self._text_finder = text_finder
        self._text_reader = text_reader
        self._policy = policy or Policy()
        self._card_judge = card_judge
        self._documents = tuple(documents)
        self._today = today

    def __call__(
        self, image: Image, *, expected: Side | None = None, check_rotate: bool = True
    ) -> Reading:
        """Read the largest card in the photo that is a document.

        Args:
            expected: the side asked for: of several cards one that shows it is read, whatever its size; where none does,
                another side is read, with a WRONG_SIDE concern.
            check_rotate: False takes the photo as it is, upright.
        """
        watch = Stopwatch()
        with watch.stage("find_card"):
            cards = [card.quad for card in self._card_finder.find(image)]
        view = self._best_view(image, cards, watch, check_rotate, expected)
        if view is None:
            raise NoDocument(expected.value if expected else "image")
        return self._reading(image, view, watch, cards, expected=expected, count=len(cards))

    def all(self, image: Image, *, check_rotate: bool = True) -> list[Reading]:
        """Every card in the picture that is a document, largest first.

        Raises:
            NoDocument: there is none.
        """
        watch = Stopwatch()
        with watch.stage("find_card"):
            cards = [card.quad for card in self._card_finder.find(image)]
        views = [self._view_of(image, card, watch, check_rotate) for card in cards]
        documents = [view for view in views if view is not None]
        if len(documents) < 2:  # nothing, or one card: more is tried to find it
            return [self(image, check_rotate=check_rotate)]
        return [self._reading(image, view, Stopwatch(), cards) for view in documents]

    def _reading(
        self,
        image: Image,
        view: _View,
        watch: Stopwatch,
        cards: Sequence[Quad],
        *,
        expected: Side | None = None,
        count: int = 1,
    ) -> Reading:
        """`cards` are all that were found in the photo, `count` how many it is to be warned of."""
        document, margin = self._recognised(view, expected)
        lines = self._cut_apart(image, view, document, watch)
        with watch.stage("qr"):
            alone = _without_others(image, view.quad, cards)
            qr = read_qr(alone, view.quad, document.qr_zone) if document.qr_zone else None
        with watch.stage("mrz"):
            mrz = read_mrz(image, view.quad, lines, document, self._text_reader)
        with watch.stage("look"):
            checks = check_picture(
                image, view.quad, view.rectified, cards=count, judge=self._card_judge
            )
        with watch.stage("parse"):
            payload = parse_qr(qr) if qr else None
            said = self._said(document, margin, lines, payload, mrz)
        if said.accuses:
            lines = self._doubted(image, view.quad, lines, watch)
            with watch.stage("parse"):
                said = self._said(document, margin, lines, payload, mrz)
        concerns = (
            *side_concern(document, expected),
            *concerns_of(checks),
            *document_concerns(document, said.fields, mrz, said.rules, self._policy, self._today()),
            *said.contradictions,
        )
        return Reading(
            document=document,
            fields=said.fields,
            quad=view.quad,
            rectified=view.rectified,
            lines=lines,
            margin=margin,
            qr=qr,
            mrz=mrz.mrz.lines if mrz else None,
            mrz_valid=mrz.mrz.valid if mrz else None,
            concerns=concerns,
            timing=watch.timing,
            checks=checks,
            rules=said.rules,
        )

    def _said(
        self,
        document: DocumentClass,
        margin: float,
        lines: Sequence[TextLine],
        payload: QrPayload | None,
        mrz: MrzReading | None,
    ) -> _Said:
        read, contradictions = fuse(
            document.parse(lines),
            payload,
            mrz,
            document.kind,
            self._policy,
            qr_due=document.qr_zone is not None,
        )
        fields = normalised(read, document.kind)
        sure = margin >= self._policy.sure_margin
        evidence = evidence_of(document, fields, mrz, contradictions, sure_kind=sure)
        return _Said(fields, contradictions, check_rules(evidence, self._policy, self._today()))

    def _doubted(
        self, image: Image, card: Quad, lines: Sequence[TextLine], watch: Stopwatch
    ) -> tuple[TextLine, ...]:
        """The lines, less sure of what is read otherwise in slightly other crops."""
        places = [on_photo(line.quad, card) for line in lines]
        with watch.stage("read_text"):
            looks = [
                self._text_reader.read([crop_line(image.pixels, _grown(p, share)) for p in places])
                for share in _OTHER_CROPS
            ]
        return tuple(
            replace(line, reading=_confirmed(line.reading, [spelled(other) for other in others]))
            for line, *others in zip(lines, *looks, strict=True)
        )

    def _best_view(
        self,
        image: Image,
        cards: Sequence[Quad],
        watch: Stopwatch,
        check_rotate: bool,
        expected: Side | None,
    ) -> _View | None:
        """The largest card that is a document, of the side expected if one is; None when none is. Without a card the whole
        picture is looked at."""
        largest: _View | None = None
        for card in cards:
            view = self._view_of(image, card, watch, check_rotate)
            if view is None:
                continue
            if expected in (None, self._recognised(view, expected)[0].side):
                return view
            largest = largest or view
        if largest is not None:
            return largest
        if not cards:  # a card that fills the frame has no edges to find
            upright = (0, 2) if image.width >= image.height else (1, 3)
            whole = Quad.of_box(0, 0, image.width, image.height)
            view = self._best_turn(image, whole, upright if check_rotate else (0,), watch)
            if view is not None:
                closer = _around_print(image, view)
                near = self._best_turn(image, closer, (0,), watch) if closer else None
                return near if near is not None and near.score >= view.score else view
        around = self._around_text(image, watch)
        if around is None:
            return None
        return self._best_turn(image, around, (0, 2) if check_rotate else (0,), watch)

    def _view_of(
        self, image: Image, card: Quad, watch: Stopwatch, check_rotate: bool
    ) -> _View | None:
        """One card of the picture; None when it is no document."""
        quad = card if check_rotate else order_corners(card.corners)
        return self._best_turn(image, quad, (0, 2) if check_rotate else (0,), watch)

    def _around_text(self, image: Image, watch: Stopwatch) -> Quad | None:
        """The rectangle that all print of the picture fills, with a card's margin: where no edge or the wrong one was
        found. None when there is next to no text."""
        with watch.stage("find_text"):
            boxes = [box.quad.corners for box in self._text_finder.find(image)]
        if len(boxes) < _FEWEST_LINES:
            return None
        return _rectangle_about(boxes)

    def _best_turn(
        self, image: Image, quad: Quad, turns: Sequence[int], watch: Stopwatch
    ) -> _View | None:
        """The first orientation that surely looks like a document, or the likeliest; None when none does."""
        best: _View | None = None
        for turn in turns:
            view = self._view(image, Quad(np.roll(quad.corners, turn, axis=0)), watch)
            if view is None:
                break
            if best is None or view.score > best.score:
                best = view
            if best.score >= self._policy.sure_class:
                break
        if best is None or best.score < self._policy.class_score:
            return None
        return best

    def _view(self, image: Image, found: Quad, watch: Stopwatch) -> _View | None:
        """None when there is next to no text."""
        with watch.stage("rectify"):
            rectified = rectify(image.pixels, found, FRAME)
        with watch.stage("find_text"):
            boxes = [box.quad for box in self._text_finder.find(Image(rectified))]
        if len(boxes) < _FEWEST_LINES:
            return None
        with watch.stage("rectify"):
            quad = straightened(found, boxes)
            if quad is not found:
                rectified = rectify(image.pixels, quad, FRAME)
        lines = self._read(image, quad, [on_photo(box, found) for box in boxes], watch)
        with watch.stage("recognise"):
            scores = tuple(document.looks_like(lines) for document in self._documents)
        return _View(quad, rectified, lines, scores)

    def _read(
        self, image: Image, card: Quad, places: Sequence[Quad], watch: Stopwatch
    ) -> tuple[TextLine, ...]:
        """Lines at places of the photo, cut from the photo itself (one resampling, full detail) and read in one
        call of the reader; what it makes of pictures and patterns is left out."""
        with watch.stage("read_text"):
            readings = self._text_reader.read([crop_line(image.pixels, place) for place in places])
        return tuple(
            TextLine(spelled(reading), in_frame(place, card))
            for reading, place in zip(readings, places, strict=True)
            if reading.confidence >= _NO_TEXT
        )

    def _recognised(self, view: _View, expected: Side | None) -> tuple[DocumentClass, float]:
        """The likeliest class, and how far it is ahead of the next; a tie goes to the side expected, then to
        the order of precedence."""
        ranked = sorted(
            zip(view.scores, self._documents, strict=True),
            key=lambda pair: (-pair[0], pair[1].side is not (expected or pair[1].side)),
        )
        runner_up = ranked[1][0] if len(ranked) > 1 else 0.0
        return ranked[0][1], ranked[0][0] - runner_up

    def _cut_apart(
        self, image: Image, view: _View, document: DocumentClass, watch: Stopwatch
    ) -> tuple[TextLine, ...]:
        """Boxes that hold two columns of print, cut in two and read again."""
        whole: list[TextLine] = []
        halves: list[Quad] = []
        for line in view.lines:
            pieces = [q for cut in document.cuts for q in _pieces(view.rectified, line.quad, cut)]
            halves += [on_photo(piece, view.quad) for piece in pieces]
            if not pieces:
                whole.append(line)
        if not halves:
            return view.lines
        return (*whole, *self._read(image, view.quad, halves, watch))


def _without_others(image: Image, card: Quad, cards: Sequence[Quad]) -> Image:
    """The photo with every other card in it painted over: a code there is another's."""
    others = [other for other in cards if not (_holds(card, other) or _holds(other, card))]
    if not others:
        return image
    pixels = image.pixels.copy()
    for other in others:
        cv2.fillConvexPoly(pixels, np.rint(other.corners).astype(np.int32), _PAINT)
    return Image(pixels)


def _holds(card: Quad, other: Quad) -> bool:
    """Does the middle of one lie on the other? Cards do not lie on one another, so that both are then one."""
    return cv2.pointPolygonTest(card.corners, other.centre, False) >= 0


def _grown(quad: Quad, share: float) -> Quad:
    """Taller by a share of its height above and below."""
    tl, tr, br, bl = quad.corners
    left, right = (bl - tl) * share, (br - tr) * share
    return Quad(np.stack([tl - left, tr - right, br + right, bl + left]))


def _confirmed(reading: LineReading, others: Sequence[LineReading]) -> LineReading:
    """No surer than the least sure of several readings of one line."""
    confidences = reading.confidences
    for other in others:
        same = other.text == reading.text
        confidences = np.minimum(confidences, other.confidences if same else _OTHERWISE_READ)
    return replace(reading, confidences=confidences.astype(np.float32))


def _pieces(rectified: Pixels, quad: Quad, cut: tuple[float, float, float]) -> list[Quad]:
    """Left and right part of a quad of the frame that crosses the cut; nothing when it does not."""
    x, top, bottom = cut[0] * FRAME[0], cut[1] * FRAME[1], cut[2] * FRAME[1]
    x0, y0, x1, y1 = quad.box
    slack = _CUT_SLACK * FRAME[0]
    if not (x0 < x - slack and x1 > x + slack and top <= quad.centre[1] <= bottom):
        return []
    tl, tr, br, bl = quad.corners
    along = (_gap(rectified, (x - slack, y0, x + slack, y1)) - tl[0]) / (tr[0] - tl[0])
    above, below = tl + along * (tr - tl), bl + along * (br - bl)
    return [Quad(np.stack([tl, above, below, bl])), Quad(np.stack([above, tr, br, below]))]


def _gap(rectified: Pixels, box: tuple[float, float, float, float]) -> float:
    """The x with the least ink around it inside a box of the frame."""
    x0, y0, x1, y1 = (max(0, round(v)) for v in box)
    ink = rectified[y0:y1, x0:x1].astype(np.float32).std(axis=0).mean(axis=1)
    around = np.convolve(ink, np.full(_GAP_WIDTH, 1 / _GAP_WIDTH), mode="valid")
    return x0 + (_GAP_WIDTH - 1) / 2 + float(around.argmin())


def _rectangle_about(boxes: Sequence[NDArray[np.float32]]) -> Quad:
    """The smallest rectangle that holds all print, with a card's margin, the less turned of its two ways up."""
    centre, (wide, tall), lean = cv2.minAreaRect(np.concatenate(boxes))
    if wide < tall:
        wide, tall, lean = tall, wide, lean + 90
    lean = (lean + 90) % 180 - 90
    grown = (centre, (wide * (1 + 2 * _MARGIN), tall * (1 + 2 * _MARGIN)), lean)
    return order_corners(np.asarray(cv2.boxPoints(grown), np.float32))


def _around_print(image: Image, view: _View) -> Quad | None:
    """Around what was surely read of a whole picture, upright as the view is; None where that is most of the picture."""
    sure = [line for line in view.lines if line.reading.confidence >= _SURELY_READ]
    if len(sure) < _FEWEST_LINES:
        return None
    found = _rectangle_about([on_photo(line.quad, view.quad).corners for line in sure])
    if cv2.contourArea(found.corners) > _SMALL_CARD * image.width * image.height:
        return None
    seen = in_frame(found, view.quad).corners
    upright = order_corners(seen).corners
    order = [int(np.linalg.norm(seen - corner, axis=1).argmin()) for corner in upright]
    return Quad(found.corners[order])
