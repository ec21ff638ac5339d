"""Scanned forms and PDF files must hold what their truth says, where it says."""

from __future__ import annotations

import numpy as np
import pypdfium2
import pytest

from specimens.page import Page, scanned_page
from specimens.pdf import DOTS_PER_INCH, PdfSpecimen, cards_pdf, write_pdf
from specimens.people import make_person
from specimens.portraits import portraits
from specimens.render import render
from specimens.truth import Corners


@pytest.fixture(scope="module")
def form() -> Page:
    person, face = make_person(4, "chip"), portraits()[0].pixels
    cards = [render(side, person, face, 4) for side in ("chip_front", "chip_back")]
    return scanned_page(person, face, 4, cards=cards)


@pytest.fixture(scope="module")
def pdf() -> PdfSpecimen:
    return cards_pdf(2, pages=3)


def printed(pixels: np.ndarray, quad: Corners) -> bool:
    """Is there ink in a quad?"""
    (x0, y0), (x1, y1) = quad.min(axis=0).astype(int), quad.max(axis=0).astype(int)
    part = pixels[y0 : y1 + 1, x0 : x1 + 1]
    return bool(part.size) and float(part.max()) - float(part.min()) > 60


def test_every_line_of_the_form_is_printed_where_it_says(form: Page) -> None:
    assert len(form.lines) > 12
    assert all(printed(form.pixels, line.quad) for line in form.lines)
    said = {line.field: line.text for line in form.lines if line.field}
    assert said["number"] == make_person(4, "chip").number
    assert said["full_name"] == make_person(4, "chip").full_name.upper()


def test_cards_on_the_form_have_their_true_size(form: Page) -> None:
    assert [truth.side for truth in form.cards] == ["chip_front", "chip_back"]
    for truth in form.cards:
        width = float(np.linalg.norm(truth.card_quad[1] - truth.card_quad[0]))
        assert abs(width / form.pixels.shape[1] - 85.6 / 210) < 0.02
        assert (truth.card_quad[:, 1] < form.pixels.shape[0]).all()
        number = next(x for x in truth.lines if x.field == "number" or x.field == "mrz")
        assert printed(form.pixels, number.quad)


def test_no_card_lies_on_the_forms_text(form: Page) -> None:
    top = min(float(truth.card_quad[:, 1].min()) for truth in form.cards)
    above = [x for x in form.lines if not x.text.startswith("SPECIMEN")]
    assert max(float(line.quad[:, 1].max()) for line in above) < top


def test_a_form_for_three_cards_is_refused(form: Page) -> None:
    card = render("chip_back", make_person(4), portraits()[0].pixels, 4, 0.5)
    with pytest.raises(ValueError, match="two cards"):
        scanned_page(make_person(4), portraits()[0].pixels, 4, cards=[card] * 3)


def test_a_pdf_shows_every_card_of_its_truth(pdf: PdfSpecimen) -> None:
    document = pypdfium2.PdfDocument(pdf.data)
    assert len(document) == len(pdf.pages) == 3
    for page, truths in zip(document, pdf.pages, strict=True):
        drawn = page.render(scale=DOTS_PER_INCH / 72).to_numpy()[:, :, :3]
        assert len(truths) == 2
        for truth in truths:
            assert (truth.card_quad.max(axis=0) < drawn.shape[1::-1]).all()
            big = max((x for x in truth.lines if x.field), key=lambda x: np.ptp(x.quad[:, 1]))
            assert printed(drawn, big.quad)
    document.close()


def test_a_seed_always_gives_the_same_file(pdf: PdfSpecimen) -> None:
    assert cards_pdf(2, pages=1).data == cards_pdf(2, pages=1).data
    assert cards_pdf(3, pages=1).data != cards_pdf(2, pages=1).data
    with pytest.raises(ValueError, match="at least one page"):
        write_pdf([])
