"""Turns the head in a photograph as a solid one: for captures and videos of one session, which no public set of ours
has. A generic head (an ellipsoid with a nose) is laid under the picture by the five landmarks, turned, and looked at
again; the ground behind it stays where it is."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from models.types import Face, Image

# Half axes of the head and the nose on it, in distances between the eyes (63 mm): 145 x 200 x 150 mm, nose 22 mm high.
HALF_WIDTH, HALF_HEIGHT, HALF_DEPTH = 1.15, 1.75, 1.2
NOSE_HEIGHT, NOSE_WIDTH, NOSE_LENGTH = 0.36, 0.2, 0.34
EDGE = 0.97  # of the ellipse: beyond it nothing turns
CAMERA = 8.0  # distance of the camera, half a metre
STEPS = 12  # of the fixed-point iteration that inverts the map

_Map = NDArray[np.float32]


def turned(
    image: Image, face: Face, yaw: float, pitch: float = 0.0, nose: float = NOSE_HEIGHT
) -> Image:
    """The same picture with its head turned further by `yaw` degrees (the nose moves to the picture's right when
    positive) and `pitch` (down when positive)."""
    rotation = _rotation(np.radians(yaw), np.radians(pitch))
    ys, xs = np.mgrid[0 : image.height, 0 : image.width].astype(np.float32)
    u, v = _to_face(xs, ys, face)
    su, sv = u.copy(), v.copy()
    for _ in range(STEPS):
        x, y = _seen(su, sv, rotation, nose)
        su, sv = su + (u - x), sv + (v - y)
    mx, my = _to_picture(su, sv, face)
    inside = _inside(su, sv)
    pixels = cv2.remap(image.pixels, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    weight = inside[:, :, None]
    mixed = weight * pixels + (1 - weight) * image.pixels
    return Image(mixed.round().clip(0, 255).astype(np.uint8))


def _rotation(yaw: float, pitch: float) -> NDArray[np.float64]:
    c, s = np.cos(yaw), np.sin(yaw)
    around_y = np.array([[c, 0, s], [0, 1, 0], [-s, 0, c]])
    c, s = np.cos(pitch), np.sin(pitch)
    around_x = np.array([[1, 0, 0], [0, c, s], [0, -s, c]])
    return around_y @ around_x


def _frame(face: Face) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Origin (between eyes and mouth) and the 2 x 2 basis: one eye distance along the eyes and at right angles."""
    eyes = face.landmarks[1] - face.landmarks[0]
    origin = (face.landmarks[:2].mean(axis=0) + face.landmarks[3:].mean(axis=0)) / 2
    return origin, np.array([[eyes[0], -eyes[1]], [eyes[1], eyes[0]]], np.float32)


def _to_face(x: _Map, y: _Map, face: Face) -> tuple[_Map, _Map]:
    origin, basis = _frame(face)
    (a, b), (c, d) = np.linalg.inv(basis)
    dx, dy = x - origin[0], y - origin[1]
    return (a * dx + b * dy).astype(np.float32), (c * dx + d * dy).astype(np.float32)


def _to_picture(u: _Map, v: _Map, face: Face) -> tuple[_Map, _Map]:
    origin, basis = _frame(face)
    x = basis[0, 0] * u + basis[0, 1] * v + origin[0]
    y = basis[1, 0] * u + basis[1, 1] * v + origin[1]
    return x.astype(np.float32), y.astype(np.float32)


def _radius(u: _Map, v: _Map) -> _Map:
    return ((u / HALF_WIDTH) ** 2 + (v / HALF_HEIGHT) ** 2).astype(np.float32)


def _inside(u: _Map, v: _Map) -> _Map:
    """1 on the head, 0 off it, with a soft edge."""
    return np.clip((EDGE - np.sqrt(_radius(u, v))) / 0.05, 0, 1).astype(np.float32)


def _height(u: _Map, v: _Map, nose: float) -> _Map:
    """Of the head's surface above its middle, towards the camera."""
    head = HALF_DEPTH * np.sqrt(np.clip(1 - _radius(u, v), 0.02, 1))
    ridge = nose * np.exp(-((u / NOSE_WIDTH) ** 2) - ((v - 0.02) / NOSE_LENGTH) ** 2)
    return (head + ridge).astype(np.float32)


def _seen(u: _Map, v: _Map, rotation: NDArray[np.float64], nose: float) -> tuple[_Map, _Map]:
    """Where a point of the face is seen after turning."""
    z = _height(u, v, nose)
    points = np.stack([u, v, z], axis=-1) @ rotation.T.astype(np.float32)
    # Perspective is undone for the picture taken straight on, so that a turn of nought changes nothing.
    scale = (CAMERA - z) / (CAMERA - points[..., 2])
    return (points[..., 0] * scale).astype(np.float32), (points[..., 1] * scale).astype(np.float32)
