"""Two sides of one document: each completed by the other's codes, the rules of the whole, and whether both name one person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from pipelines import rule_words as words
from pipelines.check_rules import Evidence, check_rules
from pipelines.fusion import contradiction, fused
from pipelines.normalise import normalised
from pipelines.types import (
    Concern,
    ConcernKind,
    Field,
    FieldName,
    Outcome,
    Policy,
    Reading,
    RuleCheck,
    RuleName,
    Side,
    Source,
)
from pipelines.validation import contradicted, of_values

SIDES_COMPARED = "front/back"
"""`where` of what is said about the two sides together."""
IDENTITY = (
    FieldName.NUMBER,
    FieldName.FULL_NAME,
    FieldName.BIRTH_DATE,
    FieldName.SEX,
    FieldName.EXPIRY_DATE,
)
"""What both sides say of their holder, printed or in a code. The day of issue, in the QR of a front and on the back, tells
documents apart, and not people."""


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """Both sides after they were held together; the concerns are those of the pair alone."""

    front: Reading
    back: Reading
    rules: tuple[RuleCheck, ...]
    concerns: tuple[Concern, ...]


def match_sides(front: Reading, back: Reading, policy: Policy, today: date) -> Pair:
    """Complete, check and compare two sides. Sides of two people or two kinds of document complete nothing."""
    apart = _contradictions(front, back, policy)
    same_kind = front.document.kind is back.document.kind
    sure = [side.margin >= policy.sure_margin for side in (front, back)]
    if same_kind and not apart:
        front, back = (
            _completed(one, other, policy, today) for one, other in ((front, back), (back, front))
        )
    documents = [check for check in apart if check.rule is RuleName.SAME_DOCUMENT]
    rules = (
        *(documents if same_kind and documents else [_same_document(same_kind, all(sure))]),
        *_same_holder(front, back, [check for check in apart if check not in documents]),
    )
    concerns = [
        Concern(ConcernKind.CONTRADICTION, SIDES_COMPARED, c.fields[0].value) for c in apart
    ]
    if not same_kind and all(sure):
        concerns.append(Concern(ConcernKind.CONTRADICTION, SIDES_COMPARED, "document"))
    elif not same_kind:
        concerns.append(Concern(ConcernKind.UNREADABLE_FIELDS, "document"))
    else:
        known = {check.rule for check in rules}
        whole = check_rules(_evidence(front, back, policy, any(sure)), policy, today)
        told = {*_failed(front.rules), *_failed(back.rules)}
        concerns += contradicted([c for c in whole if (c.rule, c.fields) not in told])
        rules = (*(check for check in whole if check.rule not in known), *rules)
    return Pair(front, back, rules, tuple(concerns))


def _failed(rules: Sequence[RuleCheck]) -> list[tuple[RuleName, tuple[FieldName, ...]]]:
    return [(check.rule, check.fields) for check in rules if check.outcome is Outcome.FAIL]


def _contradictions(front: Reading, back: Reading, policy: Policy) -> list[RuleCheck]:
    """A failed check for each field of both that the two sides surely tell differently."""
    holder, document = RuleName.SAME_HOLDER, RuleName.SAME_DOCUMENT
    verdicts = dict.fromkeys(IDENTITY, (holder, words.FAILED[holder]))
    verdicts[FieldName.ISSUE_DATE] = (document, words.TWO_ISSUES)
    return [
        RuleCheck(
            rule,
            Outcome.FAIL,
            (name,),
            reason,
            words.SEND_BOTH_SIDES,
            f"front {front.fields[name].source}/back {back.fields[name].source}",
        )
        for name, (rule, reason) in verdicts.items()
        if name in front.fields
        and name in back.fields
        and contradiction(front.fields[name], back.fields[name], policy)
        and not (name is FieldName.ISSUE_DATE and _slip(front.fields[name], back.fields[name]))
    ]


def _slip(a: Field, b: Field) -> bool:
    """Do two days differ in one digit? A back prints its day of issue once, and nobody looks twice before a pair is told to
    be none: a reader takes one digit for another more often than two cards are issued on days so alike."""
    return sum(x != y for x, y in zip(a.text or "", b.text or "", strict=False)) == 1


def _same_document(same: bool, sure: bool) -> RuleCheck:
    """Two kinds make two documents where each is surely told from its next likeliest."""
    rule = RuleName.SAME_DOCUMENT
    if not same and not sure:
        reason, hint = words.UNREADABLE, words.SEND_BOTH_SIDES
        return RuleCheck(rule, Outcome.NOT_ASSESSED, (), reason, hint, SIDES_COMPARED)
    if same:
        return RuleCheck(rule, Outcome.PASS, (), words.PASSED[rule], where=SIDES_COMPARED)
    return RuleCheck(
        rule, Outcome.FAIL, (), words.FAILED[rule], words.SEND_BOTH_SIDES, SIDES_COMPARED
    )


def _same_holder(front: Reading, back: Reading, apart: Sequence[RuleCheck]) -> list[RuleCheck]:
    rule = RuleName.SAME_HOLDER
    if apart:
        return list(apart)
    told = [{n for n, field in side.fields.items() if field.text} for side in (front, back)]
    compared = tuple(name for name in IDENTITY if all(name in names for names in told))
    if compared:
        reason = words.PASSED[rule]
        return [RuleCheck(rule, Outcome.PASS, compared, reason, where=SIDES_COMPARED)]
    hint = words.SHOOT_AGAIN[Side.BACK]
    return [RuleCheck(rule, Outcome.NOT_ASSESSED, (), words.UNREADABLE, hint, where=SIDES_COMPARED)]


def _completed(side: Reading, other: Reading, policy: Policy, today: date) -> Reading:
    """The side with what it prints told by the other's codes too: a name unreadable on the front of 2024 stands in the QR
    of the back. Addresses are looked up again, for the day of issue may stand on the other side alone. What is warned of is
    what the values say now."""
    fields = dict(side.fields)
    for name in side.document.fields:
        code = other.fields.get(name)
        if code is not None and code.text is not None and code.source is not Source.OCR:
            fields[name], _ = fused([code, fields[name]], policy)
    days = (fields.get(FieldName.ISSUE_DATE), other.fields.get(FieldName.ISSUE_DATE))
    issued = next((day for day in days if day and day.text), None)
    dated = {**fields, **({FieldName.ISSUE_DATE: issued} if issued else {})}
    looked_up = normalised(dated, side.document.kind)
    fields = {name: looked_up[name] for name in fields}
    before, now = (
        of_values(side.document, told, side.rules, policy, today) for told in (side.fields, fields)
    )
    kept = [concern for concern in side.concerns if concern not in before]
    return replace(side, fields=MappingProxyType(fields), concerns=(*kept, *now))


def _evidence(front: Reading, back: Reading, policy: Policy, sure_kind: bool) -> Evidence:
    sides = (front, back)
    valid = [side.mrz_valid for side in sides if side.document.mrz_zone is not None]
    sources = {source.value for source in Source}
    return Evidence(
        kind=front.document.kind,
        fields=_both(front.fields, back.fields, policy),
        sure_kind=sure_kind,
        mrz=next((v for v in valid if v is not None), None),
        mrz_due=bool(valid),
        against=[
            concern
            for side in sides
            for concern in side.concerns
            if concern.kind is ConcernKind.CONTRADICTION and {*concern.where.split("/")} <= sources
        ],
    )


def _both(
    front: Mapping[FieldName, Field], back: Mapping[FieldName, Field], policy: Policy
) -> Mapping[FieldName, Field]:
    """Every field of either side; of a field of both, what the more trusted source says."""
    shared = {n: fused([back[n], front[n]], policy)[0] for n in front if n in back}
    return {**back, **front, **shared}
