"""Specimens through an oracle reader: what the parsers make of every side when the text is read (almost) rightly."""

import random

import numpy as np
import pytest

from pipelines.documents import DOCUMENTS
from pipelines.types import FieldName
from specimens.layouts import SIDES
from specimens.people import make_person
from specimens.render import render
from tests.golden.oracle import boxes

PEOPLE = 12
PORTRAIT = np.full((480, 320, 3), 128, np.uint8)
NOISE = 0.05
"""Of the letters of labels; values are read as printed, so every wrong field is the parser's."""


@pytest.mark.parametrize(
    "document", [d for d in DOCUMENTS if d.slug in SIDES], ids=lambda d: d.slug
)
def test_fields_and_class_of_a_dozen_people(document) -> None:  # type: ignore[no-untyped-def]
    wrong: list[tuple[int, FieldName, str | None]] = []
    for seed in range(PEOPLE):
        person = make_person(seed + 70_000, document.slug.split("_")[0])
        truth = render(document.slug, person, PORTRAIT, seed).truth
        lines = boxes(truth, random.Random(seed), NOISE)
        scores = {d.slug: d.looks_like(lines) for d in DOCUMENTS}
        assert max(scores, key=lambda slug: scores[slug]) == document.slug
        fields = document.parse(lines)
        wrong += [
            (seed, n, fields[n].text)
            for n in document.fields
            if fields[n].text != truth.fields[n.value]
        ]
    assert len(wrong) <= 0.01 * PEOPLE * len(document.fields), wrong
