"""One photo read and compared with its truth, as a plain record that a file of results keeps."""

from __future__ import annotations

import time
import unicodedata
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from models.types import Image
from pipelines.errors import NoDocument
from pipelines.parsing.dates import is_no_expiry, parse_date
from pipelines.parsing.names import same_name
from pipelines.parsing.qr import parse_qr
from pipelines.parsing.text import squash, tone_key
from pipelines.read_document import ReadDocument
from pipelines.types import Agreement, ConcernKind, FieldName, Normal, Place, Reading
from specimens.camera import Photo
from specimens.places import Units
from specimens.truth import Truth
from training.documents.photos import Task

NAMES = frozenset({"full_name", "surname", "given_names", "alias", "father_name", "mother_name"})
DATES = frozenset({"birth_date", "issue_date", "expiry_date", "passed_date"})
NUMBERS = frozenset({"number", "document_number", "personal_number", "old_number"})


@dataclass(frozen=True, slots=True)
class FieldResult:
    """One field of one photo. `truth` is None where the document says nothing, `read` where nothing was read.

    `exact`: letter for letter; `same`: in normal form (the same day, number, name with its tones wherever they are
    put, and for the rest the same letters whatever case, blanks and commas). `ward`: for an address that names one, whether
    the right ward was told, a wrong one or none.
    """

    truth: str | None
    read: str | None
    confidence: float
    source: str
    exact: bool
    same: bool
    ward: str | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one photo.

    Attributes:
        read_as: slug of the class told, None when the photo was refused.
        width: of the card in the photo, pixels.
        qr, mrz: read letter for letter; None where the side has none (a licence's QR is a link).
        mrz_valid: a zone was read whose check digits fit.
        called_fake: a contradiction was told of this genuine document.
        seconds: of this thread's CPU time.
    """

    side: str
    person: int
    level: str
    font: str
    read_as: str | None
    margin: float
    width: float
    qr: bool | None
    mrz: bool | None
    mrz_valid: bool
    called_fake: bool
    concerns: tuple[str, ...]
    seconds: float
    fields: dict[str, FieldResult]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def of_json(told: dict[str, Any]) -> Result:
        fields = {name: FieldResult(**field) for name, field in told["fields"].items()}
        return Result(**(told | {"fields": fields, "concerns": tuple(told["concerns"])}))

    @property
    def right_class(self) -> bool:
        return self.read_as == slug_of(self.side)


def slug_of(side: str) -> str:
    """The class that should be told of a side: all passports are one, and so are all licences."""
    kind = side.partition("_")[0]
    if kind == "passport":
        return kind
    return f"{kind}_{side.rsplit('_', 1)[1]}" if kind == "licence" else side


def judged(task: Task, photo: Photo, read: ReadDocument) -> Result:
    """Reads the photo and compares."""
    image = Image(photo.pixels)
    started = time.thread_time()
    try:
        reading = read(image)
    except NoDocument:
        reading = None
    seconds = time.thread_time() - started
    truth = photo.truth
    tl, tr = photo.card_quad[0], photo.card_quad[1]
    return Result(
        side=task.side,
        person=task.person,
        level=task.level,
        font=truth.font,
        read_as=reading.document.slug if reading else None,
        margin=round(reading.margin, 4) if reading else 0.0,
        width=round(float(np.linalg.norm(tr - tl)), 1),
        qr=bool(reading and reading.qr == truth.qr) if parse_qr(truth.qr or "") else None,
        mrz=None if truth.mrz is None else bool(reading and reading.mrz == truth.mrz),
        mrz_valid=bool(reading and reading.mrz_valid),
        called_fake=bool(reading and _contradicted(reading)),
        concerns=tuple(f"{c.kind}:{c.where}:{c.detail}" for c in reading.concerns)
        if reading
        else (),
        seconds=round(seconds, 4),
        fields=_fields(truth, reading),
    )


def _contradicted(reading: Reading) -> bool:
    return any(c.kind is ConcernKind.CONTRADICTION for c in reading.concerns) or any(
        f.agreement is Agreement.CONTRADICT for f in reading.fields.values()
    )


def _fields(truth: Truth, reading: Reading | None) -> dict[str, FieldResult]:
    """Every field the side carries, and every other that was read all the same."""
    results = {}
    names = dict.fromkeys([*truth.fields, *(reading.fields if reading else ())])
    for name in names:
        field = reading.fields.get(FieldName(name)) if reading else None
        wanted, read = truth.fields.get(name), field.text if field else None
        if wanted is None and read is None:
            continue
        results[str(name)] = FieldResult(
            truth=wanted,
            read=read,
            confidence=round(field.confidence, 4) if field and read is not None else 0.0,
            source=field.source.value if field and read is not None else "",
            exact=wanted is not None and read is not None and nfc(read) == nfc(wanted),
            same=wanted is not None and read is not None and same(str(name), wanted, read),
            ward=_ward(truth.units.get(name), field.normal if field else None),
        )
    return results


def _ward(due: Units | None, told: Normal) -> str | None:
    """ "right", "wrong" or "none" told; None where the address names no ward."""
    if due is None or not due.ward:
        return None
    if not isinstance(told, Place) or told.ward is None:
        return "none"
    systems = [p for p in (told, told.current) if p and p.system.value == due.system and p.ward]
    return "right" if any(p.ward and p.ward.code == due.ward for p in systems) else "wrong"


def same(name: str, wanted: str, read: str) -> bool:
    """Equal in normal form."""
    if name in DATES:
        if is_no_expiry(wanted) or is_no_expiry(read):
            return is_no_expiry(wanted) and is_no_expiry(read)
        return parse_date(wanted) == parse_date(read)
    if name in NAMES:
        return same_name(wanted, read)
    if name in NUMBERS:
        return wanted == read
    if name == "issuer":
        return squash(wanted) == squash(read)
    return _clerk(wanted) == _clerk(read)


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _clerk(text: str) -> str:
    """What a clerk would call the same: case, blanks, stops and the place of a tone mark do not matter."""
    return tone_key(
        "".join(c if c.isalnum() or unicodedata.combining(c) else " " for c in nfc(text))
    )
