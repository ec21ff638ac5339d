"""QR payloads and machine readable zones of Vietnamese documents, and the pictures of codes."""

from __future__ import annotations

import unicodedata
from datetime import date

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from specimens.issuing import CC2024, LICENCES, PASSPORT_OLD, PASSPORTS
from specimens.people import Person

LOOK_UP = "https://giay-phep.example/tra-cuu?so="
"""A licence's QR is a link; this one leads nowhere (RFC 2606 keeps `.example` free)."""
NO_EXPIRY_MRZ = "991231"
"""What the MRZ shows for a card without an expiry date."""
TD1_LENGTH, TD3_LENGTH = 30, 44
"""Characters of a line (ICAO 9303 parts 5 and 4)."""
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
    """The chip card's seven fields, the eleven of the 2024 card, or the look-up link of a licence."""
    if person.document in LICENCES:
        return f"{LOOK_UP}{person.document_number}"
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


def _mrz_sex(person: Person) -> str:
    return "M" if person.sex == "Nam" else "F"


def _mrz_date(day: date | None) -> str:
    return NO_EXPIRY_MRZ if day is None else f"{day:%y%m%d}"


def mrz_name(full_name: str, length: int = TD1_LENGTH) -> str:
    """`SURNAME<<GIVEN<NAMES`, cut or padded."""
    surname, _, given = unaccented(full_name).upper().partition(" ")
    return f"{surname}<<{given.replace(' ', '<')}"[:length].ljust(length, "<")


def mrz_lines(person: Person) -> tuple[str, ...]:
    """The zone of the document held: TD3 on passports, else TD1, which the chip card and the 2024 card have."""
    return _td3(person) if person.document in PASSPORTS else _td1(person)


def _td1(person: Person) -> tuple[str, ...]:
    """Three lines of 30 characters (ICAO 9303 part 5, with the personal number in the optional data)."""
    last_nine = person.number[3:]
    first = f"IDVNM{last_nine}{check_digit(last_nine)}{person.number}<<{check_digit(person.number)}"
    born, ends = _mrz_date(person.birth_date), _mrz_date(person.expiry_date)
    second = f"{born}{check_digit(born)}{_mrz_sex(person)}{ends}{check_digit(ends)}VNM{'<' * 11}"
    composite = check_digit(first[5:30] + second[0:7] + second[8:15] + second[18:29])
    return first, second + composite, mrz_name(person.full_name)


def _td3(person: Person) -> tuple[str, ...]:
    """Two lines of 44 characters (ICAO 9303 part 4); the optional data repeat the number of the holder's card."""
    number = person.document_number.ljust(9, "<")
    born, ends = _mrz_date(person.birth_date), _mrz_date(person.expiry_date)
    personal = card_number(person).ljust(14, "<")
    second = (
        f"{number}{check_digit(number)}VNM{born}{check_digit(born)}{_mrz_sex(person)}{ends}{check_digit(ends)}"
        f"{personal}{check_digit(personal)}"
    )
    composite = check_digit(second[0:10] + second[13:20] + second[21:43])
    return f"P<VNM{mrz_name(person.full_name, TD3_LENGTH - 5)}", second + composite


def card_number(person: Person) -> str:
    """What a passport calls the number of the holder's card: that of the old card where there is one on the old
    form, which asks for the CMND; the personal number on the newer ones."""
    old = person.old_number if person.document == PASSPORT_OLD else ""
    return old or person.number


def qr_picture(payload: str, side: int) -> NDArray[np.uint8]:
    """The QR code as a `side` x `side` grey picture without quiet zone; modules are area-sampled, as print is."""
    code = zxingcpp.create_barcode(payload, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    modules = np.array(zxingcpp.write_barcode_to_image(code, scale=1, add_quiet_zones=False))
    ink = np.where(modules > 0, 255, 0).astype(np.uint8)
    larger = cv2.resize(ink, None, fx=16, fy=16, interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(larger, (side, side), interpolation=cv2.INTER_AREA), np.uint8)


def barcode_picture(text: str) -> NDArray[np.uint8]:
    """A PDF417 symbol, grey, without quiet zone, rows about nine times as wide as high as on cards."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.PDF417)
    bars = np.array(zxingcpp.write_barcode_to_image(code, scale=2, add_quiet_zones=False))
    return np.where(bars > 0, 255, 0).astype(np.uint8)
