from dataclasses import replace
from datetime import date

import pytest

from pipelines.match_sides import Pair, match_sides
from pipelines.types import (
    Concern,
    ConcernKind,
    Field,
    FieldName,
    Normal,
    Outcome,
    Place,
    Policy,
    Reading,
    RuleName,
    Sex,
    Source,
)
from tests.fakes import CHIP_BACK, CHIP_FRONT, NEW_BACK, NEW_FRONT, reading

F = FieldName
TODAY = date(2026, 1, 1)
NAME = "NGUYỄN THỊ MINH ÁNH"
OF_QR: dict[FieldName, tuple[str, Normal]] = {
    F.NUMBER: ("001190000017", "001190000017"),
    F.FULL_NAME: (NAME, NAME),
    F.BIRTH_DATE: ("25/08/1990", date(1990, 8, 25)),
    F.SEX: ("Nữ", Sex.FEMALE),
    F.RESIDENCE: ("Long Hậu, Cần Giuộc, Long An", None),
    F.ISSUE_DATE: ("05/07/2024", date(2024, 7, 5)),
}


def back_of(number: str = "001190000017") -> Reading:
    """The back of 2024 with everything its QR says."""
    told = {**OF_QR, F.NUMBER: (number, number)}
    codes = {n: Field(n, text, 1.0, Source.QR, normal) for n, (text, normal) in told.items()}
    back = reading(NEW_BACK)
    ministry = Field(F.ISSUER, "BỘ CÔNG AN", 0.98, Source.OCR)
    return replace(back, fields={**back.fields, **codes, F.ISSUER: ministry})


def expiry(year: int, confidence: float, source: Source) -> Field:
    return Field(F.EXPIRY_DATE, f"25/08/{year}", confidence, source, date(year, 8, 25))


def front_with(name: str | None, confidence: float, number: str = "001190000017") -> Reading:
    front = reading(NEW_FRONT)
    fields = {
        **front.fields,
        F.NUMBER: Field(F.NUMBER, number, 0.97, Source.OCR, number),
        F.FULL_NAME: Field(F.FULL_NAME, name, confidence, Source.OCR, name),
        F.BIRTH_DATE: Field(F.BIRTH_DATE, "25/08/1990", 0.97, Source.OCR, date(1990, 8, 25)),
        F.SEX: Field(F.SEX, "Nữ", 0.97, Source.OCR, Sex.FEMALE),
    }
    unread = () if name else (Concern(ConcernKind.UNREADABLE_FIELDS, "full_name"),)
    return replace(front, fields=fields, concerns=unread)


def outcome(pair: Pair, rule: RuleName) -> Outcome:
    return next(check.outcome for check in pair.rules if check.rule is rule)


def test_a_name_unreadable_on_the_front_of_2024_comes_from_the_qr_of_the_back() -> None:
    pair = match_sides(front_with(None, 0.0), back_of(), Policy(), TODAY)
    name = pair.front.fields[F.FULL_NAME]
    assert (name.text, name.source) == (NAME, Source.QR)
    assert pair.front.concerns == ()
    assert pair.concerns == ()
    assert outcome(pair, RuleName.SAME_HOLDER) is Outcome.PASS


def test_a_name_read_badly_is_repaired_by_the_qr() -> None:
    pair = match_sides(front_with("NGUYÊN TH1 MINH ANH", 0.6), back_of(), Policy(), TODAY)
    assert pair.front.fields[F.FULL_NAME].text == NAME
    assert pair.front.fields[F.FULL_NAME].seen[Source.OCR] == "NGUYÊN TH1 MINH ANH"


def test_a_number_misread_on_the_front_and_told_by_the_back_is_not_malformed() -> None:
    front = front_with(NAME, 0.95, "00119000017")
    number = replace(front.fields[F.NUMBER], confidence=0.3, normal=None)
    malformed = Concern(ConcernKind.BAD_NUMBER_FORMAT, "number")
    unread = Concern(ConcernKind.UNREADABLE_FIELDS, "number")
    front = replace(front, fields={**front.fields, F.NUMBER: number}, concerns=(unread, malformed))
    pair = match_sides(front, back_of(), Policy(), TODAY)
    assert pair.front.fields[F.NUMBER].text == "001190000017"
    assert pair.front.concerns == ()


@pytest.mark.parametrize(("printed", "told"), [(2020, 2030), (2030, 2020)])
def test_a_front_is_expired_where_the_expiry_told_by_the_back_is_past(
    printed: int, told: int
) -> None:
    expired = Concern(ConcernKind.EXPIRED, "expiry_date")
    front, back = (
        replace(side, fields={**side.fields, F.EXPIRY_DATE: day})
        for side, day in (
            (reading(CHIP_FRONT), expiry(printed, 0.7, Source.OCR)),
            (reading(CHIP_BACK), expiry(told, 0.99, Source.MRZ)),
        )
    )
    front = replace(front, concerns=(expired,) if printed < TODAY.year else ())
    completed = match_sides(front, back, Policy(), TODAY).front
    assert completed.concerns == ((expired,) if told < TODAY.year else ())


def test_sides_of_two_people_are_told_apart_and_complete_nothing() -> None:
    pair = match_sides(front_with(None, 0.0), back_of("001190000018"), Policy(), TODAY)
    assert pair.front.fields[F.FULL_NAME].text is None
    failed = [c for c in pair.rules if c.rule is RuleName.SAME_HOLDER]
    assert [(c.outcome, c.fields, c.where) for c in failed] == [
        (Outcome.FAIL, (F.NUMBER,), "front ocr/back qr")
    ]
    assert Concern(ConcernKind.CONTRADICTION, "front/back", "number") in pair.concerns


def test_sides_of_two_documents_are_told_apart() -> None:
    pair = match_sides(front_with(NAME, 0.95), reading(CHIP_BACK), Policy(), TODAY)
    assert outcome(pair, RuleName.SAME_DOCUMENT) is Outcome.FAIL
    assert Concern(ConcernKind.CONTRADICTION, "front/back", "document") in pair.concerns


def chip_pair(printed: str | None, confidence: float) -> tuple[Reading, Reading]:
    """The QR of the front says 25/04/2021; so says the back, or something else."""
    front, back = reading(CHIP_FRONT), reading(CHIP_BACK)
    day = date(*reversed([int(n) for n in printed.split("/")])) if printed else None
    told = Field(F.ISSUE_DATE, "25/04/2021", 1.0, Source.QR, date(2021, 4, 25))
    read = Field(F.ISSUE_DATE, printed, confidence, Source.OCR, day)
    return (
        replace(front, fields={**front.fields, F.ISSUE_DATE: told}),
        replace(back, fields={**back.fields, F.ISSUE_DATE: read}),
    )


def test_a_back_of_another_issue_is_another_document() -> None:
    pair = match_sides(*chip_pair("13/09/2022", 0.97), Policy(), TODAY)
    failed = [(c.rule, c.fields) for c in pair.rules if c.outcome is Outcome.FAIL]
    assert failed == [(RuleName.SAME_DOCUMENT, (F.ISSUE_DATE,))]
    assert outcome(pair, RuleName.SAME_HOLDER) is Outcome.PASS
    assert Concern(ConcernKind.CONTRADICTION, "front/back", "issue_date") in pair.concerns


@pytest.mark.parametrize(
    ("printed", "confidence"),
    [("13/09/2022", 0.85), ("25/04/2024", 0.97), ("25/04/2021", 0.97), (None, 0.0)],
)
def test_a_day_of_issue_that_may_be_misread_is_told_by_the_qr(
    printed: str | None, confidence: float
) -> None:
    pair = match_sides(*chip_pair(printed, confidence), Policy(), TODAY)
    assert outcome(pair, RuleName.SAME_DOCUMENT) is Outcome.PASS
    assert not [c for c in pair.concerns if c.kind is ConcernKind.CONTRADICTION]
    assert pair.back.fields[F.ISSUE_DATE].normal == date(2021, 4, 25)
    holder = next(c for c in pair.rules if c.rule is RuleName.SAME_HOLDER)
    assert F.ISSUE_DATE not in holder.fields


def test_kinds_that_are_not_sure_accuse_no_pair() -> None:
    """Another photo is asked for; and a day that one kind's law forbids may be lawful for the other's."""
    front = replace(front_with(NAME, 0.95), margin=0.05)
    pair = match_sides(front, reading(CHIP_BACK), Policy(), TODAY)
    assert outcome(pair, RuleName.SAME_DOCUMENT) is Outcome.NOT_ASSESSED
    assert pair.concerns == (Concern(ConcernKind.UNREADABLE_FIELDS, "document"),)
    for margin, judged in ((0.9, Outcome.FAIL), (0.05, Outcome.NOT_ASSESSED)):
        sides = [replace(side, margin=margin) for side in chip_pair("25/04/2021", 0.97)]
        early = Field(F.ISSUE_DATE, "25/04/2018", 0.97, Source.OCR, date(2018, 4, 25))
        sides = [replace(s, fields={**s.fields, F.ISSUE_DATE: early}) for s in sides]
        assert outcome(match_sides(*sides, Policy(), TODAY), RuleName.ISSUE_WINDOW) is judged


def test_rules_that_need_both_sides_are_judged_on_both() -> None:
    """The front of 2024 has no day of issue; the back alone prints no sex."""
    pair = match_sides(front_with(NAME, 0.95), back_of(), Policy(), TODAY)
    for rule in (RuleName.NUMBER_SEX, RuleName.DATE_ORDER, RuleName.ISSUE_WINDOW):
        assert outcome(pair, rule) is Outcome.PASS


def test_an_address_is_looked_up_for_the_day_of_issue_on_the_other_side() -> None:
    pair = match_sides(front_with(NAME, 0.95), back_of(), Policy(), TODAY)
    place = pair.back.fields[F.RESIDENCE].normal
    assert isinstance(place, Place)
    assert place.ward is not None
    assert place.ward.code == "28168"
