"""Draws sunglasses, hats, masks and closed eyes over a grey head, and things that only look like them.

Everything is placed by five landmarks in a cut-out made by `models.faces.accessory_net.head`; lengths are in units of
`eye`, the distance of the eyes of a face that looks into the camera. Shapes, shades and textures are drawn anew
for every sample. No picture of a real accessory is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from models.faces.accessory_net import HEAD_TEMPLATE

Grey: TypeAlias = NDArray[np.float32]
Random: TypeAlias = np.random.Generator
FINE = 4  # cv2 draws at this many binary digits of a pixel
NATURAL_EYES = float(HEAD_TEMPLATE[1, 0] - HEAD_TEMPLATE[0, 0])


@dataclass(slots=True)
class Head:
    """A square cut-out, float32 0..255, and its landmarks in pixels."""

    grey: Grey
    landmarks: NDArray[np.float32]

    @property
    def eye(self) -> float:
        return NATURAL_EYES * self.grey.shape[0]

    @property
    def between(self) -> NDArray[np.float32]:
        return np.asarray(self.landmarks[:2].mean(axis=0), np.float32)

    @property
    def mouth(self) -> NDArray[np.float32]:
        return np.asarray(self.landmarks[3:].mean(axis=0), np.float32)

    @property
    def turned(self) -> float:
        """How far the nose is off the middle of the eyes, in `eye`; the head's outline shifts the other way."""
        return float(self.landmarks[2, 0] - self.between[0]) / self.eye

    def fill(self, points: NDArray[np.floating], shade: Grey | float, opacity: float = 1.0) -> None:
        """A polygon with soft edges."""
        self.blend(area(self.grey.shape, points), shade, opacity)

    def blend(self, mask: Grey, shade: Grey | float, opacity: float = 1.0) -> None:
        cover = mask * np.float32(opacity)
        self.grey += cover * (shade - self.grey)

    def line(
        self, points: NDArray[np.floating], shade: float, width: float, opacity: float = 1.0
    ) -> None:
        mask = np.zeros(self.grey.shape, np.uint8)
        at = np.round(points * 2**FINE).astype(np.int32)
        cv2.polylines(mask, [at], False, 255, max(1, round(width)), cv2.LINE_AA, FINE)
        self.blend(mask.astype(np.float32) / 255, shade, opacity)


def area(shape: tuple[int, ...], points: NDArray[np.floating]) -> Grey:
    mask = np.zeros(shape, np.uint8)
    cv2.fillPoly(mask, [np.round(points * 2**FINE).astype(np.int32)], 255, cv2.LINE_AA, FINE)
    return cv2.GaussianBlur(mask, (0, 0), 0.7).astype(np.float32) / 255


def ellipse(
    centre: NDArray[np.floating], half: tuple[float, float], power: float = 2.0, steps: int = 40
) -> NDArray[np.float32]:
    """A superellipse: 2 is round, larger is squarer."""
    turn = np.linspace(0, 2 * np.pi, steps, endpoint=False)
    x = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** (2 / power)
    y = np.sign(np.sin(turn)) * np.abs(np.sin(turn)) ** (2 / power)
    return (np.stack([x * half[0], y * half[1]], axis=1) + centre).astype(np.float32)


def cloth(shape: tuple[int, ...], random: Random) -> Grey:
    """A shade with folds, perhaps stripes or a print."""
    base = random.uniform(5, 245)
    folds = cv2.resize(
        random.standard_normal(tuple(random.integers(3, 9, 2)), np.float32),
        (shape[1], shape[0]),
        interpolation=cv2.INTER_CUBIC,
    )
    shade = base + folds * random.uniform(2, 18)
    rows, columns = np.mgrid[: shape[0], : shape[1]].astype(np.float32)
    if random.random() < 0.3:
        angle, period = random.uniform(0, np.pi), random.uniform(4, 30)
        wave = np.sin(2 * np.pi * (rows * np.cos(angle) + columns * np.sin(angle)) / period)
        shade += np.sign(wave) * random.uniform(5, 60)
    if random.random() < 0.3:
        print_ = cv2.resize(
            random.random((int(random.integers(6, 20)),) * 2, np.float32),
            (shape[1], shape[0]),
        )
        shade += (print_ > 0.6) * random.uniform(-90, 90)
    light = (columns / shape[1] - 0.5) * random.uniform(-50, 50)
    light += (rows / shape[0] - 0.5) * random.uniform(-50, 50)
    grain = random.standard_normal(shape, np.float32) * random.uniform(0, 6)
    return np.clip(shade + light + grain, 0, 255).astype(np.float32)


def sunglasses(head: Head, random: Random) -> None:
    e, at = head.eye, random.uniform
    dark = at(0, 55)
    opacity = at(0.82, 1.0)
    frame = at(0, 90) if random.random() < 0.75 else at(90, 230)
    half, tall, power = at(0.38, 0.52), at(0.25, 0.46), at(2.0, 4.5)
    narrowing = np.clip(head.turned * 0.5, -0.35, 0.35)
    outlines = []
    droop = at(-0.02, 0.1)
    for side, eye in ((-1, head.landmarks[0]), (1, head.landmarks[1])):
        wide = half * (1 + side * -narrowing)
        centre = eye + np.array([side * at(0.0, 0.05), droop + at(-0.01, 0.01)]) * e
        lens = ellipse(centre, (wide * e, tall * e), power)
        if random.random() < 0.35:  # aviator: narrower below, on the nose's side
            low = (lens[:, 1] - centre[1]) / (tall * e)
            lens[:, 0] -= -side * np.clip(low, 0, 1) * wide * e * 0.25
        outlines.append(lens)
        rows = np.arange(head.grey.shape[0], dtype=np.float32)[:, None]
        fade = (rows - centre[1]) / (tall * e)
        lighter = at(0, 60) if random.random() < 0.4 else 0.0
        shade = dark + np.clip(fade + 0.5, 0, 1.5) * lighter
        head.fill(lens, np.broadcast_to(shade, head.grey.shape).astype(np.float32), opacity)
        head.line(np.vstack([lens, lens[:1]]), frame, at(0.02, 0.09) * e)
        if random.random() < 0.5:  # something bright mirrored in the lens
            spot = centre + np.array([at(-0.6, 0.6) * wide, at(-0.6, 0.4) * tall]) * e
            shine = ellipse(spot, (at(0.05, 0.25) * e, at(0.03, 0.15) * e))
            inside = area(head.grey.shape, shine) * area(head.grey.shape, lens)
            head.blend(inside, at(90, 255), at(0.2, 0.9))
    left, right = outlines
    rise = at(-0.12, 0.05) * e
    bridge = np.array(
        [
            [left[:, 0].max() - 1, left[:, 1].mean() + rise],
            [right[:, 0].min() + 1, right[:, 1].mean() + rise],
        ]
    )
    head.line(bridge, frame, at(0.03, 0.12) * e)
    for lens, side in ((left, -1), (right, 1)):
        edge = lens[np.argmin(lens[:, 0]) if side < 0 else np.argmax(lens[:, 0])]
        head.line(
            np.array([edge, edge + np.array([side * at(0.2, 0.5), at(-0.1, 0.05)]) * e]),
            frame,
            at(0.03, 0.12) * e,
        )


def hat(head: Head, random: Random) -> None:
    e, at = head.eye, random.uniform
    middle = head.between[0] - head.turned * 0.25 * e
    base = head.between[1] - at(0.5, 0.95) * e
    half = at(1.05, 1.3) * e
    tilt = at(-0.12, 0.12)
    shade = cloth(head.grey.shape, random)

    def turned(points: NDArray[np.floating]) -> NDArray[np.float32]:
        offset = points - np.array([middle, base])
        c, s = np.cos(tilt), np.sin(tilt)
        return (offset @ np.array([[c, s], [-s, c]]) + [middle, base]).astype(np.float32)

    shadow = ellipse(np.array([middle, base + 0.1 * e]), (half * 0.9, at(0.15, 0.5) * e))
    head.blend(
        cv2.GaussianBlur(area(head.grey.shape, turned(shadow)), (0, 0), 0.08 * e),
        0.0,
        at(0.1, 0.55),
    )
    kind = random.choice(["cap", "beanie", "brim", "cone", "helmet"], p=[0.35, 0.2, 0.2, 0.1, 0.15])
    if kind == "cone":
        spread, tip = at(1.6, 2.4) * e, base - at(1.2, 1.9) * e
        points = np.array(
            [[middle - spread, base + at(0, 0.2) * e], [middle, tip], [middle + spread, base]]
        )
        head.fill(turned(np.vstack([points, [[middle, base + at(0.05, 0.3) * e]]])), shade)
        for k in range(int(random.integers(0, 8))):
            share = (k + 1) / 9
            ring = ellipse(
                np.array([middle, tip + share * (base - tip)]), (spread * share, 0.1 * e * share)
            )
            head.line(turned(ring[:20]), at(0, 255), 1, 0.4)
        return
    crown = at(0.9, 1.7) * e
    arch = np.linspace(np.pi, 2 * np.pi, 30)
    power = at(0.55, 1.0)
    dome = np.stack(
        [
            middle + np.sign(np.cos(arch)) * np.abs(np.cos(arch)) ** power * half,
            base - np.abs(np.sin(arch)) ** power * crown,
        ],
        axis=1,
    )
    sag = at(-0.05, 0.3) * e
    rim = np.stack(
        [
            middle + np.linspace(1, -1, 15) * half,
            base + sag * np.sin(np.linspace(0, np.pi, 15)) * -1 + sag * 0.5,
        ],
        axis=1,
    )
    if kind == "helmet":
        ears = at(0.3, 1.1) * e
        low = np.array([[middle - half * 1.05, base + ears], [middle - half * 0.9, base + ears]])
        right = low.copy()
        right[:, 0] = 2 * middle - right[:, 0]
        dome = np.vstack([low[:1], dome, right[:1]])
        rim = np.vstack([right[1:], rim, low[1:]])
    head.fill(turned(np.vstack([dome, rim])), shade)
    if kind == "beanie":
        band = at(0.2, 0.5) * e
        cuff = np.vstack([rim, rim[::-1] - [0, band]])
        head.fill(turned(cuff), np.clip(shade + at(-40, 40), 0, 255))
        for x in np.arange(middle - half, middle + half, at(0.06, 0.14) * e):
            head.line(turned(np.array([[x, base - band], [x, base]])), at(0, 90), 1, 0.4)
    if kind == "helmet" or random.random() < 0.2:
        shine = ellipse(
            np.array([middle + at(-0.5, 0.5) * e, base - 0.6 * crown]), (at(0.1, 0.4) * e, 0.15 * e)
        )
        head.fill(turned(shine), 255.0, at(0.1, 0.7))
    if kind == "cap":
        off = at(-0.35, 0.35) * e - head.turned * -0.3 * e
        peak = ellipse(
            np.array([middle + off, base + at(-0.05, 0.1) * e]),
            (at(0.85, 1.25) * e, at(0.12, 0.3) * e),
            2.4,
        )
        head.fill(turned(peak), np.clip(shade * at(0.5, 1.1) + at(-30, 15), 0, 255))
        if random.random() < 0.5:  # a badge
            badge = ellipse(
                np.array([middle + at(-0.2, 0.2) * e, base - at(0.3, 0.6) * e]),
                (at(0.1, 0.4) * e, at(0.1, 0.25) * e),
                at(2, 5),
            )
            head.fill(turned(badge), cloth(head.grey.shape, random), 0.9)
    if kind == "brim":
        brim = ellipse(
            np.array([middle, base + at(-0.1, 0.05) * e]),
            (half * at(1.3, 1.9), at(0.12, 0.35) * e),
        )
        head.fill(turned(brim), np.clip(shade * at(0.6, 1.1), 0, 255))
        if random.random() < 0.6:
            band = np.array(
                [
                    [middle - half, base - 0.1 * e],
                    [middle + half, base - 0.1 * e],
                    [middle + half * 0.97, base - at(0.3, 0.5) * e],
                    [middle - half * 0.97, base - at(0.3, 0.5) * e],
                ]
            )
            head.fill(turned(band), at(0, 255), 0.9)


def mask(head: Head, random: Random) -> None:
    e, at = head.eye, random.uniform
    nose, mouth = head.landmarks[2], head.mouth
    shift = -head.turned * 0.35 * e
    left, right = at(0.8, 1.02) * e, at(0.8, 1.02) * e
    top = nose[1] - at(0.15, 0.5) * e
    side = nose[1] + at(-0.05, 0.25) * e
    chin = mouth[1] + at(0.6, 0.9) * e
    middle = head.between[0] + shift
    points = np.array(
        [
            [middle - left, side],
            [(middle - left + nose[0]) / 2, (side + top) / 2 - at(0, 0.12) * e],
            [nose[0], top],
            [(middle + right + nose[0]) / 2, (side + top) / 2 - at(0, 0.12) * e],
            [middle + right, side],
            [middle + right * 0.93, mouth[1] + at(0, 0.15) * e],
            [mouth[0] + at(0.45, 0.65) * e, chin - at(0.05, 0.25) * e],
            [mouth[0], chin],
            [mouth[0] - at(0.45, 0.65) * e, chin - at(0.05, 0.25) * e],
            [middle - left * 0.93, mouth[1] + at(0, 0.15) * e],
        ]
    )
    outline = smooth(points)
    light = cv2.GaussianBlur(head.grey, (0, 0), 0.35 * e)
    shade = cloth(head.grey.shape, random)
    shade = shade * (1 + at(0, 0.5) * (light / max(float(light.mean()), 1.0) - 1))
    bulge = np.abs(np.arange(head.grey.shape[1], dtype=np.float32) - nose[0]) / e
    shade = np.clip(shade * (1.05 - at(0, 0.35) * bulge[None] ** 2), 0, 255).astype(np.float32)
    for edge in (points[0], points[4]):  # loops round the ears
        outward = np.sign(edge[0] - middle)
        for y in (0.0, at(0.4, 0.7)):
            loop = np.array(
                [
                    edge + np.array([0, y]) * e,
                    edge + np.array([outward * at(0.15, 0.35), at(-0.5, -0.1)]) * e,
                ]
            )
            head.line(
                loop, at(120, 255) if random.random() < 0.7 else at(0, 120), at(0.02, 0.06) * e
            )
    head.fill(outline, shade)
    for k in range(int(random.integers(0, 5))):  # pleats
        y = side + (k + 1) * (chin - side) / 6
        pleat = np.array(
            [[middle - left * 0.85, y], [nose[0], y + at(0, 0.1) * e], [middle + right * 0.85, y]]
        )
        head.line(smooth(pleat, closed=False), at(0, 255), at(0.01, 0.04) * e, at(0.15, 0.5))
    if random.random() < 0.5:
        head.line(smooth(points[:5], closed=False), at(60, 255), at(0.02, 0.08) * e, at(0.3, 0.8))
    if random.random() < 0.25:  # a cup's seam
        head.line(np.array([[nose[0], top], [mouth[0], chin]]), at(0, 255), 0.03 * e, 0.5)


def closed_eyes(head: Head, random: Random) -> None:
    """Lids over both eyes: the skin around goes on, and the lashes draw a line that sags."""
    e, at = head.eye, random.uniform
    opening = np.zeros(head.grey.shape, np.uint8)
    wide, tall = at(0.24, 0.29), at(0.11, 0.15)
    for eye in head.landmarks[:2]:
        shape = ellipse(eye, (wide * e, tall * e))
        cv2.fillPoly(opening, [np.round(shape).astype(np.int32)], 255)
    skin = cv2.inpaint(
        np.clip(head.grey, 0, 255).astype(np.uint8), opening, 0.15 * e, cv2.INPAINT_TELEA
    )
    lid = cv2.GaussianBlur(skin, (0, 0), 0.05 * e).astype(np.float32) * at(0.9, 1.08)
    lid += random.normal(0, at(0, 2), lid.shape)
    head.blend(
        cv2.GaussianBlur(opening, (0, 0), 0.03 * e).astype(np.float32) / 255, lid.astype(np.float32)
    )
    sag, low, lash = at(0.03, 0.09), at(0.01, 0.06), at(0.02, 0.07)
    dark = at(0, 70)
    for eye in head.landmarks[:2]:
        x = np.linspace(-1, 1, 12)
        curve = np.stack([x * wide * 0.95, low + sag * (1 - x**2)], axis=1) * e + eye
        head.line(curve, dark, lash * e, at(0.55, 0.95))
        if random.random() < 0.5:  # the fold above the lid
            fold = np.stack([x * wide, -tall * at(0.7, 1.1) * (1 - 0.5 * x**2)], axis=1) * e + eye
            head.line(fold, dark, 0.02 * e, at(0.1, 0.45))


def spectacles(head: Head, random: Random) -> None:
    """Clear glasses: frames, and lenses that at most shimmer."""
    e, at = head.eye, random.uniform
    frame, width = at(0, 120), at(0.02, 0.08) * e
    half, tall, power = at(0.34, 0.44), at(0.22, 0.36), at(2.0, 4.5)
    for side, eye in ((-1, head.landmarks[0]), (1, head.landmarks[1])):
        wide = half * (1 - side * np.clip(head.turned * 0.5, -0.35, 0.35))
        lens = ellipse(eye + np.array([0, at(0, 0.08) * e]), (wide * e, tall * e), power)
        head.fill(lens, at(120, 255), at(0, 0.15))
        if random.random() < 0.3:
            head.fill(lens, at(0, 60), at(0, 0.3))
        head.line(np.vstack([lens, lens[:1]]), frame, width, at(0.5, 1))
        outer = eye + np.array([side * wide * e, 0])
        head.line(np.array([outer, outer + np.array([side * 0.4, -0.05]) * e]), frame, width, 0.8)
    inner = head.landmarks[:2] + np.array([[half * 0.9 * e, 0], [-half * 0.9 * e, 0]])
    head.line(inner, frame, width, 0.9)


def beard(head: Head, random: Random) -> None:
    e, at = head.eye, random.uniform
    mouth = head.mouth
    shape = smooth(
        np.array(
            [
                [mouth[0] - at(0.6, 0.85) * e, mouth[1] - at(0.1, 0.4) * e],
                [mouth[0], mouth[1] - at(0.12, 0.25) * e],
                [mouth[0] + at(0.6, 0.85) * e, mouth[1] - at(0.1, 0.4) * e],
                [mouth[0] + 0.5 * e, mouth[1] + at(0.4, 0.7) * e],
                [mouth[0], mouth[1] + at(0.6, 1.0) * e],
                [mouth[0] - 0.5 * e, mouth[1] + at(0.4, 0.7) * e],
            ]
        )
    )
    hair = random.normal(at(20, 110), at(10, 30), head.grey.shape).astype(np.float32)
    cover = area(head.grey.shape, shape)
    lips = area(head.grey.shape, ellipse(mouth, (0.36 * e, at(0.08, 0.16) * e)))
    cover = cv2.GaussianBlur(cover * (1 - lips), (0, 0), 0.04 * e)
    head.blend(cover, cv2.GaussianBlur(hair, (0, 0), 0.7), at(0.25, 0.8))


def occlusion(head: Head, random: Random) -> None:
    """A hand, a microphone, a telephone: something small before the lower half, no mask."""
    e, at = head.eye, random.uniform
    centre = head.mouth + np.array([at(-0.9, 0.9), at(0.15, 0.9)]) * e
    shape = ellipse(centre, (at(0.1, 0.35) * e, at(0.1, 0.4) * e), at(2, 4))
    head.fill(shape, cloth(head.grey.shape, random))


def collar(head: Head, random: Random) -> None:
    """A scarf or a high collar below the chin."""
    e, at = head.eye, random.uniform
    top = head.mouth[1] + at(0.85, 1.1) * e
    size = head.grey.shape[0]
    shape = np.array(
        [[0, top + at(-0.1, 0.3) * e], [size / 2, top], [size, top], [size, size], [0, size]]
    )
    head.fill(smooth(shape), cloth(head.grey.shape, random))


def pushed_up(head: Head, random: Random) -> None:
    """Sunglasses on top of the head cover no eyes."""
    raised = Head(
        head.grey, head.landmarks - np.array([0, random.uniform(1.1, 1.5) * head.eye], np.float32)
    )
    sunglasses(raised, random)


HARMLESS: tuple[Callable[[Head, Random], None], ...] = (
    spectacles,
    spectacles,
    beard,
    occlusion,
    collar,
    pushed_up,
)
"""Drawn without a label: what must not raise a warning."""


def smooth(
    points: NDArray[np.floating], closed: bool = True, steps: int = 8
) -> NDArray[np.float32]:
    """A Catmull-Rom curve through the points."""
    count = len(points)
    if closed:
        p = np.vstack([points[-1:], points, points[:2]])
        spans = count
    else:
        p = np.vstack([points[:1], points, points[-1:]])
        spans = count - 1
    t = np.linspace(0, 1, steps, endpoint=False)[:, None]
    parts = []
    for a, b, c, d in zip(p[:spans], p[1:], p[2:], p[3:], strict=False):
        parts.append(
            0.5
            * (
                2 * b
                + (c - a) * t
                + (2 * a - 5 * b + 4 * c - d) * t**2
                + (3 * b - a - 3 * c + d) * t**3
            )
        )
    return np.vstack(parts).astype(np.float32)
