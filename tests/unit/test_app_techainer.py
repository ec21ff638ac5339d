"""Techainer's rules where its document leaves room: id_logic, id_check, addresses, absent values."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from app.dialects.sides import with_moved_fields
from app.dialects.techainer.render import side, validate
from models.types import LineReading, Quad, TextLine
from pipelines.match_sides import SIDES_COMPARED
from pipelines.types import (
    NO_EXPIRY,
    Agreement,
    Concern,
    ConcernKind,
    DocumentClass,
    Field,
    FieldName,
    Sex,
    Source,
)
from tests.fakes import (
    CHIP_BACK,
    CHIP_FRONT,
    CMND_FRONT,
    LICENCE,
    NEW_BACK,
    NEW_FRONT,
    PASSPORT,
    N,
    field_of,
    reading,
)

FRONT = dict(reading(CHIP_FRONT).fields)


def changed(name: FieldName, text: str | None, normal: object = None) -> dict[FieldName, Field]:
    return FRONT | {name: field_of(name, text, normal)}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (FRONT, "OK"),
        (changed(N.NUMBER, None), "ID LENGTH IS NOT VALID"),
        (changed(N.NUMBER, "00119000"), "ID LENGTH IS NOT VALID"),
        (changed(N.NUMBER, "001990000017"), "Not match sex code"),
        (changed(N.SEX, "Nam", Sex.MALE), "Not match sex code"),
        (changed(N.BIRTH_DATE, "25/08/1991", date(1991, 8, 25)), "Not match year code"),
        (
            changed(N.EXPIRY_DATE, "25/09/2030", date(2030, 9, 25)),
            "Expiry subtract birthday not good",
        ),
        (changed(N.EXPIRY_DATE, NO_EXPIRY), "OK"),
        (changed(N.BIRTH_DATE, None), "OK"),
    ],
)
def test_id_logic(fields: dict[FieldName, Field], message: str) -> None:
    told = validate(replace(reading(CHIP_FRONT), fields=fields))
    assert told["id_logic_message"] == message
    assert told["id_logic"] == (1 if message == "OK" else 0)


def test_expired_card() -> None:
    told = validate(reading(CHIP_FRONT, Concern(ConcernKind.EXPIRED, "front")))
    assert (told["id_logic"], told["id_logic_message"]) == (0, "ID is expired")
    forged = changed(N.BIRTH_DATE, "25/08/1991", date(1991, 8, 25))
    told = validate(
        replace(reading(CHIP_FRONT, Concern(ConcernKind.EXPIRED, "front")), fields=forged)
    )
    assert told["id_logic_message"] == "Not match year code"  # what is contradicted comes first
    back = side(reading(CHIP_BACK, Concern(ConcernKind.EXPIRED, "back")))
    assert back["ngay_het_han"]["is_valid"] is False


@pytest.mark.parametrize(
    ("agreement", "concerns", "word"),
    [
        (Agreement.AGREE, [], "REAL"),
        (Agreement.SINGLE, [], "N/A"),
        (Agreement.CONTRADICT, [], "FAKE"),
        (Agreement.AGREE, [Concern(ConcernKind.CLIPPED, "front")], "CORNER"),
        (Agreement.AGREE, [Concern(ConcernKind.CUT_CORNER, "card")], "CORNER"),
        (Agreement.AGREE, [Concern(ConcernKind.PUNCHED, "card")], "PUNCH"),
        (Agreement.AGREE, [Concern(ConcernKind.PHOTOCOPY, "card")], "BW"),
        (Agreement.AGREE, [Concern(ConcernKind.TAMPERED, "card")], "FAKE"),
    ],
)
def test_id_check(agreement: Agreement, concerns: list[Concern], word: str) -> None:
    number = Field(N.NUMBER, "001190000017", 0.9, Source.OCR, "001190000017", agreement)
    card = replace(reading(CHIP_FRONT, *concerns), fields=FRONT | {N.NUMBER: number})
    told = validate(card)
    assert told["id_check"] == word


@pytest.mark.parametrize(
    ("document", "number", "message"),
    [
        (CMND_FRONT, "012345678", "OK"),
        (CMND_FRONT, "0123456789", "ID LENGTH IS NOT VALID"),
        (PASSPORT, "B1234567", "OK"),
        (PASSPORT, "P00123456", "OK"),
        (PASSPORT, "12345678", "ID LENGTH IS NOT VALID"),
        (LICENCE, "790123456789", "OK"),
    ],
)
def test_id_logic_by_kind_of_number(document: DocumentClass, number: str, message: str) -> None:
    fields = {N.NUMBER: field_of(N.NUMBER, number, number)}
    assert validate(replace(reading(document), fields=fields))["id_logic_message"] == message


@pytest.mark.parametrize(
    ("line", "confidences"),
    [
        ("Số / No.: 001190000017", [0.5] * 10 + [0.9] * 11 + [0.4]),
        ("001 190 000 017", [0.9] * 14 + [0.4]),
    ],
)
def test_each_digit_has_its_own_confidence(line: str, confidences: list[float]) -> None:
    read = LineReading(line, np.array(confidences, np.float32))
    card = replace(reading(CHIP_FRONT), lines=(TextLine(read, Quad.of_box(0, 0, 10, 10)),))
    assert validate(card)["idconf"] == [0.9] * 11 + [0.4]


@pytest.mark.parametrize(
    ("text", "ward", "district", "province"),
    [
        ("Xuân La, Tây Hồ, Hà Nội", "XUÂN LA", "TÂY HỒ", "HÀ NỘI"),
        ("Phường Tây Hồ, Hà Nội", "PHƯỜNG TÂY HỒ", "N/A", "HÀ NỘI"),
        ("Số 1, Phường Tây Hồ, Hà Nội", "PHƯỜNG TÂY HỒ", "N/A", "HÀ NỘI"),
        ("Tổ 2, Xã A, Huyện B, Lào Cai", "XÃ A", "HUYỆN B", "LÀO CAI"),
        ("Lào Cai", "N/A", "N/A", "LÀO CAI"),
        (None, "N/A", "N/A", "N/A"),
    ],
)
def test_address(text: str | None, ward: str, district: str, province: str) -> None:
    fields = changed(N.ORIGIN, text)
    told = side(replace(reading(CHIP_FRONT), fields=fields))["nguyen_quan"]["normalized"]
    assert [told[u]["value"] for u in ("xa", "huyen", "tinh")] == [ward, district, province]
    assert {told[u]["code"] for u in ("xa", "huyen", "tinh")} == {-1}


def test_nothing_readable_keeps_every_word() -> None:
    """All values absent, all numbers -1, and not one key fewer."""
    whole = side(reading(CHIP_FRONT))
    empty = side(reading(CHIP_FRONT, absent=CHIP_FRONT.fields))
    assert _keys(empty) == _keys(whole)
    assert empty["ngay_sinh"]["normalized"]["year"] == {"value": -1}
    assert empty["gioi_tinh"]["normalized"] == {"value": -1}
    assert empty["quoc_tich"]["normalized"]["code2"] == -1
    assert empty["id"]["validate"]["idconf"] == []


def test_what_moved_to_the_back_in_2024_is_told_of_the_front_but_of_no_stranger() -> None:
    front, expired = reading(NEW_FRONT), Concern(ConcernKind.EXPIRED, "expiry_date")
    back = reading(NEW_BACK, expired)
    moved = side(with_moved_fields(front, back, ()))
    assert moved["ngay_het_han"]["value"] == "25/08/2030"
    assert moved["id"]["validate"]["id_logic_message"] == "ID is expired"
    strangers = Concern(ConcernKind.CONTRADICTION, SIDES_COMPARED, "number")
    own = side(with_moved_fields(front, back, [strangers]))
    assert (own["ngay_het_han"]["value"], own["ho_khau_thuong_tru"]["value"]) == ("N/A", "N/A")
    assert own["id"]["validate"]["id_logic_message"] == "OK"


def test_a_foreign_holder_of_a_licence() -> None:
    fields = {N.NATIONALITY: field_of(N.NATIONALITY, "Hàn Quốc", "KOR")}
    told = side(replace(reading(LICENCE), fields=reading(LICENCE).fields | fields))
    assert told["quoc_tich"]["normalized"]["code"] == "KOR"
    assert told["quoc_tich"]["normalized"]["code2"] == "KR"


def test_no_expiry() -> None:
    back = reading(CHIP_BACK)
    fields = dict(back.fields) | {N.EXPIRY_DATE: field_of(N.EXPIRY_DATE, NO_EXPIRY)}
    told = side(replace(back, fields=fields))["ngay_het_han"]
    assert (told["value"], told["is_valid"]) == ("KHÔNG THỜI HẠN", True)
    assert told["normalized"]["value"] == "N/A"


def _keys(value: object) -> object:
    return {k: _keys(v) for k, v in value.items()} if isinstance(value, dict) else None
