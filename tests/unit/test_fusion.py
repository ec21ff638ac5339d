from datetime import date

import pytest

from pipelines.documents import kinds
from pipelines.fusion import fuse, fused
from pipelines.machine_codes import MrzReading
from pipelines.parsing.mrz import TD1_GUARDED, parse_td1
from pipelines.parsing.qr import parse_qr
from pipelines.redundancy import repaired, unstuck
from pipelines.types import (
    NO_EXPIRY,
    Agreement,
    Field,
    FieldName,
    Normal,
    Policy,
    Sex,
    Source,
)
from specimens.machine_readable import mrz_lines
from specimens.people import make_person

F = FieldName
PERSON = make_person(5)
POLICY = Policy()
QR = parse_qr("001190000017||Nguyễn Thị Minh Ánh|25081990|Nữ|Xuân La, Tây Hồ, Hà Nội|25042021")


def claim(
    name: FieldName, text: str | None, confidence: float, source: Source, normal: Normal = None
) -> Field:
    return Field(name, text, confidence, source, normal)


def ocr(name: FieldName, text: str | None, confidence: float, normal: Normal = None) -> Field:
    return claim(name, text, confidence, Source.OCR, normal)


def test_the_qr_repairs_the_print_and_the_chip_stands_above_both() -> None:
    read = {F.NUMBER: ocr(F.NUMBER, "001190000011", 0.6)}
    fields, concerns = fuse(read, QR, None, kinds.CHIP, POLICY)
    assert (fields[F.NUMBER].text, fields[F.NUMBER].source) == ("001190000017", Source.QR)
    assert concerns == ()
    chip = {F.NUMBER: claim(F.NUMBER, "001190000017", 1.0, Source.CHIP)}
    fields, _ = fuse(read, QR, None, kinds.CHIP, POLICY, chip)
    assert (fields[F.NUMBER].source, fields[F.NUMBER].agreement) == (Source.CHIP, Agreement.AGREE)
    assert set(fields[F.NUMBER].seen) == {Source.CHIP, Source.QR, Source.OCR}


def test_agreement_adds_confidence_and_difference_takes_it() -> None:
    date_ = F.BIRTH_DATE
    print_ = ocr(date_, "25/08/1990", 0.95)
    same, _ = fused([claim(date_, "25/08/1990", 0.85, Source.MRZ), print_], POLICY)
    other, against = fused([claim(date_, "25/08/1996", 0.85, Source.MRZ), print_], POLICY)
    assert (same.agreement, other.agreement) == (Agreement.AGREE, Agreement.SINGLE)
    assert same.confidence > 0.99
    assert other.confidence < 0.8
    assert other.text == "25/08/1990"
    assert against == []


def test_two_sure_sources_that_differ_contradict() -> None:
    number = F.NUMBER
    field, against = fused(
        [claim(number, "001190000017", 1.0, Source.QR), ocr(number, "001190000018", 0.97)], POLICY
    )
    assert field.agreement is Agreement.CONTRADICT
    assert [(c.where, c.detail) for c in against] == [("qr/ocr", "number")]


def test_a_name_keeps_its_marks_from_the_print_and_its_letters_from_the_zone() -> None:
    zone = claim(F.FULL_NAME, "NGUYEN THI MINH ANH", 0.98, Source.MRZ)
    agreed, _ = fused([zone, ocr(F.FULL_NAME, "NGUYỄN THỊ MINH ÁNH", 0.8)], POLICY)
    assert (agreed.text, agreed.agreement) == ("NGUYỄN THỊ MINH ÁNH", Agreement.AGREE)
    mended, _ = fused([zone, ocr(F.FULL_NAME, "NGUYỄN TH! MINH ÁNH", 0.6)], POLICY)
    assert mended.text == "NGUYỄN THI MINH ÁNH"
    assert mended.confidence < 0.9
    unlike, _ = fused([zone, ocr(F.FULL_NAME, "NGUYỄN MINH ÁNH", 0.6)], POLICY)
    assert unlike.text == "NGUYEN THI MINH ANH"


def test_a_name_without_its_marks_is_sure_only_where_none_are_printed() -> None:
    zone = claim(F.FULL_NAME, "NGUYEN THI MINH ANH", 0.98, Source.MRZ)
    unread = ocr(F.FULL_NAME, None, 0.0)
    told = [fused([zone, unread], POLICY, printed=printed)[0] for printed in (True, False)]
    assert [field.confidence >= 0.9 for field in told] == [False, True]
    mended, _ = fused([zone, ocr(F.FULL_NAME, "NGUYỄN TH! MINH ÁNH", 0.95)], POLICY)
    assert (mended.text, mended.confidence < 0.9) == ("NGUYỄN THI MINH ÁNH", True)


@pytest.mark.parametrize(
    ("residence", "rest", "text", "normal"),
    [
        ("Số 1 Không thời hạn Phường 5, Gò Vấp", "Số 1 Phường 5, Gò Vấp", NO_EXPIRY, None),
        ("Khôngthời han Phường 5, Gò Vấp", "Phường 5, Gò Vấp", NO_EXPIRY, None),
        (
            "Số 1, 25/08/2030 Phường 5, Gò Vấp",
            "Số 1 Phường 5, Gò Vấp",
            "25/08/2030",
            date(2030, 8, 25),
        ),
        ("Số 1, Phường 5, Gò Vấp", "Số 1, Phường 5, Gò Vấp", None, None),
    ],
)
def test_an_expiry_that_ran_into_the_address_is_given_back(
    residence: str, rest: str, text: str | None, normal: date | None
) -> None:
    read = {
        F.RESIDENCE: ocr(F.RESIDENCE, residence, 0.8),
        F.EXPIRY_DATE: ocr(F.EXPIRY_DATE, None, 0.0),
    }
    parted = unstuck(read)
    assert parted[F.RESIDENCE].text == rest
    assert (parted[F.EXPIRY_DATE].text, parted[F.EXPIRY_DATE].normal) == (text, normal)


BORN = ocr(F.BIRTH_DATE, "25/08/1990", 0.95, date(1990, 8, 25))
FEMALE = ocr(F.SEX, "Nữ", 0.95, Sex.FEMALE)


def test_a_digit_of_the_number_follows_from_birth_and_sex() -> None:
    fields = {F.NUMBER: ocr(F.NUMBER, "001186000017", 0.5), F.BIRTH_DATE: BORN, F.SEX: FEMALE}
    assert repaired(fields, kinds.CHIP)[F.NUMBER].text == "001186000017"  # two of three differ
    fields[F.NUMBER] = ocr(F.NUMBER, "001180000017", 0.5)
    assert repaired(fields, kinds.CHIP)[F.NUMBER].text == "001190000017"
    fields[F.NUMBER] = ocr(F.NUMBER, "001180000017", 0.95)
    assert repaired(fields, kinds.CHIP)[F.NUMBER].text == "001180000017"  # sure: it contradicts


def test_an_expiry_no_law_gives_is_mended_when_unsure_and_left_when_sure() -> None:
    misread = ocr(F.EXPIRY_DATE, "25/03/2030", 0.5, date(2030, 3, 25))
    fields = {F.BIRTH_DATE: BORN, F.EXPIRY_DATE: misread}
    mended = repaired(fields, kinds.CHIP)[F.EXPIRY_DATE]
    assert (mended.text, mended.normal) == ("25/08/2030", date(2030, 8, 25))
    fields[F.EXPIRY_DATE] = ocr(F.EXPIRY_DATE, "25/03/2030", 0.97, date(2030, 3, 25))
    assert repaired(fields, kinds.CHIP)[F.EXPIRY_DATE].text == "25/03/2030"


def test_the_rules_of_citizen_cards_mend_no_passport_and_no_licence() -> None:
    expiry = ocr(F.EXPIRY_DATE, "14/05/2029", 0.5, date(2029, 5, 14))
    fields = {
        F.NUMBER: ocr(F.NUMBER, "010123456789", 0.5),
        F.BIRTH_DATE: BORN,
        F.SEX: FEMALE,
        F.EXPIRY_DATE: expiry,
    }
    for kind in (kinds.PASSPORT, kinds.LICENCE):
        assert repaired(fields, kind) == fields


@pytest.mark.parametrize(
    ("surname", "mended"),
    [("UI", "BUI"), ("BUL", "BUI"), ("PHAM", "PHAM")],  # what is another name stays as it is
)
def test_a_slip_in_the_zones_surname_is_mended_by_the_printed_name(
    surname: str, mended: str
) -> None:
    fields = repaired(
        {
            F.FULL_NAME: ocr(F.FULL_NAME, "BÙI HOÀNG MỸ LIÊN", 0.9),
            F.SURNAME: claim(F.SURNAME, surname, 0.5, Source.MRZ),
            F.GIVEN_NAMES: claim(F.GIVEN_NAMES, "HOANG MY LIEN", 0.5, Source.MRZ),
        },
        kinds.PASSPORT,
    )
    assert fields[F.SURNAME].text == mended
    assert fields[F.GIVEN_NAMES].text == "HOANG MY LIEN"


def test_a_zones_name_is_unsure_where_a_qr_would_have_told_its_marks() -> None:
    mrz = MrzReading(
        parse_td1(mrz_lines(PERSON)) or pytest.fail("no zone"),
        0.99,
        dict.fromkeys(TD1_GUARDED, 0.99),
    )
    told = [
        fuse({}, None, mrz, kinds.CC2024, POLICY, qr_due=due)[0][F.FULL_NAME].confidence
        for due in (False, True)
    ]
    assert told == [0.99, 0.5]
