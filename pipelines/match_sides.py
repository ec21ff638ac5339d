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
from pipelines.validation import contradicted, unreadable

IDENTITY = (
    FieldName.NUMBER,
    FieldName.FULL_NAME,
    FieldName.BIRTH_DATE,
    FieldName.SEX,
    FieldName.EXPIRY_DATE,
)
"""What both sides say of their holder, printed or in a code."""


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
    if same_kind and not apart:
        front, back = _completed(front, back, policy), _completed(back, front, policy)
    rules = (_same_document(same_kind), *_same_holder(front, back, apart))
    concerns = [Concern(ConcernKind.CONTRADICTION, "front/back", c.fields[0].value) for c in apart]
    if not same_kind:
        concerns.append(Concern(ConcernKind.CONTRADICTION, "front/back", "document"))
    else:
        known = {check.rule for check in rules}
        whole = check_rules(_evidence(front, back, policy), policy, today)
        told = {*_failed(front.rules), *_failed(back.rules)}
        concerns += contradicted([c for c in whole if (c.rule, c.fields) not in told])
        rules = (*(check for check in whole if check.rule not in known), *rules)
    return Pair(front, back, rules, tuple(concerns))


def _failed(rules: Sequence[RuleCheck]) -> list[tuple[RuleName, tuple[FieldName, ...]]]:
    return [(check.rule, check.fields) for check in rules if check.outcome is Outcome.FAIL]


def _contradictions(front: Reading, back: Reading, policy: Policy) -> list[RuleCheck]:
    """A failed check for each identity field that the two sides surely tell differently."""
    return [
        RuleCheck(
            RuleName.SAME_HOLDER,
            Outcome.FAIL,
            (name,),
            words.FAILED[RuleName.SAME_HOLDER],
            words.SEND_BOTH_SIDES,
            f"front {front.fields[name].source}/back {back.fields[name].source}",
        )
        for name in _shared(front, back)
        if contradiction(front.fields[name], back.fields[name], policy)
    ]


def _shared(front: Reading, back: Reading) -> list[FieldName]:
    return [name for name in IDENTITY if name in front.fields and name in back.fields]


def _same_document(same: bool) -> RuleCheck:
    rule = RuleName.SAME_DOCUMENT
    if same:
        return RuleCheck(rule, Outcome.PASS, (), words.PASSED[rule], where="front/back")
    return RuleCheck(
        rule, Outcome.FAIL, (), words.FAILED[rule], words.SEND_BOTH_SIDES, "front/back"
    )


def _same_holder(front: Reading, back: Reading, apart: Sequence[RuleCheck]) -> list[RuleCheck]:
    rule = RuleName.SAME_HOLDER
    if apart:
        return list(apart)
    compared = tuple(
        name for name in _shared(front, back) if front.fields[name].text and back.fields[name].text
    )
    if compared:
        reason = words.PASSED[rule]
        return [RuleCheck(rule, Outcome.PASS, compared, reason, where="front/back")]
    hint = words.SHOOT_AGAIN[Side.BACK]
    return [RuleCheck(rule, Outcome.NOT_ASSESSED, (), words.UNREADABLE, hint, where="front/back")]


def _completed(side: Reading, other: Reading, policy: Policy) -> Reading:
    """The side with what it prints told by the other's codes too: a name unreadable on the front of 2024 stands in the QR
    of the back. Addresses are looked up again, for the day of issue may stand on the other side alone."""
    fields = dict(side.fields)
    for name in side.document.fields:
        code = other.fields.get(name)
        if code is not None and code.text is not None and code.source is not Source.OCR:
            fields[name], _ = fused([code, fields[name]], policy)
    issued = side.fields.get(FieldName.ISSUE_DATE) or other.fields.get(FieldName.ISSUE_DATE)
    dated = {**fields, **({FieldName.ISSUE_DATE: issued} if issued else {})}
    looked_up = normalised(dated, side.document.kind)
    fields = {name: looked_up[name] for name in fields}
    still = unreadable(side.document, fields, policy)
    before = unreadable(side.document, side.fields, policy)
    concerns = (c for c in side.concerns if c not in before or c in still)
    return replace(side, fields=MappingProxyType(fields), concerns=tuple(concerns))


def _evidence(front: Reading, back: Reading, policy: Policy) -> Evidence:
    sides = (front, back)
    valid = [side.mrz_valid for side in sides if side.document.mrz_zone is not None]
    sources = {source.value for source in Source}
    return Evidence(
        kind=front.document.kind,
        fields=_both(front.fields, back.fields, policy),
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
