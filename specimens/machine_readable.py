"""QR payloads and TD1 machine readable zones of Vietnamese identity cards, and the QR's picture."""

from __future__ import annotations

import unicodedata
from datetime import date

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from specimens.people import CC2024, Person

NO_EXPIRY_MRZ = "991231"
"""What the MRZ shows for a card without an expiry date."""
CC2024_EMPTY_FIELDS = 4
"""The 2024 card appends four fields to the seven of the chip card; for most holders they are empty."""


def unaccented(text: str) -> str:
    """Latin letters without marks; đ has no decomposition and is mapped by hand."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def check_digit(text: str) -> str:
    """ICAO 9303 part 3: weights 7, 3, 1; A = 10 ... Z = 35; `<` = 0."""

    def value(letter: str) -> int:
        if letter == "<":
            return 0
        return int(letter) if letter.isdigit() else ord(letter) - ord("A") + 10

    return str(sum(value(c) * (7, 3, 1)[i % 3] for i, c in enumerate(text)) % 10)


def qr_payload(person: Person) -> str:
    """The chip card's seven fields, or the eleven of the 2024 card."""
    fields = [
        person.number,
        person.old_number,
        person.full_name,
        f"{person.birth_date:%d%m%Y}",
        person.sex,
        person.residence,
        f"{person.issue_date:%d%m%Y}",
    ]
    if person.document == CC2024:
        fields += [""] * CC2024_EMPTY_FIELDS
    return "|".join(fields)


def _mrz_date(day: date | None) -> str:
    return NO_EXPIRY_MRZ if day is None else f"{day:%y%m%d}"


def mrz_name(full_name: str) -> str:
    """`SURNAME<<GIVEN<NAMES`, 30 characters, cut or padded."""
    surname, _, given = unaccented(full_name).upper().partition(" ")
    return f"{surname}<<{given.replace(' ', '<')}"[:30].ljust(30, "<")


def mrz_lines(person: Person) -> tuple[str, str, str]:
    """The three lines of 30 characters of the TD1 zone (ICAO 9303 part 5, with the number in the optional data)."""
    last_nine = person.number[3:]
    first = f"IDVNM{last_nine}{check_digit(last_nine)}{person.number}<<{check_digit(person.number)}"
    born, ends = _mrz_date(person.birth_date), _mrz_date(person.expiry_date)
    sex = "M" if person.sex == "Nam" else "F"
    second = f"{born}{check_digit(born)}{sex}{ends}{check_digit(ends)}VNM{'<' * 11}"
    composite = check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return first, second + composite, mrz_name(person.full_name)


def qr_picture(payload: str, side: int) -> NDArray[np.uint8]:
    """The QR code as a `side` x `side` grey picture without quiet zone; modules are area-sampled, as print is."""
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = np.array(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    ink = np.where(modules > 0, 255, 0).astype(np.uint8)
    larger = cv2.resize(ink, None, fx=16, fy=16, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(larger, (side, side), interpolation=cv2.INTER_AREA), np.uint8)
