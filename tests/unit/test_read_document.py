from concurrent.futures import ThreadPoolExecutor
from datetime import date

import numpy as np
import pytest

from models.types import Image, Quad
from pipelines.documents.layout import FRAME
from pipelines.errors import NoDocument
from pipelines.parsing.text import strip_accents
from pipelines.read_document import ReadDocument
from pipelines.types import (
    NO_EXPIRY,
    Agreement,
    ConcernKind,
    FieldName,
    Policy,
    Reading,
    Side,
    Source,
)
from specimens.machine_readable import mrz_lines, qr_payload, qr_picture
from specimens.people import Person, make_person, written
from tests.unit.scripted_models import (
    WHOLE,
    Finder,
    Line,
    Wallet,
    cc2024_front,
    chip_back,
    chip_front,
    in_scene,
    turned,
)

F = FieldName
TODAY = date(2026, 1, 1)


def reader(
    wallet: Wallet, finder: Finder | None = None, policy: Policy | None = None
) -> ReadDocument:
    return ReadDocument(finder or Finder(WHOLE), wallet, wallet, policy, today=lambda: TODAY)


def texts(reading: Reading) -> dict[FieldName, str | None]:
    return {name: field.text for name, field in reading.fields.items()}


def kinds(reading: Reading) -> set[tuple[ConcernKind, str]]:
    return {(c.kind, c.where) for c in reading.concerns}


def with_qr(card: Image, payload: str) -> Image:
    """The payload printed where the chip card has its QR."""
    pixels = card.pixels.copy()
    code = qr_picture(payload, 140)
    pixels[30:190, 810:970] = 255
    pixels[40:180, 820:960] = code[:, :, None]
    return Image(pixels)


def front_of(person: Person, **changed: str) -> tuple[Line, ...]:
    said = {
        "number": person.number,
        "name": person.full_name.upper(),
        "born": written(person.birth_date),
        "sex": person.sex,
        "expiry": person.expiry_text,
    }
    return chip_front(**(said | changed))  # type: ignore[arg-type]


def test_a_front_is_read_and_nothing_is_warned_about() -> None:
    wallet = Wallet()
    read = reader(wallet)(wallet.add(*chip_front()), expected=Side.FRONT)
    assert read.document.slug == "chip_front"
    assert texts(read)[F.NUMBER] == "001190000017"
    assert texts(read)[F.FULL_NAME] == "NGUYỄN THỊ MINH ÁNH"
    assert read.fields[F.FULL_NAME].source is Source.OCR
    assert read.fields[F.FULL_NAME].agreement is Agreement.SINGLE
    assert read.margin > 0.3
    assert (read.qr, read.mrz, read.mrz_valid) == (None, None, None)
    assert read.concerns == ()
    assert {"find_card", "find_text", "read_text", "parse"} <= {
        stage for stage, _ in read.timing.stages
    }


def test_a_leaning_card_in_a_large_photo_is_read_upright() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    quad = Quad(np.array([[300, 250], [1290, 320], [1250, 960], [260, 880]], np.float32))
    read = reader(wallet, Finder(quad))(in_scene(card, quad))
    assert texts(read)[F.RESIDENCE] == "Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội"
    assert read.rectified.shape == (638, 1012, 3)


def test_corners_turned_by_half_are_noticed_by_the_text() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    read = reader(wallet, Finder(turned(WHOLE, 2)))(card)
    assert read.document.slug == "chip_front"
    assert texts(read)[F.NUMBER] == "001190000017"


def test_unless_told_not_to_turn() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    upside_down = Image(np.ascontiguousarray(card.pixels[::-1, ::-1]))
    with pytest.raises(NoDocument):
        reader(wallet)(upside_down, check_rotate=False)
    assert (
        reader(wallet, Finder(turned(WHOLE, 2)))(card, check_rotate=False).document.slug
        == "chip_front"
    )


def test_a_card_that_fills_the_frame_needs_no_edges() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    nothing = Finder()
    assert reader(wallet, nothing)(card).document.slug == "chip_front"
    sideways = Image(np.ascontiguousarray(np.rot90(card.pixels)))
    assert reader(wallet, nothing)(sideways).document.slug == "chip_front"


def test_no_card_no_text_and_foreign_text_are_no_document() -> None:
    wallet = Wallet()
    empty = Image(np.full((300, 400, 3), 90, np.uint8))
    with pytest.raises(NoDocument):
        reader(wallet, Finder())(empty)
    with pytest.raises(NoDocument):
        reader(wallet)(empty)
    invoice = wallet.add(
        *(Line(f"HÓA ĐƠN số {i} Công ty An Phú", 60, 40 + 60 * i) for i in range(8))
    )
    with pytest.raises(NoDocument):
        reader(wallet)(invoice)


def test_the_wrong_side_is_read_and_told() -> None:
    wallet = Wallet()
    read = reader(wallet)(wallet.add(*chip_back()), expected=Side.FRONT)
    assert read.document.slug == "chip_back"
    assert (ConcernKind.WRONG_SIDE, "front") in kinds(read)


def test_qr_outranks_print_and_tells_what_print_does_not() -> None:
    wallet, person = Wallet(), make_person(7)
    card = wallet.add(*front_of(person, name=person.full_name.upper().replace("Ễ", "Ê")))
    read = reader(wallet)(with_qr(card, qr_payload(person)))
    name = read.fields[F.FULL_NAME]
    assert (name.text, name.source, name.confidence) == (person.full_name.upper(), Source.QR, 1.0)
    assert read.fields[F.NUMBER].agreement is Agreement.AGREE
    assert read.fields[F.ISSUE_DATE].text == written(person.issue_date)
    assert read.qr == qr_payload(person)


def test_a_sure_print_that_denies_the_qr_is_a_contradiction() -> None:
    wallet, person, other = Wallet(), make_person(7), make_person(8)
    card = wallet.add(
        *(Line(x.text, x.x, x.y, x.height, 0.9999) for x in front_of(person, number=other.number))
    )
    read = reader(wallet)(with_qr(card, qr_payload(person)))
    assert read.fields[F.NUMBER].agreement is Agreement.CONTRADICT
    assert read.fields[F.NUMBER].seen == {Source.QR: person.number, Source.OCR: other.number}
    assert (ConcernKind.CONTRADICTION, "qr/ocr") in kinds(read)


def test_a_doubtful_print_that_differs_is_not() -> None:
    wallet, person, other = Wallet(), make_person(7), make_person(8)
    card = wallet.add(
        *(Line(x.text, x.x, x.y, x.height, 0.8) for x in front_of(person, number=other.number))
    )
    read = reader(wallet)(with_qr(card, qr_payload(person)))
    assert read.fields[F.NUMBER].agreement is Agreement.SINGLE
    assert ConcernKind.CONTRADICTION not in {kind for kind, _ in kinds(read)}


def test_nor_is_a_sure_one_that_another_crop_reads_otherwise() -> None:
    wallet, person, other = Wallet(), make_person(7), make_person(8)
    front = [
        Line(x.text, x.x, x.y, x.height, 0.9999, x.text.replace(other.number, person.number))
        for x in front_of(person, number=other.number)
    ]
    read = reader(wallet)(with_qr(wallet.add(*front), qr_payload(person)))
    assert read.fields[F.NUMBER].text == person.number
    assert read.fields[F.NUMBER].agreement is Agreement.SINGLE
    assert F.NUMBER.value not in {c.detail for c in read.concerns}


def test_a_misread_tone_mark_is_no_contradiction() -> None:
    wallet, person = Wallet(), make_person(7)
    name = strip_accents(person.full_name).upper()
    card = wallet.add(
        *(Line(x.text, x.x, x.y, x.height, 0.9999) for x in front_of(person, name=name))
    )
    read = reader(wallet)(with_qr(card, qr_payload(person)))
    assert read.fields[F.FULL_NAME].text == person.full_name.upper()
    assert read.fields[F.FULL_NAME].agreement is Agreement.SINGLE
    assert F.FULL_NAME.value not in {c.detail for c in read.concerns}


def test_mrz_of_the_back() -> None:
    wallet = Wallet()
    read = reader(wallet)(wallet.add(*chip_back()))
    assert read.mrz_valid is True
    assert texts(read) | {F.ISSUER: ""} == {
        F.FEATURES: "Nốt ruồi C:2cm dưới mép phải",
        F.ISSUE_DATE: "25/04/2021",
        F.ISSUER: "",
        F.NUMBER: "001190000017",
        F.BIRTH_DATE: "25/08/1990",
        F.SEX: "Nữ",
        F.EXPIRY_DATE: "25/08/2030",
        F.NATIONALITY: "Việt Nam",
        F.FULL_NAME: "NGUYEN THI MINH ANH",
        F.SURNAME: "NGUYEN",
        F.GIVEN_NAMES: "THI MINH ANH",
        F.DOCUMENT_NUMBER: "190000017",
    }
    assert read.fields[F.NUMBER].source is Source.MRZ


def test_a_mrz_whose_digits_do_not_add_up_is_told() -> None:
    wallet = Wallet()
    lines = (
        "IDVNM1933000974021190000217<<5",
        "9006250F3406258VNM<<<<<<<<<<<2",
        "NGUYEN<<THI<MINH<ANH<<<<<<<<<<",
    )
    read = reader(wallet)(wallet.add(*chip_back(lines)))
    assert read.mrz_valid is False
    assert (ConcernKind.BAD_MRZ, "mrz") in kinds(read)
    assert read.fields[F.NUMBER].confidence < 0.5


def test_an_unreadable_mrz_is_unreadable_not_bad() -> None:
    wallet = Wallet()
    read = reader(wallet)(wallet.add(*(x for x in chip_back() if "<" not in x.text)))
    assert (ConcernKind.UNREADABLE_FIELDS, "mrz") in kinds(read)
    assert (ConcernKind.BAD_MRZ, "mrz") not in kinds(read)


@pytest.mark.parametrize(
    ("changed", "concern"),
    [
        ({"number": "00119000001"}, (ConcernKind.BAD_NUMBER_FORMAT, "number")),
        ({"number": "001990000017"}, (ConcernKind.BAD_NUMBER_FORMAT, "number")),
        (
            {"born": "25/08/1991", "expiry": "25/08/2031"},
            (ConcernKind.CONTRADICTION, "number/birth_date"),
        ),
        ({"sex": "Nam"}, (ConcernKind.CONTRADICTION, "number/sex")),
        ({"expiry": "25/08/2015"}, (ConcernKind.EXPIRED, "expiry_date")),
        ({"name": ""}, (ConcernKind.UNREADABLE_FIELDS, "full_name")),
    ],
)
def test_concerns_of_values(changed: dict[str, str], concern: tuple[ConcernKind, str]) -> None:
    wallet = Wallet()
    lines = [Line(x.text, x.x, x.y, x.height, 0.9999) for x in chip_front(**changed) if x.text]  # type: ignore[arg-type]
    read = reader(wallet)(wallet.add(*lines))
    assert concern in kinds(read)


def test_a_card_that_goes_on_outside_the_photo_is_clipped() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    quad = Quad.of_box(300, 40, 1312, 678)
    read = reader(wallet, Finder(quad))(in_scene(card, quad, (1200, 900)))
    assert (ConcernKind.CLIPPED, "card") in kinds(read)
    assert next(c.detail for c in read.concerns if c.kind is ConcernKind.CLIPPED) == "right"


def test_expiry_and_residence_found_in_one_box_are_cut_apart() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    merged = Quad.of_box(24, 570, 560, 597)

    class Merging:
        def find(self, image: Image) -> list:  # type: ignore[type-arg]
            boxes = [b for b in wallet.find(image) if not 560 < b.quad.centre[1] < 590]
            return [*boxes, type(boxes[0])(merged, 0.9)]

    read = ReadDocument(Finder(WHOLE), Merging(), wallet, today=lambda: TODAY)(card)
    assert texts(read)[F.EXPIRY_DATE] == "25/08/2030"
    assert texts(read)[F.RESIDENCE] == "Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội"


def test_corners_found_badly_are_mended_by_the_lines_of_text() -> None:
    wallet = Wallet()
    card = wallet.add(*chip_front())
    quad = Quad.of_box(200, 200, 1212, 838)
    askew = Quad(quad.corners + np.array([[0, -22], [0, 14], [0, -18], [0, 20]], np.float32))

    class Seeing:
        """Finds the boxes where the badly cut card shows them."""

        def find(self, image: Image) -> list:  # type: ignore[type-arg]
            from pipelines.straighten import in_frame, on_photo

            del image
            upright = Image(card.pixels)
            return [
                type(b)(in_frame(on_photo(b.quad, quad), askew), 0.9) for b in wallet.find(upright)
            ]

    read = ReadDocument(Finder(askew), Seeing(), wallet, today=lambda: TODAY)(in_scene(card, quad))
    slopes = [abs(x.quad.corners[1, 1] - x.quad.corners[0, 1]) / x.quad.width for x in read.lines]
    assert max(slopes) < 0.005
    assert texts(read)[F.RESIDENCE] == "Số 12, Tổ 7, Xuân La, Tây Hồ, Hà Nội"


def test_without_a_qr_the_number_and_the_law_repair_the_print() -> None:
    wallet = Wallet()
    doubtful = [
        Line(x.text, x.x, x.y, x.height, 0.9 if "birth" in x.text or "giá trị" in x.text else 0.999)
        for x in chip_front(born="25/08/1996", expiry="25/03/2030", sex="?")
    ]
    read = reader(wallet)(wallet.add(*doubtful))
    assert texts(read)[F.BIRTH_DATE] == "25/08/1990"
    assert texts(read)[F.EXPIRY_DATE] == "25/08/2030"
    assert texts(read)[F.SEX] == "Nữ"


def test_the_2024_front_prints_no_expiry_and_no_address() -> None:
    wallet = Wallet()
    read = reader(wallet)(wallet.add(*cc2024_front()), expected=Side.FRONT)
    assert read.document.slug == "cc2024_front"
    assert F.EXPIRY_DATE not in read.fields
    assert read.concerns == ()


def test_many_threads_many_cards_no_cross_talk() -> None:
    wallet = Wallet()
    people = [make_person(seed) for seed in range(12)]
    photos = [wallet.add(*front_of(p)) for p in people]
    backs = [wallet.add(*chip_back(mrz_lines(p), issued=written(p.issue_date))) for p in people]
    read = reader(wallet)

    def both(index: int) -> tuple[Reading, Reading]:
        return read(photos[index]), read(backs[index])

    order = list(range(12)) * 3
    with ThreadPoolExecutor(6) as pool:
        for index, (front, back) in zip(order, pool.map(both, order), strict=True):
            person = people[index]
            assert texts(front)[F.NUMBER] == texts(back)[F.NUMBER] == person.number
            assert texts(front)[F.FULL_NAME] == person.full_name.upper()
            assert texts(front)[F.EXPIRY_DATE] == person.expiry_text
            assert texts(back)[F.EXPIRY_DATE] == person.expiry_text
            assert texts(back)[F.ISSUE_DATE] == written(person.issue_date)
    assert any(p.expiry_text == NO_EXPIRY for p in people)


def test_every_card_of_a_picture_is_read() -> None:
    """Two sides one above the other; what is no document is passed over."""
    wallet = Wallet()
    front, back = wallet.add(*chip_front()), wallet.add(*chip_back())
    wide, tall = FRAME
    pixels = np.full((2 * tall, wide, 3), 9, np.uint8)
    pixels[:tall], pixels[tall:] = front.pixels, back.pixels
    upper, lower = Quad.of_box(0, 0, wide, tall), Quad.of_box(0, tall, wide, 2 * tall)
    table = Quad.of_box(100, 300, 400, 500)
    read = reader(wallet, Finder(upper, table, lower)).all(Image(pixels))
    assert [one.document.slug for one in read] == ["chip_front", "chip_back"]
    assert not {ConcernKind.SEVERAL_CARDS} & {c.kind for one in read for c in one.concerns}
    assert [one.document.slug for one in reader(wallet).all(front)] == ["chip_front"]


UPPER = Quad.of_box(40, 30, 40 + FRAME[0], 30 + FRAME[1])
LOWER = Quad.of_box(40, 730, 40 + FRAME[0], 730 + FRAME[1])


def both(upper: Image, lower: Image) -> Image:
    """Two cards on one page, where UPPER and LOWER are."""
    pixels = in_scene(upper, UPPER, (1100, 1400)).pixels.copy()
    pixels[730 : 730 + FRAME[1], 40 : 40 + FRAME[0]] = lower.pixels
    return Image(pixels)


@pytest.mark.parametrize("expected", [Side.FRONT, Side.BACK])
def test_of_two_sides_in_one_picture_the_one_asked_for_is_read(expected: Side) -> None:
    wallet = Wallet()
    page = both(wallet.add(*chip_back()), wallet.add(*chip_front()))
    read = reader(wallet, Finder(UPPER, LOWER))(page, expected=expected)
    assert read.document.side is expected
    assert (ConcernKind.WRONG_SIDE, expected.value) not in kinds(read)


def test_the_code_of_another_card_in_the_picture_is_not_its_own() -> None:
    wallet, person, other = Wallet(), make_person(7), make_person(8)
    front = wallet.add(*front_of(person))
    page = both(front, with_qr(wallet.add(*front_of(other)), qr_payload(other)))
    read = reader(wallet, Finder(UPPER, LOWER))
    assert [one.qr for one in (read(page), *read.all(page))] == [None, None, qr_payload(other)]
    assert texts(read(page))[F.NUMBER] == person.number
