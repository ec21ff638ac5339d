"""Field by field: what is on the specimen, what the service answered, and whether that is right."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.dialects.techainer.names import class_name
from pipelines.types import FieldName, Reading


@dataclass(frozen=True, slots=True)
class Row:
    side: str
    field: FieldName
    truth: str
    read: str
    source: str
    confidence: float

    @property
    def right(self) -> bool:
        return comparable(self.read) == comparable(self.truth)


def comparable(text: str) -> str:
    """NFC, lower case, single spaces, no space before or stop after: what a clerk would call the same."""
    folded = unicodedata.normalize("NFC", text).casefold().replace(",", ", ")
    return " ".join(folded.split()).strip(" .,;:")


def score_side(
    truth: Mapping[str, str], answer: Mapping[str, Any], reading: Reading | None
) -> list[Row]:
    """One row per field that the side carries and the Techainer document has a word for on that side; `answer` is the
    side's part of that answer.

    The service was asked over HTTP; `reading` only tells the source, which that wire has no word for. A side
    that was not recognised at all scores every field it carries as wrong.
    """
    words = {} if reading is None else class_name(reading.document).words
    wire_word = {name: word for word, name in words.items()}
    rows = []
    for name, text in truth.items():
        field_name = FieldName(name)
        if wire_word and field_name not in wire_word:
            continue
        told = answer.get(wire_word.get(field_name, ""), {})
        field = None if reading is None else reading.fields.get(field_name)
        rows.append(
            Row(
                side="" if reading is None else reading.document.side.value,
                field=field_name,
                truth=text,
                read=str(told.get("value", "N/A")),
                source="-" if field is None or field.text is None else field.source.value,
                confidence=float(told.get("confidence", 0.0)),
            )
        )
    return rows
