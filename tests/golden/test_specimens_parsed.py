"""Specimens through an oracle reader: what the parsers make of every side when the text is read (almost) rightly."""

import random

import numpy as np
import pytest

from pipelines.documents import DOCUMENTS
from pipelines.documents.layout import FRAME
from pipelines.types import FieldName, Policy
from pipelines.validation import unreadable
from specimens.layouts import LAYOUTS, SIDES
from specimens.people import make_person
from specimens.render import render
from tests.golden.oracle import boxes
from training.documents.judging import same, slug_of

PEOPLE = 5
PORTRAIT = np.full((480, 320, 3), 128, np.uint8)
NOISE = 0.05
"""Of the letters of labels; values are read as printed, so every wrong field is the parser's."""
SCALE = 0.5


@pytest.mark.parametrize("side", SIDES)
def test_fields_and_class_of_a_few_people(side: str) -> None:
    document = next(d for d in DOCUMENTS if d.slug == slug_of(side))
    wrong: list[tuple[int, FieldName, str, str | None]] = []
    for seed in range(PEOPLE):
        person = make_person(seed + 70_000, LAYOUTS[side].document)
        truth = render(side, person, PORTRAIT, seed, SCALE).truth
        width, height = truth.card_quad[2]
        truth = truth.moved(np.diag([FRAME[0] / width, FRAME[1] / height, 1.0]))
        lines = boxes(truth, random.Random(seed), NOISE)
        scores = {d.slug: d.looks_like(lines) for d in DOCUMENTS}
        assert max(scores, key=lambda slug: scores[slug]) == document.slug
        fields = document.parse(lines)
        for name in {line.field for line in truth.lines} & set(document.fields):
            said, read = truth.fields[name], fields[FieldName(name)].text
            if read is None or not same(name, said, read):
                wrong.append((seed, FieldName(name), said, read))
    assert len(wrong) <= 1, wrong


def test_what_is_not_printed_is_neither_made_up_nor_missed() -> None:
    """Boilerplate of one side is no value of any other side's fields that it does not print, and a field that only some
    documents of a class print is not unreadable on the others."""
    for seed in range(2):
        for side in SIDES:
            document = next(d for d in DOCUMENTS if d.slug == slug_of(side))
            person = make_person(seed + 71_000, LAYOUTS[side].document)
            truth = render(side, person, PORTRAIT, seed, SCALE).truth
            width, height = truth.card_quad[2]
            truth = truth.moved(np.diag([FRAME[0] / width, FRAME[1] / height, 1.0]))
            fields = document.parse(boxes(truth, random.Random(seed), 0.0))
            invented = {n: f.text for n, f in fields.items() if f.text and n not in truth.fields}
            assert invented == {}, side
            missed = {concern.where for concern in unreadable(document, fields, Policy())}
            assert missed <= set(truth.fields), side
