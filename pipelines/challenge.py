"""What a new client's customer is asked to do, drawn at random.

It stops an answer that is sent again, and pictures that were put in an order before the question was known. It does not stop
whoever holds photographs of the customer in all three poses and sorts them once the question is known: two minutes are
enough for that. Only an app that takes the pictures itself, and is trusted to, makes pictures taken before useless.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise, product
from random import Random
from typing import Protocol

from models.types import Image
from pipelines.liveness import Capture, Challenge, Pose

STEPS = 4
"""Poses of one challenge: few enough for patience, and 18 different ones. A mirroring camera cannot be told from one
that does not, so a guess is right once in nine."""


class Challenges(Protocol):
    """Challenges that were issued; each is answered once, by the client it was issued to."""

    def issue(self, client: int, now: datetime) -> Challenge: ...

    def take(self, client: int, nonce: str, now: datetime) -> Challenge:
        """The challenge, which is then spent, whatever the answer to it.

        Raises:
            ChallengeRefused: unknown, another client's, expired or taken before.
        """
        ...


def sequences(steps: int = STEPS) -> tuple[tuple[Pose, ...], ...]:
    """Every order of poses that shows all three and holds none twice running."""
    return tuple(
        poses
        for poses in product(Pose, repeat=steps)
        if set(poses) == set(Pose) and all(a is not b for a, b in pairwise(poses))
    )


def draw(random: Random) -> tuple[Pose, ...]:
    """One of them, each as likely as any other; `random` must be unguessable (`secrets.SystemRandom`)."""
    return random.choice(sequences())


def captures_of(poses: Sequence[Pose], images: Sequence[Image]) -> list[Capture]:
    """The answer to a challenge: one image per pose, in the order asked, named "1", "2", ...

    Raises:
        ValueError: more or fewer images than poses.
    """
    pairs = zip(poses, images, strict=True)
    return [Capture(pose, image, str(place)) for place, (pose, image) in enumerate(pairs, start=1)]
