from datetime import date

import pytest

from pipelines.check_rules import Evidence, check_rules
from pipelines.documents import kinds
from pipelines.normalise import normalised
from pipelines.types import (
    NO_EXPIRY,
    Concern,
    ConcernKind,
    DocumentKind,
    Field,
    FieldName,
    Normal,
    Outcome,
    Policy,
    RuleCheck,
    RuleName,
    Sex,
    Side,
    Source,
)

F, R = FieldName, RuleName
TODAY = date(2026, 1, 1)
CHIP = {
    F.NUMBER: "001190000017",
    F.BIRTH_DATE: date(1990, 8, 25),
    F.SEX: Sex.FEMALE,
    F.ISSUE_DATE: date(2021, 4, 25),
    F.EXPIRY_DATE: date(2030, 8, 25),
    F.ISSUER: "CỤC TRƯỞNG CỤC CẢNH SÁT QUẢN LÝ HÀNH CHÍNH VỀ TRẬT TỰ XÃ HỘI",
}
"""A made-up holder."""


def field(name: FieldName, value: Normal, confidence: float = 0.95) -> Field:
    text = f"{value:%d/%m/%Y}" if isinstance(value, date) else None if value is None else str(value)
    normal = value if isinstance(value, date | Sex) or name is F.NUMBER else None
    return Field(name, text, confidence, Source.OCR, normal)


def judge(
    values: dict[FieldName, Normal],
    kind: DocumentKind = kinds.CHIP,
    *,
    confidence: float = 0.95,
    **more: object,
) -> dict[RuleName, RuleCheck]:
    fields = normalised({n: field(n, v, confidence) for n, v in values.items()}, kind)
    checks = check_rules(Evidence(kind, fields, **more), Policy(), TODAY)  # type: ignore[arg-type]
    return {check.rule: check for check in checks}


def test_one_kinds_law_accuses_no_card_that_may_be_of_another_kind() -> None:
    early = {**CHIP, F.ISSUE_DATE: date(2018, 4, 25)}
    assert judge(early)[R.ISSUE_WINDOW].outcome is Outcome.FAIL
    assert judge(early, sure_kind=False)[R.ISSUE_WINDOW].outcome is Outcome.NOT_ASSESSED


def test_a_lawful_card_passes_every_rule() -> None:
    told = judge(CHIP, mrz=True, mrz_certain=True, mrz_due=True)
    passed = {rule for rule, check in told.items() if check.outcome is Outcome.PASS}
    assert passed == {
        R.NUMBER_FORM,
        R.NUMBER_PROVINCE,
        R.NUMBER_SEX,
        R.NUMBER_BIRTH_YEAR,
        R.MRZ_CHECK_DIGITS,
        R.DATE_ORDER,
        R.AGE_AT_ISSUE,
        R.EXPIRY_RULE,
        R.NOT_EXPIRED,
        R.ISSUE_WINDOW,
        R.ISSUER,
    }
    assert told[R.SOURCES_AGREE].outcome is Outcome.NOT_ASSESSED


@pytest.mark.parametrize(
    ("changed", "rule"),
    [
        ({F.NUMBER: "00119000001"}, R.NUMBER_FORM),
        ({F.SEX: Sex.MALE}, R.NUMBER_SEX),
        ({F.BIRTH_DATE: date(1991, 8, 25)}, R.NUMBER_BIRTH_YEAR),
        ({F.EXPIRY_DATE: date(2031, 8, 25)}, R.EXPIRY_RULE),
        ({F.EXPIRY_DATE: NO_EXPIRY}, R.EXPIRY_RULE),
        ({F.EXPIRY_DATE: date(2021, 4, 24)}, R.DATE_ORDER),
        ({F.ISSUE_DATE: date(2026, 4, 25)}, R.DATE_ORDER),
        ({F.ISSUE_DATE: date(2018, 4, 25)}, R.ISSUE_WINDOW),
        ({F.ISSUE_DATE: date(2004, 4, 25)}, R.AGE_AT_ISSUE),
        ({F.ISSUER: "BỘ CÔNG AN"}, R.ISSUER),
        ({F.EXPIRY_DATE: date(2025, 8, 25)}, R.NOT_EXPIRED),
    ],
)
def test_what_contradicts_fails_and_says_so(
    changed: dict[FieldName, Normal], rule: RuleName
) -> None:
    check = judge({**CHIP, **changed})[rule]
    assert check.outcome is Outcome.FAIL
    assert check.reason.vi != check.reason.en
    assert check.hint is not None


@pytest.mark.parametrize("name", list(CHIP))
def test_what_is_unreadable_never_fails(name: FieldName) -> None:
    told = judge({**CHIP, name: None}, mrz_due=True)
    assert Outcome.FAIL not in {check.outcome for check in told.values()}
    asked = [c for c in told.values() if name in c.fields and c.outcome is Outcome.NOT_ASSESSED]
    assert asked
    assert all(check.hint is not None for check in asked)


def test_what_is_read_wrongly_but_not_surely_never_fails() -> None:
    wrong = {**CHIP, F.SEX: Sex.MALE, F.EXPIRY_DATE: date(2031, 8, 25), F.NUMBER: "00119000001"}
    told = judge(wrong, confidence=0.7, mrz=False, mrz_due=True)
    assert Outcome.FAIL not in {check.outcome for check in told.values()}


def test_the_hint_names_the_side_to_photograph_again() -> None:
    check = judge({**CHIP, F.ISSUE_DATE: None}, side=Side.BACK)[R.ISSUE_WINDOW]
    assert check.hint is not None
    assert check.hint.vi == "Chụp lại mặt sau, tránh loá"
    assert "back" in check.hint.en


def test_a_birth_registered_abroad_is_no_forgery() -> None:
    told = judge({**CHIP, F.NUMBER: "101190000017"})
    assert told[R.NUMBER_PROVINCE].outcome is Outcome.NOT_ASSESSED
    assert told[R.NUMBER_FORM].outcome is Outcome.PASS


@pytest.mark.parametrize(
    ("number", "birth_place", "outcome"),
    [
        ("079", "Phường Xuân La, Quận Tây Hồ, Thành phố Hà Nội", Outcome.FAIL),
        ("093", "Phường Cái Khế, Quận Ninh Kiều, Thành phố Cần Thơ", Outcome.NOT_ASSESSED),
        ("011", "Phường Tân Phong, Thành phố Lai Châu, Tỉnh Lai Châu", Outcome.NOT_ASSESSED),
        ("067", "Xã Ea Nuôl, Huyện Buôn Đôn, Tỉnh Đắk Lắk", Outcome.NOT_ASSESSED),
        ("001", "Phường Ngô Quyền, Thành phố Vĩnh Yên, Tỉnh Vĩnh Phúc", Outcome.NOT_ASSESSED),
        ("001", "Thạch Thất, Hà Tây", Outcome.NOT_ASSESSED),
        ("051", "Huyện Đức Phổ, Tỉnh Nghĩa Bình", Outcome.NOT_ASSESSED),
        ("064", "Thị xã Pleiku, Tỉnh Gia Lai - Kon Tum", Outcome.NOT_ASSESSED),
        ("084", "Huyện Càng Long, Tỉnh Cửu Long", Outcome.NOT_ASSESSED),
        ("036", "Huyện Hải Hậu, Tỉnh Hà Nam Ninh", Outcome.NOT_ASSESSED),
        ("025", "Huyện Phong Châu, Tỉnh Vĩnh Phú", Outcome.NOT_ASSESSED),
    ],
)
def test_a_province_that_was_split_or_joined_accuses_nobody_born_there(
    number: str, birth_place: str, outcome: Outcome
) -> None:
    values = {
        F.NUMBER: f"{number}190000017",
        F.BIRTH_PLACE: birth_place,
        F.ISSUE_DATE: date(2024, 9, 1),
    }
    assert judge(values, kinds.CC2024)[R.NUMBER_BIRTH_PLACE].outcome is outcome


@pytest.mark.parametrize(
    ("birth_place", "issued", "outcome"),
    [
        ("Xã Long Hậu, Huyện Cần Giuộc, Tỉnh Long An", date(2024, 9, 1), Outcome.PASS),
        ("Xã Cần Giuộc, Tỉnh Tây Ninh", date(2025, 9, 1), Outcome.PASS),
        ("Phường Sài Gòn, Thành phố Hồ Chí Minh", date(2025, 9, 1), Outcome.FAIL),
        ("Xuân La, Tây Hồ, Hà Nội", date(2024, 9, 1), Outcome.FAIL),
        ("chỗ nào đó", date(2024, 9, 1), Outcome.NOT_ASSESSED),
    ],
)
def test_the_number_names_the_province_of_birth_through_the_merger(
    birth_place: str, issued: date, outcome: Outcome
) -> None:
    """080 is Long An, since July 2025 part of Tây Ninh."""
    values = {F.NUMBER: "080190000017", F.BIRTH_PLACE: birth_place, F.ISSUE_DATE: issued}
    assert judge(values, kinds.CC2024)[R.NUMBER_BIRTH_PLACE].outcome is outcome


def test_old_cards_ended_with_2024() -> None:
    values = {F.NUMBER: "012345678", F.BIRTH_DATE: date(1970, 1, 1)}
    told = judge(values, kinds.CMND9)
    assert told[R.NOT_EXPIRED].outcome is Outcome.FAIL
    assert told[R.NUMBER_FORM].outcome is Outcome.PASS
    assert R.NUMBER_SEX not in told


def test_a_licence_number_is_no_personal_number() -> None:
    """Plastic licences came in July 2012."""
    values = {F.NUMBER: "010123456789", F.BIRTH_DATE: date(1990, 1, 1), F.SEX: Sex.FEMALE}
    told = judge({**values, F.ISSUE_DATE: date(2012, 9, 3)}, kinds.LICENCE)
    assert told[R.NUMBER_FORM].outcome is Outcome.PASS
    assert told[R.ISSUE_WINDOW].outcome is Outcome.PASS
    assert not {R.NUMBER_SEX, R.NUMBER_BIRTH_YEAR, R.EXPIRY_RULE} & set(told)


@pytest.mark.parametrize(
    ("number", "expires", "form", "term"),
    [
        ("B1234567", date(2029, 5, 14), Outcome.PASS, Outcome.PASS),
        ("P00123456", date(2024, 5, 14), Outcome.PASS, Outcome.PASS),
        ("D0012345", date(2022, 5, 14), Outcome.PASS, Outcome.PASS),  # diplomatic: up to five years
        ("12345678", date(2029, 5, 14), Outcome.FAIL, Outcome.PASS),
        ("B1234567", date(2027, 5, 14), Outcome.PASS, Outcome.FAIL),
    ],
)
def test_passports(number: str, expires: date, form: Outcome, term: Outcome) -> None:
    values = {F.NUMBER: number, F.ISSUE_DATE: date(2019, 5, 14), F.EXPIRY_DATE: expires}
    told = judge(values, kinds.PASSPORT)
    assert (told[R.NUMBER_FORM].outcome, told[R.EXPIRY_RULE].outcome) == (form, term)


def test_each_pair_of_sources_that_contradict_is_named() -> None:
    against = (Concern(ConcernKind.CONTRADICTION, "qr/mrz", "number"),)
    check = judge(CHIP, against=against)[R.SOURCES_AGREE]
    assert (check.outcome, check.where, check.fields) == (Outcome.FAIL, "qr/mrz", (F.NUMBER,))


def test_an_issuer_that_follows_from_the_law_is_marked() -> None:
    fields = normalised({F.ISSUER: field(F.ISSUER, None)}, kinds.CHIP)
    issuer = fields[F.ISSUER]
    assert issuer.text is None
    assert getattr(issuer.normal, "inferred", None) is True
    assert normalised({F.ISSUER: field(F.ISSUER, None)}, kinds.CMND9)[F.ISSUER].normal is None
