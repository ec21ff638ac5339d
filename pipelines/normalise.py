"""The normal value of every field that has a list to be looked up in, once all sources have spoken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from types import MappingProxyType

from pipelines.parsing.addresses import place_of
from pipelines.parsing.closed_lists import ethnic_group, nationality, religion
from pipelines.parsing.issuers import CANONICAL, issue_place
from pipelines.parsing.places import with_true_marks
from pipelines.types import (
    DocumentKind,
    Field,
    FieldName,
    IssuePlace,
    IssuerKind,
    Normal,
    Source,
)

PLACES = (FieldName.ORIGIN, FieldName.RESIDENCE, FieldName.BIRTH_PLACE)


def _code(text: str) -> str | None:
    found = nationality(text)
    return found.alpha3 if found else None


_LISTS: Mapping[FieldName, Callable[[str], Normal]] = MappingProxyType(
    {
        FieldName.ETHNICITY: ethnic_group,
        FieldName.RELIGION: religion,
        FieldName.NATIONALITY: _code,
    }
)


def normalised(fields: Mapping[FieldName, Field], kind: DocumentKind) -> Mapping[FieldName, Field]:
    """The same fields with places in official units of the system in force when the document was issued (and their marks as
    that list has them, where a reader took one for another), members of closed lists, and the canonical issuer, inferred where none is readable and the law leaves only one."""
    done = dict(fields)
    issued = issue_day(fields)
    for name in PLACES:
        field = done.get(name)
        if field and field.text:
            place = place_of(field.text, issued or kind.issued[1])
            found = [unit.short for unit in (place.ward, place.district, place.province) if unit]
            printed = field.source is Source.OCR
            text = with_true_marks(field.text, found) if printed else field.text
            done[name] = replace(field, text=text, normal=place)
    for name, look_up in _LISTS.items():
        field = done.get(name)
        if field and field.text and field.normal is None:
            done[name] = replace(field, normal=look_up(field.text))
    issuer = done.get(FieldName.ISSUER)
    if issuer:
        read = issue_place(issuer.text) if issuer.text else None
        done[FieldName.ISSUER] = replace(issuer, normal=read or inferred_issuer(kind, issued))
    return MappingProxyType(done)


def issue_day(fields: Mapping[FieldName, Field]) -> date | None:
    field = fields.get(FieldName.ISSUE_DATE)
    return field.normal if field and isinstance(field.normal, date) else None


def inferred_issuer(kind: DocumentKind, issued: date | None) -> IssuePlace | None:
    """The one issuer of the whole country that could have signed; None where there are several or a province's."""
    could = [
        issuer
        for issuer, first, last in kind.issuers
        if issued is None or ((first or date.min) <= issued <= (last or date.max))
    ]
    if len(could) != 1 or could[0] not in CANONICAL or could[0] is IssuerKind.TRAFFIC_POLICE:
        return None
    return IssuePlace(CANONICAL[could[0]], could[0], inferred=True)
