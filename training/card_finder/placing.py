"""Where the cards of a training scene lie: one or several, whole or cut by the picture's edge.

Of several cards the network names one at a time: `first_of` says which, and the finder paints each over before it
looks for the next.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from specimens.camera import place

Corners = NDArray[np.float32]
"""4 x 2 (x, y), the card's own top-left first."""

LEAN = 0.4
"""Of a step to the right, as steps down: cards are named row by row. Neither 0 nor the slope between neighbours of any
common arrangement, so that hardly ever two cards tie."""
MOST_TRIES = 12
LEAST_GAP = 0.02
"""Of a card's width, between two cards on one sheet."""


def first_of(cards: Sequence[Corners]) -> int:
    """Index of the card that is named first: the uppermost, then the leftmost."""
    return int(np.argmin([float(c[:, 1].mean() + LEAN * c[:, 0].mean()) for c in cards]))


def overlap(cards: Sequence[Corners], new: Corners) -> bool:
    """Does a card touch one of those that lie there?"""
    grown = (new - new.mean(axis=0)) * (1 + LEAST_GAP) + new.mean(axis=0)
    return any(cv2.intersectConvexConvex(card, grown.astype(np.float32))[0] > 0 for card in cards)


def photo_cards(rng: np.random.Generator, height: int, width: int) -> list[Corners]:
    """One card anywhere in a photo, from tiny to filling the frame, turned any way but mostly near a right angle;
    sometimes one to three smaller ones beside it, sometimes cut by the picture's edge."""
    several = rng.random() < 0.3
    largest = 0.62 if several else 1.02
    wide = float(np.exp(rng.uniform(np.log(0.14), np.log(largest)))) * max(height, width)
    cards = [_one(rng, height, width, wide)]
    if rng.random() < 0.25:
        cards[0] = cut(rng, cards[0], height, width)
    for _ in range(int(rng.integers(1, 4)) if several else 0):
        for _ in range(MOST_TRIES):
            new = _one(rng, height, width, wide * float(rng.uniform(0.7, 1.15)))
            if not overlap(cards, new):
                cards.append(new)
                break
    return cards


def _one(rng: np.random.Generator, height: int, width: int, wide: float) -> Corners:
    turn = float(rng.choice([0, 90, 180, 270])) + float(rng.normal(0, 9))
    if rng.random() < 0.15:
        turn = float(rng.uniform(0, 360))
    return place(rng, (height, width), wide, turn, float(rng.uniform(0, 0.11)))


def cut(rng: np.random.Generator, card: Corners, height: int, width: int) -> Corners:
    """A card pushed over one edge of the picture, or over a corner, by 3 to 40 % of its extent."""
    low, high = card.min(axis=0), card.max(axis=0)
    size, push = high - low, np.zeros(2)
    axes = [0, 1] if rng.random() < 0.3 else [int(rng.integers(2))]
    for axis in axes:
        share = float(rng.uniform(0.03, 0.4))
        far = (width, height)[axis]
        push[axis] = (
            -low[axis] - share * size[axis]
            if rng.random() < 0.5
            else far - high[axis] + share * size[axis]
        )
    return np.asarray(card + push, np.float32)


def page_cards(rng: np.random.Generator, height: int, width: int) -> list[Corners]:
    """Two to six cards on a scanned sheet, in rows and columns, nearly the same size, some of them turned."""
    turned = rng.random() < 0.3
    columns, rows = [(1, 2), (2, 1), (2, 2), (1, 3), (2, 3), (1, 1)][int(rng.integers(6))]
    cell = np.array([width / columns, height / rows])
    shape = np.array([1.0, 0.63]) if not turned else np.array([0.63, 1.0])
    wide = float((cell / shape).min() * rng.uniform(0.55, 0.95))
    slack = np.maximum(cell - wide * shape, 0) / 2
    base = (90.0 if rng.random() < 0.5 else 270.0) if turned else 0.0
    cards = []
    together = rng.uniform(-1, 1, 2)
    for row in range(rows):
        for column in range(columns):
            if cards and rng.random() < 0.12:
                continue
            half = np.array([wide, wide * 0.6306]) / 2
            signs = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
            turn = np.deg2rad(base + 180.0 * (rng.random() < 0.15) + rng.normal(0, 1.5))
            spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
            middle = (np.array([column, row]) + 0.5) * cell
            middle += slack * (0.7 * together + 0.3 * rng.uniform(-1, 1, 2))
            cards.append(np.asarray((signs * half) @ spin.T + middle, np.float32))
    return cards


def crop_card(rng: np.random.Generator, height: int, width: int) -> Corners:
    """A card that nearly fills the frame: a client's own crop (corners at or just beyond the edge), or a closer look at
    a card found before (some ground all around, or one side reaching out because the first look stopped short)."""
    margin = (
        float(rng.uniform(-0.012, 0.03)) if rng.random() < 0.35 else float(rng.uniform(0.04, 0.18))
    )
    inset = np.array([width, height]) * margin / (1 + 2 * max(margin, 0))
    box = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float64)
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]])
    shake = 0.004 if margin < 0.03 else 0.02
    corners = box + signs * inset + rng.normal(0, shake, (4, 2)) * width
    if rng.random() < 0.2:
        axis, far = int(rng.integers(2)), rng.random() < 0.5
        out = float(rng.uniform(0.03, 0.25)) * (width, height)[axis]
        corners[:, axis] += np.where((signs[:, axis] < 0) == far, out if far else -out, 0.0)
    return np.roll(corners, 2 * int(rng.random() < 0.4), axis=0).astype(np.float32)
