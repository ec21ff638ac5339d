"""Which fields each side says, printed or in its codes: the answer sheet's words, keyed by field name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from specimens.issuing import CMND9, LICENCES, PASSPORTS, names_parents
from specimens.machine_readable import card_number, mrz_name
from specimens.people import Person, written
from specimens.places import Units

_MRZ = "document_number full_name surname given_names birth_date sex nationality expiry_date"
_PASSPORT = f"number personal_number issue_date issuer {_MRZ}"

# The keys are the sides; what a holder does not have is left out of the answer sheet.
CARRIED: Mapping[str, str] = MappingProxyType(
    {
        "chip_front": "number old_number full_name birth_date sex nationality origin residence issue_date expiry_date",
        "chip_back": f"number features issue_date issuer {_MRZ}",
        "cc2024_front": "number full_name birth_date sex nationality",
        "cc2024_back": f"number old_number residence birth_place issue_date issuer {_MRZ}",
        "cmnd9_front": "number full_name birth_date origin residence",
        "cmnd9_back": "ethnicity religion features issue_date issuer",
        "cmnd12_front": "number full_name alias birth_date sex ethnicity origin residence expiry_date",
        "cmnd12_back": "features father_name mother_name issue_date issuer",
        "cccd_front": "number full_name birth_date sex nationality origin residence expiry_date",
        "cccd_back": "features issue_date issuer",
        "passport_old": f"birth_place {_PASSPORT}",
        "passport_new": _PASSPORT,
        "passport_2023": f"birth_place {_PASSPORT}",
        "licence_2013_front": "number full_name birth_date nationality residence issue_date licence_class expiry_date",
        "licence_2013_back": "passed_date",
        "licence_2025_front": "number full_name birth_date nationality residence issue_date issuer licence_class expiry_date",
        "licence_2025_back": "passed_date",
    }
)
NAME_IN_MRZ_ALONE = ("chip_back",)
NAME_IN_PARTS = ("passport_2023",)
"""Elsewhere surname and given names stand in the MRZ alone, so without accents."""


def carried(side: str, person: Person) -> dict[str, str]:
    """What one side of the document a person holds says; "" for what the holder does not have.

    Dates are dd/mm/yyyy and sex is "Nam" or "Nữ" however they are printed; `number` is what the document is asked
    for by.

    Raises:
        KeyError: no such side.
    """
    said = _said(person)
    in_mrz = mrz_name(person.full_name).strip("<").split("<<")
    if side in NAME_IN_MRZ_ALONE:
        said["full_name"] = " ".join(in_mrz).replace("<", " ")
    if side not in NAME_IN_PARTS:
        said["surname"], said["given_names"] = (part.replace("<", " ") for part in in_mrz)
    return {name: said[name] for name in CARRIED[side].split()}


def number_of(person: Person) -> str:
    """The number the document that a person holds is asked for by."""
    own = person.document == CMND9 or person.document in (*PASSPORTS, *LICENCES)
    return person.document_number if own else person.number


def _said(person: Person) -> dict[str, str]:
    """Every field of a person with the document it holds."""
    parents = names_parents(person.issue_date)
    return {
        "number": number_of(person),
        "document_number": person.document_number,
        "personal_number": card_number(person),
        "old_number": person.old_number,
        "full_name": person.full_name.upper(),
        "surname": person.surname.upper(),
        "given_names": person.given_names.upper(),
        "alias": person.alias.upper(),
        "birth_date": written(person.birth_date),
        "sex": person.sex,
        "nationality": person.nationality,
        "ethnicity": person.ethnicity,
        "religion": person.religion,
        "origin": person.origin,
        "residence": person.residence,
        "birth_place": person.home.province.upper()
        if person.document in PASSPORTS
        else person.birth_place,
        "features": person.features,
        "father_name": person.father_name if parents else "",
        "mother_name": person.mother_name if parents else "",
        "issue_date": written(person.issue_date),
        "issuer": person.issuer,
        "expiry_date": person.expiry_text,
        "licence_class": person.licence_class,
        "passed_date": "" if person.passed_date is None else written(person.passed_date),
    }


def units_of(side: str, person: Person) -> dict[str, Units]:
    """Official units of the addresses a side carries; a passport's place of birth is a province alone."""
    known = {"origin": person.home.units, "residence": person.living.units}
    if person.document not in PASSPORTS:
        known["birth_place"] = person.home.units
    return {name: known[name] for name in CARRIED[side].split() if name in known}
