"""One value per field out of chip, QR, MRZ and print, in this order of trust, with the agreement told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from rapidfuzz import fuzz

from pipelines.claims import of_mrz, of_qr
from pipelines.machine_codes import MrzReading
from pipelines.parsing.names import relettered, same_name, same_name_unaccented
from pipelines.parsing.places import same_place
from pipelines.parsing.qr import QrPayload
from pipelines.parsing.text import squash
from pipelines.redundancy import repaired, unstuck
from pipelines.types import (
    Agreement,
    Concern,
    ConcernKind,
    DocumentKind,
    Field,
    FieldName,
    Policy,
    Source,
)

TRUST = (Source.CHIP, Source.QR, Source.MRZ, Source.OCR)
_DIFFERENT_PLACE = 70.0
"""0-100: two readings of one address are more alike than this, also when one is poor."""
_UNMARKED_CONFIDENCE = 0.5
"""Upper bound for a name that is printed with marks and told by a zone, which has none: its letters may be right, and few
names have no mark."""
_REPAIRED_CONFIDENCE = 0.85
"""Upper bound for a printed name whose letters a zone replaced: never sure enough to contradict."""
_NAMES = frozenset({FieldName.FULL_NAME, FieldName.SURNAME, FieldName.GIVEN_NAMES})
_PLACES = frozenset({FieldName.RESIDENCE, FieldName.ORIGIN, FieldName.BIRTH_PLACE})


def fuse(
    ocr: Mapping[FieldName, Field],
    qr: QrPayload | None,
    mrz: MrzReading | None,
    kind: DocumentKind,
    policy: Policy,
    chip: Mapping[FieldName, Field] | None = None,
    *,
    qr_due: bool = False,
) -> tuple[Mapping[FieldName, Field], tuple[Concern, ...]]:
    """Every field that any source carries, and a concern for each contradiction between two sure sources.

    Args:
        chip: fields of the chip's data groups, source CHIP, where the client sent them.
        qr_due: the side carries a QR, read or not: what it says stands there with its marks.
    """
    codes = [chip or {}, of_qr(qr) if qr else {}, of_mrz(mrz) if mrz else {}]
    print_ = unstuck(ocr)
    names = dict.fromkeys([*print_, *(name for claims in codes for name in claims)])
    fields: dict[FieldName, Field] = {}
    concerns: list[Concern] = []
    for name in names:
        read = print_.get(name, Field(name, None, 0.0, Source.OCR))
        claims = [*(c[name] for c in codes if name in c), read]
        marked = name in print_ or (qr_due and name is FieldName.FULL_NAME)
        fields[name], against = fused(claims, policy, printed=marked)
        concerns += against
    return MappingProxyType(repaired(fields, kind)), tuple(concerns)


def fused(
    claims: Sequence[Field], policy: Policy, *, printed: bool = True
) -> tuple[Field, list[Concern]]:
    """The most trusted of several claims about one field, and a concern for each pair that contradicts each other.

    A claim that was repaired or not checked yields to a surer one. What agrees gains confidence, what differs loses it.

    Args:
        printed: the field stands there in print or QR too, also where that was not read: a name with its marks.
    """
    told = sorted((c for c in claims if c.text is not None), key=lambda c: TRUST.index(c.source))
    if not told:
        return claims[-1], []
    best = told[0]
    if best.source is Source.MRZ:
        best = max(told, key=lambda c: c.confidence)
    against = [
        pair
        for i, a in enumerate(told)
        for b in told[i + 1 :]
        for pair in contradiction(a, b, policy)
    ]
    others = [claim for claim in told if claim is not best]
    agrees = [claim for claim in others if _same(best, claim)]
    if best.name in _NAMES:
        best = _with_marks(best, others, printed)
    else:
        best = replace(best, confidence=_weighed(best, others))
    agreement = Agreement.AGREE if agrees else Agreement.SINGLE
    field = replace(
        best,
        agreement=Agreement.CONTRADICT if against else agreement,
        quad=next((c.quad for c in told if c.quad is not None), claims[-1].quad),
        seen=MappingProxyType(
            {
                s: t
                for claim in told
                for s, t in (*claim.seen.items(), (claim.source, claim.text))
                if t
            }
        ),
    )
    return field, against


def contradiction(a: Field, b: Field, policy: Policy) -> list[Concern]:
    """One concern when two sure claims about one field cannot both be true; none otherwise."""
    sure = min(a.confidence, b.confidence) >= policy.contradiction_confidence
    if a.text is None or b.text is None or not sure or _same(a, b) or _too_alike(a, b):
        return []
    return [Concern(ConcernKind.CONTRADICTION, f"{a.source}/{b.source}", a.name.value)]


def _same(a: Field, b: Field) -> bool:
    one, other = a.text or "", b.text or ""
    if a.name in _NAMES:
        unaccented = Source.MRZ in (a.source, b.source)
        return same_name_unaccented(one, other) if unaccented else same_name(one, other)
    if a.name in _PLACES:
        return same_place(one, other)
    return squash(one) == squash(other)


def _too_alike(a: Field, b: Field) -> bool:
    """Differences that a reader makes and a forger does not: a tone mark in a name, a slip in a long address."""
    one, other = a.text or "", b.text or ""
    if a.name in _NAMES:
        return same_name_unaccented(one, other)
    return a.name in _PLACES and fuzz.ratio(squash(one), squash(other)) >= _DIFFERENT_PLACE


def _with_marks(best: Field, others: Sequence[Field], printed: bool) -> Field:
    """An MRZ has no marks: of a name in print and in a zone, the letters of the surer, the marks of the print."""
    print_ = next((c for c in (best, *others) if c.source is Source.OCR), None)
    zone = next((c for c in (best, *others) if c.source is Source.MRZ), None)
    if best.source in (Source.OCR, Source.MRZ) and print_ and zone:
        if _same(print_, zone):
            return print_
        if best is zone and (text := relettered(print_.text or "", zone.text or "")):
            doubt = min(print_.confidence, _REPAIRED_CONFIDENCE)
            return replace(print_, text=text, normal=text, confidence=doubt)
    if best is zone and printed:
        return replace(best, confidence=min(best.confidence, _UNMARKED_CONFIDENCE))
    return best


def _weighed(best: Field, others: Sequence[Field]) -> float:
    """The chance that the best claim is right, given independent others: a, b agree 1 - (1-a)(1-b), differ a(1-b)/(1-ab)."""
    a = best.confidence
    for other in others:
        b = other.confidence
        if _same(best, other):
            a = 1 - (1 - a) * (1 - b)
        elif a * b < 1 and not _too_alike(best, other):
            a = a * (1 - b) / (1 - a * b)
    return a
