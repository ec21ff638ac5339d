"""Warnings about one read side: what is unreadable, malformed, expired or contradictory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pipelines.check_rules import well_formed
from pipelines.machine_codes import MrzReading
from pipelines.types import (
    Concern,
    ConcernKind,
    DocumentClass,
    Field,
    FieldName,
    Outcome,
    Policy,
    RuleCheck,
    RuleName,
    Side,
)

_CONTRADICTED = frozenset(
    {
        RuleName.NUMBER_SEX,
        RuleName.NUMBER_BIRTH_YEAR,
        RuleName.NUMBER_BIRTH_PLACE,
        RuleName.DATE_ORDER,
        RuleName.AGE_AT_ISSUE,
        RuleName.EXPIRY_RULE,
        RuleName.ISSUE_WINDOW,
        RuleName.ISSUER,
    }
)
"""Rules whose failure means that values of one document deny one another."""


def document_concerns(
    document: DocumentClass,
    fields: Mapping[FieldName, Field],
    mrz: MrzReading | None,
    rules: Sequence[RuleCheck],
    policy: Policy,
    today: date,
) -> list[Concern]:
    """Concerns that follow from what is read and from the rules."""
    concerns = of_values(document, fields, rules, policy, today)
    if document.mrz_zone is not None and mrz is None:
        concerns.append(Concern(ConcernKind.UNREADABLE_FIELDS, "mrz"))
    if mrz is not None and not mrz.mrz.valid:
        failed = ", ".join(name for name, fits in mrz.mrz.checks.items() if not fits)
        concerns.append(Concern(ConcernKind.BAD_MRZ, "mrz", failed or "ambiguous"))
    return concerns + contradicted(rules)


def of_values(
    document: DocumentClass,
    fields: Mapping[FieldName, Field],
    rules: Sequence[RuleCheck],
    policy: Policy,
    today: date,
) -> list[Concern]:
    """Concerns that follow from the values themselves: other values, other concerns."""
    concerns = unreadable(document, fields, policy)
    number = fields.get(FieldName.NUMBER)
    if number and number.text is not None and not well_formed(document.kind.number, number.text):
        concerns.append(Concern(ConcernKind.BAD_NUMBER_FORMAT, FieldName.NUMBER.value))
    expiry = fields.get(FieldName.EXPIRY_DATE)
    past = expiry and isinstance(expiry.normal, date) and expiry.normal < today
    failed_rules = {check.rule for check in rules if check.outcome is Outcome.FAIL}
    if past or RuleName.NOT_EXPIRED in failed_rules:
        concerns.append(Concern(ConcernKind.EXPIRED, FieldName.EXPIRY_DATE.value))
    return concerns


def unreadable(
    document: DocumentClass, fields: Mapping[FieldName, Field], policy: Policy
) -> list[Concern]:
    """A field that is absent from some documents of its kind, and from this one, was not misread."""
    return [
        Concern(ConcernKind.UNREADABLE_FIELDS, name.value)
        for name in document.fields
        if (
            name not in document.optional
            if fields[name].text is None
            else fields[name].confidence < policy.unreadable_confidence
        )
    ]


def contradicted(rules: Sequence[RuleCheck]) -> list[Concern]:
    """One for each failed rule, with the fields that deny one another."""
    return [
        Concern(ConcernKind.CONTRADICTION, "/".join(check.fields), check.fields[-1].value)
        for check in rules
        if check.outcome is Outcome.FAIL and check.rule in _CONTRADICTED
    ]


def side_concern(document: DocumentClass, expected: Side | None) -> list[Concern]:
    if expected is None or document.side is expected:
        return []
    return [Concern(ConcernKind.WRONG_SIDE, expected.value, f"this is a {document.side.value}")]
