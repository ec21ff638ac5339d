"""Every rule of the law that a document's own values can prove or deny.

A rule fails only on values that were read surely; what cannot be read, or is not sure, is not assessed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from pipelines import rule_words as words
from pipelines.machine_codes import MrzReading
from pipelines.parsing.expiry import birthday, is_lawful
from pipelines.parsing.joint_provinces import akin, made_of
from pipelines.parsing.numbers import LENGTH, OLD_LENGTH, personal_number
from pipelines.parsing.text import squash
from pipelines.types import (
    NO_EXPIRY,
    Bilingual,
    Concern,
    DocumentClass,
    DocumentKind,
    Field,
    FieldName,
    IssuePlace,
    NumberForm,
    Outcome,
    Place,
    Policy,
    RuleCheck,
    RuleName,
    Sex,
    Side,
    Validity,
)

F = FieldName
_WINDOW_SLACK = timedelta(days=31)
"""Provinces did not change over on one day: the windows and the issuers' dates are soft by a month."""
_PASSPORT_YEARS, _SHORT_PASSPORT = (5, 10), 5
"""Ordinary passports run five years or ten; any term up to five is lawful for official and diplomatic ones (one to five years)
and for those of the short procedure (up to one): Law 49/2019/QH14, article 7."""
_ANNIVERSARY_SLACK = timedelta(days=1)
"""A term ends on the anniversary or the day before it."""
_FIFTEEN = 15
_FORMS = MappingProxyType(
    {
        NumberForm.NINE_DIGITS: re.compile(rf"\d{{{OLD_LENGTH}}}"),
        NumberForm.PASSPORT: re.compile(r"[A-Z]\d{7,8}"),
        NumberForm.LICENCE: re.compile(rf"\d{{{LENGTH}}}"),
    }
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the rules are held against.

    Attributes:
        sure_kind: no other kind of document looks nearly as likely.
        side: of which one photo was read; None for both sides together.
        mrz: every check digit fits; None where there is no zone, or none was readable.
        mrz_due: the document prints one.
        against: contradictions between the sources of one field.
    """

    kind: DocumentKind
    fields: Mapping[FieldName, Field]
    sure_kind: bool = True
    side: Side | None = None
    mrz: bool | None = None
    mrz_certain: bool = False
    mrz_due: bool = False
    against: Sequence[Concern] = ()


def evidence_of(
    document: DocumentClass,
    fields: Mapping[FieldName, Field],
    mrz: MrzReading | None,
    against: Sequence[Concern],
    *,
    sure_kind: bool,
) -> Evidence:
    """Of one photographed side."""
    return Evidence(
        kind=document.kind,
        fields=fields,
        sure_kind=sure_kind,
        side=document.side,
        mrz=mrz.mrz.valid if mrz else None,
        mrz_certain=mrz is not None and mrz.mrz.certain,
        mrz_due=document.mrz_zone is not None,
        against=against,
    )


def check_rules(seen: Evidence, policy: Policy, today: date) -> tuple[RuleCheck, ...]:
    """The verdict on each rule that applies to this kind of document and to the fields this side (or both) carries."""
    court = _Court(seen, policy.contradiction_confidence, today)
    return tuple(check for rule in _RULES for check in rule(court))


def well_formed(form: NumberForm | None, number: str) -> bool:
    """Does a number have the length and structure of its kind of document? True for a kind of which none is known."""
    if form is NumberForm.PERSONAL:
        return personal_number(number) is not None
    return form is None or _FORMS[form].fullmatch(number) is not None


@dataclass(frozen=True, slots=True)
class _Court:
    seen: Evidence
    sure: float
    today: date

    def day(self, name: FieldName) -> date | None:
        normal = self._normal(name)
        return normal if isinstance(normal, date) else None

    def text(self, name: FieldName) -> str | None:
        field = self.seen.fields.get(name)
        return field.text if field and field.confidence >= self.sure else None

    def _normal(self, name: FieldName) -> object:
        """None where the field is not read surely."""
        field = self.seen.fields.get(name)
        return field.normal if field and field.text and field.confidence >= self.sure else None

    def sex(self) -> Sex | None:
        normal = self._normal(F.SEX)
        return normal if isinstance(normal, Sex) else None

    def place(self, name: FieldName) -> Place | None:
        normal = self._normal(name)
        return normal if isinstance(normal, Place) else None

    def holder(self) -> tuple[FieldName, str | None]:
        """The field with the holder's personal number, and the number when it is sure."""
        name = F.NUMBER if self.seen.kind.number is NumberForm.PERSONAL else F.PERSONAL_NUMBER
        return name, self.text(name)

    def has(self, *names: FieldName) -> bool:
        return all(name in self.seen.fields for name in names)

    def judged(self, rule: RuleName, holds: bool | None, *fields: FieldName) -> list[RuleCheck]:
        """`holds` is None where something is not sure."""
        if holds is None:
            return [self.open(rule, words.UNREADABLE, *fields)]
        if holds:
            return [RuleCheck(rule, Outcome.PASS, fields, words.PASSED[rule])]
        return [RuleCheck(rule, Outcome.FAIL, fields, words.FAILED[rule], words.LOOK_AT_ORIGINAL)]

    def open(self, rule: RuleName, reason: Bilingual, *fields: FieldName) -> RuleCheck:
        hint = words.retake(self.seen.side, fields)
        return RuleCheck(rule, Outcome.NOT_ASSESSED, fields, reason, hint)


def _number_form(court: _Court) -> list[RuleCheck]:
    form = court.seen.kind.number
    if form is None or not court.has(F.NUMBER):
        return []
    text = court.text(F.NUMBER)
    holds = None if text is None else well_formed(form, text)
    return court.judged(RuleName.NUMBER_FORM, holds, F.NUMBER)


def _number_facts(court: _Court) -> list[RuleCheck]:
    name, digits = court.holder()
    if not court.has(name) or court.seen.kind.number in (
        NumberForm.NINE_DIGITS,
        NumberForm.LICENCE,
    ):
        return []
    facts = personal_number(digits) if digits else None
    if digits and len(digits) != LENGTH:  # the nine digits of an earlier card
        return []
    checks = []
    if facts and not facts.known_province:
        checks.append(court.open(RuleName.NUMBER_PROVINCE, words.ABROAD, name))
    else:
        checks += court.judged(RuleName.NUMBER_PROVINCE, True if facts else None, name)
    sex, born = court.sex(), court.day(F.BIRTH_DATE)
    if court.has(F.SEX):
        holds = sex is facts.sex if facts and sex else None
        checks += court.judged(RuleName.NUMBER_SEX, holds, name, F.SEX)
    if court.has(F.BIRTH_DATE):
        year = born.year == facts.birth_year if facts and born else None
        checks += court.judged(RuleName.NUMBER_BIRTH_YEAR, year, name, F.BIRTH_DATE)
    return checks


def _birth_place(court: _Court) -> list[RuleCheck]:
    """The number's first digits are the province where the birth was registered (not the hometown).

    Another province fails it only where its whole name was read, which old and foreign provinces have not, and where no
    border between the two ever moved.
    """
    if court.seen.kind.number is not NumberForm.PERSONAL or not court.has(F.NUMBER, F.BIRTH_PLACE):
        return []
    digits, place = court.text(F.NUMBER), court.place(F.BIRTH_PLACE)
    facts = personal_number(digits) if digits else None
    holds = None
    if facts and facts.known_province and place and place.province:
        own, there = facts.province[1:], made_of(place.province.code, place.system)
        named = squash(place.province.short) in squash(court.text(F.BIRTH_PLACE) or "")
        if own in there:
            holds = True
        elif named and not any(akin(own, code) for code in there):
            holds = False
    return court.judged(RuleName.NUMBER_BIRTH_PLACE, holds, F.NUMBER, F.BIRTH_PLACE)


def _mrz(court: _Court) -> list[RuleCheck]:
    if not court.seen.mrz_due:
        return []
    holds = court.seen.mrz
    if holds is False and not court.seen.mrz_certain:
        holds = None  # what does not fit and is not sure was misread
    checks = court.judged(RuleName.MRZ_CHECK_DIGITS, holds)
    if holds is None:
        return [_on(check, court.seen.side or Side.BACK) for check in checks]
    return checks


def _on(check: RuleCheck, side: Side) -> RuleCheck:
    return RuleCheck(check.rule, check.outcome, check.fields, check.reason, words.SHOOT_AGAIN[side])


def _sources(court: _Court) -> list[RuleCheck]:
    """One verdict per contradicting pair; one for all where nothing contradicts."""
    rule = RuleName.SOURCES_AGREE
    if court.seen.against:
        hint = words.LOOK_AT_ORIGINAL
        return [
            RuleCheck(rule, Outcome.FAIL, (F(c.detail),), words.FAILED[rule], hint, c.where)
            for c in court.seen.against
        ]
    compared = tuple(name for name, field in court.seen.fields.items() if len(field.seen) > 1)
    if compared:
        return court.judged(rule, True, *compared)
    return [RuleCheck(rule, Outcome.NOT_ASSESSED, (), words.ONE_SOURCE)]


def _dates(court: _Court) -> list[RuleCheck]:
    names = (F.BIRTH_DATE, F.ISSUE_DATE, F.EXPIRY_DATE)
    born, issued, expires = (court.day(name) for name in names)
    here = tuple(name for name in names if court.has(name))
    if not here:
        return []
    pairs = [(born, issued), (issued, expires), (born, expires), (born, court.today)]
    known = [(a, b) for a, b in pairs if a and b]
    wrong = any(a >= b for a, b in known) or bool(issued and issued > court.today)
    holds = False if wrong else True if known or issued else None
    checks = court.judged(RuleName.DATE_ORDER, holds, *here)
    if court.seen.kind.youngest and court.has(F.BIRTH_DATE, F.ISSUE_DATE):
        of_age = issued >= birthday(born, court.seen.kind.youngest) if born and issued else None
        checks += court.judged(RuleName.AGE_AT_ISSUE, of_age, F.BIRTH_DATE, F.ISSUE_DATE)
    return checks


def _expiry(court: _Court) -> list[RuleCheck]:
    kind = court.seen.kind
    born, issued, expires = map(court.day, (F.BIRTH_DATE, F.ISSUE_DATE, F.EXPIRY_DATE))
    never = court.text(F.EXPIRY_DATE) == NO_EXPIRY
    if kind.validity is Validity.AGE and court.has(F.BIRTH_DATE, F.EXPIRY_DATE):
        holds = None
        if born and (expires or (never and issued)):
            holds = is_lawful(born, expires, issued)
        fields = (F.EXPIRY_DATE, F.BIRTH_DATE, *((F.ISSUE_DATE,) if issued else ()))
        return court.judged(RuleName.EXPIRY_RULE, holds, *fields)
    terms: tuple[int, ...] = (_FIFTEEN,) if kind.validity is Validity.FIFTEEN_YEARS else ()
    terms = _PASSPORT_YEARS if kind.number is NumberForm.PASSPORT else terms
    if not terms or not court.has(F.ISSUE_DATE, F.EXPIRY_DATE):
        return []
    holds = None
    if issued and expires:
        ends = [birthday(issued, years) for years in terms]
        holds = any(abs(end - expires) <= _ANNIVERSARY_SLACK for end in ends)
        if kind.number is NumberForm.PASSPORT:
            holds = holds or expires <= birthday(issued, _SHORT_PASSPORT)
    return court.judged(RuleName.EXPIRY_RULE, holds, F.EXPIRY_DATE, F.ISSUE_DATE)


def _in_date(court: _Court) -> list[RuleCheck]:
    rule, kind, today = RuleName.NOT_EXPIRED, court.seen.kind, court.today
    if kind.withdrawn and kind.withdrawn <= today:
        return [RuleCheck(rule, Outcome.FAIL, (), words.WITHDRAWN, words.ASK_FOR_ANOTHER)]
    ends, issued = court.day(F.EXPIRY_DATE), court.day(F.ISSUE_DATE)
    if ends is None and issued and kind.validity is Validity.FIFTEEN_YEARS:
        ends = birthday(issued, _FIFTEEN)
    if ends is None and not court.has(F.EXPIRY_DATE):
        return []
    never = court.text(F.EXPIRY_DATE) == NO_EXPIRY
    if ends and ends < today:
        reason = words.FAILED[rule]
        return [RuleCheck(rule, Outcome.FAIL, (F.EXPIRY_DATE,), reason, words.ASK_FOR_ANOTHER)]
    return court.judged(rule, True if ends or never else None, F.EXPIRY_DATE)


def _issue(court: _Court) -> list[RuleCheck]:
    if not court.has(F.ISSUE_DATE):
        return []
    kind, issued = court.seen.kind, court.day(F.ISSUE_DATE)
    if not court.seen.sure_kind:  # what one kind's law forbids may be lawful for the other
        issued = None
    within = _within(issued, *kind.issued) if issued else None
    checks = court.judged(RuleName.ISSUE_WINDOW, within, F.ISSUE_DATE)
    if not kind.issuers or not court.has(F.ISSUER):
        return checks
    signed = court.seen.fields[F.ISSUER].normal
    if not isinstance(signed, IssuePlace):
        return checks + court.judged(RuleName.ISSUER, None, F.ISSUER)
    if signed.inferred:
        return [*checks, court.open(RuleName.ISSUER, words.INFERRED, F.ISSUER)]
    windows = [(a, b) for issuer, a, b in kind.issuers if issuer is signed.kind]
    holds = any(issued is None or _within(issued, a, b) for a, b in windows)
    if not holds and (court.text(F.ISSUER) is None or not court.seen.sure_kind):
        return checks + court.judged(RuleName.ISSUER, None, F.ISSUER)
    return checks + court.judged(RuleName.ISSUER, holds, F.ISSUER, F.ISSUE_DATE)


def _within(day: date, first: date | None, last: date | None) -> bool:
    early = first is not None and day < first - _WINDOW_SLACK
    late = last is not None and day > last + _WINDOW_SLACK
    return not early and not late


_RULES: tuple[Callable[[_Court], list[RuleCheck]], ...] = (
    _number_form,
    _number_facts,
    _birth_place,
    _mrz,
    _sources,
    _dates,
    _expiry,
    _in_date,
    _issue,
)
