"""Sets of three captures to try the pose check on: genuine ones, and flat pictures held up and turned."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import permutations

import cv2
import numpy as np
from numpy.random import Generator

from models.ports import FaceFinder
from models.types import Face, Image
from pipelines.head_pose import yaw
from pipelines.liveness import Capture, LivenessPolicy, Pose
from training.anti_spoof.attacks import Camera
from training.anti_spoof.heads import turned
from training.face_calibration.dataset import FaceSet, person

TILT = (15.0, 55.0)  # degrees a flat picture is turned, either way
NOD = 12.0
DISTANCE = (1.5, 5.0)  # of the camera, in heights of the face
TURN = (17.0, 30.0)  # degrees a solid head is turned
PER_PERSON = (
    12  # sets of one person at most, so that one with many pictures does not outweigh the rest
)

Captures = list[Capture]


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One photograph of a person, or its mirror image, and the yaw seen on it."""

    name: str
    image: Image
    yaw: float


def three(mid: Image, left: Image, right: Image) -> Captures:
    return [Capture(Pose.MID, mid), Capture(Pose.LEFT, left), Capture(Pose.RIGHT, right)]


def mirrored(image: Image) -> Image:
    return Image(np.ascontiguousarray(image.pixels[:, ::-1]))


def taken(image: Image, rng: Generator) -> Image:
    """Taken by a camera again: every capture has its own noise, light and JPEG."""
    return Image(Camera.random(rng).take(image.pixels.astype(np.float32), rng))


def people_of(pictures: FaceSet) -> dict[str, set[str]]:
    """Person -> pictures, as the pairs of "same" join them; LFW's by their names."""
    joined: dict[str, set[str]] = {}
    for pair in pictures.pairs:
        if pair.same:
            both = joined.get(pair.left, {pair.left}) | joined.get(pair.right, {pair.right})
            for name in both:
                joined[name] = both
    return {min(names): names for names in joined.values()}


def by_name(names: Sequence[str]) -> dict[str, set[str]]:
    found = defaultdict(set)
    for name in names:
        found[person(name)].add(name)
    return dict(found)


def photographed(
    pictures: FaceSet,
    people: dict[str, set[str]],
    finder: FaceFinder,
    limits: LivenessPolicy,
    rng: Generator,
) -> Iterator[Captures]:
    """Three different photographs of one person whose yaws fit, each mirrored where that makes it fit. They come from
    different days and cameras, which is harder than one sitting in identity, easier in being different captures."""
    for names in people.values():
        if len(names) < 3:
            continue
        shots = [s for name in sorted(names) for s in _shots(pictures.image(name), name, finder)]
        fitting = [
            (mid, left, right)
            for mid, left, right in permutations(shots, 3)
            if _fits(mid, left, right, limits)
        ]
        some = rng.permutation(len(fitting))[:PER_PERSON]
        for i in some:
            yield three(*(shot.image for shot in fitting[i]))


def _shots(image: Image, name: str, finder: FaceFinder) -> Iterator[Shot]:
    """The photograph and its mirror image; yaw is the mean of both, as the check measures it."""
    both = [finder.find(one) for one in (image, mirrored(image))]
    if not all(both):
        return
    seen = (yaw(both[0][0].landmarks) - yaw(both[1][0].landmarks)) / 2
    yield Shot(name, image, seen)
    yield Shot(name, mirrored(image), -seen)


def _fits(mid: Shot, left: Shot, right: Shot, limits: LivenessPolicy) -> bool:
    return (
        len({mid.name, left.name, right.name}) == 3
        and abs(mid.yaw) <= limits.mid_yaw
        and min(left.yaw, -right.yaw) >= limits.turned_yaw
        and min(left.yaw - mid.yaw, mid.yaw - right.yaw) >= limits.turn
    )


def one_sitting(image: Image, face: Face, rng: Generator) -> Captures:
    """One photograph whose head was turned as a solid one, each capture taken anew."""
    sides = [turned(image, face, s * rng.uniform(*TURN), rng.uniform(-4, 4)) for s in (1, -1)]
    return three(*(taken(one, rng) for one in (image, *sides)))


def flat(image: Image, face: Face, rng: Generator, *, bent: bool = False) -> Captures:
    """One photograph held up, and turned to the left and to the right like a head; `bent`: rounded as well."""
    sides = []
    for sign in (1, -1):
        sheet = rounded(image, face, sign * rng.uniform(0.3, 0.9)) if bent else image
        tilt = float(sign * rng.uniform(*TILT))
        sides.append(tilted(sheet, face, tilt, float(rng.uniform(-NOD, NOD)), rng))
    front = tilted(image, face, float(rng.uniform(-6, 6)), float(rng.uniform(-6, 6)), rng)
    return three(*(taken(one, rng) for one in (front, *sides)))


def tilted(image: Image, face: Face, turn: float, nod: float, rng: Generator) -> Image:
    """The picture as a flat sheet turned about its face's middle, seen in perspective."""
    x, y = (face.box[0] + face.box[2]) / 2, (face.box[1] + face.box[3]) / 2
    focal = float(rng.uniform(*DISTANCE)) * face.height
    a, b = np.radians(turn), np.radians(nod)
    about_y = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    about_x = np.array([[1, 0, 0], [0, np.cos(b), -np.sin(b)], [0, np.sin(b), np.cos(b)]])
    turning = about_y @ about_x
    plane = np.column_stack([turning[:, 0], turning[:, 1], [0, 0, focal]])
    camera = np.array([[focal, 0, x], [0, focal, y], [0, 0, 1]])
    matrix = camera @ plane @ np.array([[1, 0, -x], [0, 1, -y], [0, 0, 1]])
    seen = cv2.warpPerspective(
        image.pixels, matrix, (image.width, image.height), borderMode=cv2.BORDER_REPLICATE
    )
    return Image(np.asarray(seen, np.uint8))


def rounded(image: Image, face: Face, amount: float) -> Image:
    """The sheet bent about an upright axis beside the face, so that one half of it is squeezed."""
    x = (face.box[0] + face.box[2]) / 2
    ys, xs = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    u = (xs - x) / face.width
    back = u + amount * u * np.abs(u) * np.where(u * amount > 0, 1, 0.3)
    seen = cv2.remap(
        image.pixels,
        (back * face.width + x).astype(np.float32),
        ys,
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return Image(np.asarray(seen, np.uint8))


def same(image: Image, rng: Generator) -> Captures:
    """One capture sent three times: as it is, re-encoded, cropped, enlarged, brightened or mirrored."""
    return three(image, _again(image, rng), _again(image, rng))


def _again(image: Image, rng: Generator) -> Image:
    pixels = image.pixels
    match int(rng.integers(5)):
        case 0:
            return image
        case 1:
            return taken(image, rng)
        case 2:
            return mirrored(image)
        case 3:
            off = [round(0.04 * side) for side in pixels.shape[:2]]
            return Image(np.ascontiguousarray(pixels[off[0] :, off[1] :]))
        case _:
            small = cv2.resize(pixels, None, fx=0.7, fy=0.8, interpolation=cv2.INTER_AREA)
            return Image(np.asarray(small, np.uint8))
