"""The photos a measurement is made on: which people, which sides, how bad a photo, all from seeds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from specimens.camera import Photo, photograph
from specimens.layouts import LAYOUTS, SIDES
from specimens.people import make_person
from specimens.portraits import Portrait, portraits
from specimens.render import render
from specimens.truth import Specimen

LEVELS = ("scan", "good", "poor")
EVALUATION_PEOPLE, TUNING_PEOPLE = 3_000_000, 4_000_000
"""First seeds. Training draws from 100,000 (cards) and from 7,000,000 (text) on, the demo and the tests from below
100,000: no person, portrait order or photo is met twice."""
MOST_SIDES = 100
"""Scenes kept apart per person, so that a new side moves no other's."""
SEED_STEP = 10_000
"""People between one --seed and the next."""


@dataclass(frozen=True, slots=True, order=True)
class Task:
    """One photo: everything about it follows from the three."""

    person: int
    side: str
    level: str

    @property
    def key(self) -> str:
        return f"{self.side}/{self.person}/{self.level}"


def tasks(people: int, seed: int, *, tuning: bool, sides: Sequence[str] = SIDES) -> Iterator[Task]:
    """Person by person, so that a run that is cut short has measured every side."""
    first = (TUNING_PEOPLE if tuning else EVALUATION_PEOPLE) + seed * SEED_STEP
    for person in range(first, first + people):
        for side in sides:
            for level in LEVELS:
                yield Task(person, side, level)


@cache
def _faces() -> tuple[Portrait, ...]:
    return tuple(portraits())


@lru_cache(maxsize=2)
def _specimen(side: str, person: int) -> Specimen:
    faces = _faces()
    holder = make_person(person, LAYOUTS[side].document)
    return render(side, holder, faces[person % len(faces)].pixels, person)


def taken(task: Task) -> Photo:
    """The photo of a task; always the same pixels."""
    scene = task.person * MOST_SIDES + SIDES.index(task.side)
    return photograph(_specimen(task.side, task.person), task.level, scene)
