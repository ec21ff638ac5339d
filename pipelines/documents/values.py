"""Reading the value of a field out of the rows that belong to it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pipelines.documents.labels import likeness
from pipelines.documents.layout import Run, joined
from pipelines.parsing.closed_lists import nationality
from pipelines.parsing.dates import find_date, is_no_expiry, printed
from pipelines.parsing.names import SHORTEST_SURNAME, printed_name
from pipelines.parsing.numbers import LENGTH, OLD_LENGTH, find_number
from pipelines.parsing.places import printed_place, with_true_province
from pipelines.parsing.text import squash
from pipelines.types import NO_EXPIRY, Normal, Sex

VIETNAM = "Việt Nam"
_NATIONALITIES = {VIETNAM: "VNM"}
_NATIONALITY_RATIO = 72.0
"""0-100 on seven letters: two may be wrong."""
_LIKENESS_CONFIDENCE = 0.85
"""Upper bound for a member of a closed list that is not read letter by letter and surely: likely, never sure enough to
contradict."""
_SEXES = {"nam": Sex.MALE, "nu": Sex.FEMALE, "male": Sex.MALE, "female": Sex.FEMALE}
SEX_PRINTED = {Sex.MALE: "Nam", Sex.FEMALE: "Nữ"}
_SEX_MISREAD = {
    "narn": "nam",
    "nan": "nam",
    "mam": "nam",
    "nau": "nu",
    "nii": "nu",
    "nuu": "nu",
    "mu": "nu",
}
_EVERY_LETTER = 100.0
_SCRAPS, _LONGEST_SCRAP = 2, 3
"""Words, and letters of each, that may be left of a misread label; "Việt" is longer."""
_UPPER_SHARE = 0.7
"""Of a name's letters: names are printed in capitals, labels are not."""
_MALFORMED_CONFIDENCE = 0.3
"""Upper bound for a number that is not 12 digits long, a nationality of no list or a full name of one word:
something is wrong."""
_WORD = re.compile(r"\S+")
_DIGIT = re.compile(r"\d")
_EDGE_SIGNS = re.compile(r"^[\W_]+|[\W_]+$")
_ONE_LETTER = "y"
"""The only name of one letter (Ý), squashed; another letter alone is a smudge."""
_SHORTEST_PLACE = 4
_SHORTEST_WORD = 2
"""Letters; fewer is a smudge."""


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """A field's text as printed, its normal form, where it was read, and the chance that it is right."""

    text: str
    normal: Normal
    run: Run
    confidence: float


def listed(read: Run, ratio: float) -> float:
    """The confidence of a member of a closed list, given how much of its letters was read (0-100).

    All of its letters: the reader's own, and no less than the likeness says; other letters: the likeness, however sure the
    reader is of them.
    """
    likely = min(ratio / 100, _LIKENESS_CONFIDENCE)
    return max(read.confidence, likely) if ratio >= _EVERY_LETTER else likely


Read: TypeAlias = Callable[[Sequence[Run]], Value | None]
"""From the rows that belong to a field, top to bottom, to its value."""


def read_digits(length: int) -> Read:
    """The first number of so many digits; failing that, the longest malformed one."""

    def read(rows: Sequence[Run]) -> Value | None:
        found = [(match, row) for row in rows if (match := find_number(row.text, length))]
        if not found:
            return None
        match, row = min(found, key=lambda pair: abs(len(pair[0].digits) - length))
        run = row.part(match.start, match.end)
        if len(match.digits) != length:
            confidence = min(run.confidence, _MALFORMED_CONFIDENCE)
            return Value(match.digits, None, run, confidence)
        return Value(match.digits, match.digits, run, run.confidence)

    return read


read_number = read_digits(LENGTH)
read_old_number = read_digits(OLD_LENGTH)


def read_personal_number(rows: Sequence[Run]) -> Value | None:
    """Twelve digits, or the nine of an earlier card."""
    values = [v for v in (read_number(rows), read_old_number(rows)) if v]
    return next((v for v in values if v.normal), values[0] if values else None)


def read_date(rows: Sequence[Run]) -> Value | None:
    for row in rows:
        match = find_date(row.text)
        if match is not None:
            run = row.part(match.start, match.end)
            return Value(printed(match.day), match.day, run, run.confidence)
    return None


def read_expiry(rows: Sequence[Run]) -> Value | None:
    """A date, or "Không thời hạn" (which has no normal form)."""
    value = read_date(rows)
    if value is not None:
        return value
    for row in rows:
        if is_no_expiry(row.text):
            ratio = likeness(squash(NO_EXPIRY), squash(row.text))
            return Value(NO_EXPIRY, None, row, listed(row, ratio))
    return None


def read_name(rows: Sequence[Run]) -> Value | None:
    """Capitals only, past what is left of a label; a long name may fill two rows, and the second be as short as "HÀ"."""
    parts: list[Run] = []
    for row in rows:
        capitals = _in_capitals(row)
        if capitals and (_is_given(capitals) if parts else printed_name(capitals.text)):
            parts.append(capitals)
        elif parts:
            break
    return _named(parts)


def read_surname(rows: Sequence[Run]) -> Value | None:
    """On the first row that has one; it may be two letters."""
    for row in rows:
        capitals = _in_capitals(row)
        if capitals and printed_name(capitals.text, SHORTEST_SURNAME):
            return _named([capitals])
    return None


def read_given(rows: Sequence[Run]) -> Value | None:
    """As `read_name`, or as short as "AN" or "Ý"."""
    capitals = (_in_capitals(row) for row in rows)
    return read_name(rows) or _named([run for run in capitals if run and _is_given(run)][:1])


def _is_given(run: Run) -> bool:
    """May this be a given name, or the end of a name? Signs that look like letters make no short one."""
    letters = squash(run.text)
    short = letters == _ONE_LETTER or (len(letters) == SHORTEST_SURNAME and letters.isalpha())
    return short or printed_name(run.text) is not None


def _named(parts: Sequence[Run]) -> Value | None:
    name = printed_name(" ".join(part.text for part in parts), 1)
    if name is None:
        return None
    run = joined(parts)
    return Value(name, name, run, run.confidence)


def read_full_name(rows: Sequence[Run]) -> Value | None:
    """Surname and given name; a single word is two whose blank was not seen."""
    value = read_name(rows)
    if value is None or len(value.text.split()) > 1:
        return value
    return replace(value, confidence=min(value.confidence, _MALFORMED_CONFIDENCE))


def read_person(rows: Sequence[Run]) -> Value | None:
    """A name on one row whose words begin with capitals, the rest of it small or not."""
    for row in rows:
        words = list(_WORD.finditer(row.text))
        first = next((w for w in words if w[0][0].isupper()), None)
        if first is None:
            continue
        run = row.part(first.start())
        if printed_name(run.text):
            return Value(_EDGE_SIGNS.sub("", run.text), None, run, run.confidence)
    return None


def _in_capitals(row: Run) -> Run | None:
    """The row without the words in small letters it begins with; None when those after them are no capitals."""
    words = list(_WORD.finditer(row.text))
    first = next((w for w in words if not any(c.islower() for c in w[0])), None)
    if first is None:
        return None
    rest = row.part(first.start())
    letters = [c for c in rest.text if c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return rest if upper >= _UPPER_SHARE * max(1, len(letters)) else None


def read_sex(rows: Sequence[Run]) -> Value | None:
    """The word after the label (or after a scrap of it), and nothing else: "Nam" also ends "Việt Nam"."""
    for row in rows:
        start = 0
        for word in row.text.split()[: _SCRAPS + 1]:
            start = row.text.index(word, start)
            seen = squash(word)
            sex = _SEXES.get(_SEX_MISREAD.get(seen, seen))
            if sex is not None:
                run = row.part(start, start + len(word))
                return Value(SEX_PRINTED[sex], sex, run, run.confidence)
            if len(seen) > _LONGEST_SCRAP:
                break
    return None


def read_nationality(rows: Sequence[Run]) -> Value | None:
    """Việt Nam, also by its last letters; another country as it is read; anything else so too, and hardly believed."""
    worded = [
        row
        for row in rows
        if sum(c.isalpha() for c in row.text) > _SHORTEST_WORD or nationality(row.text)
    ]
    for row in worded:
        letters = squash(row.text)
        for name, code in _NATIONALITIES.items():
            ratio = likeness(squash(name), letters)
            if ratio >= _NATIONALITY_RATIO:
                return Value(name, code, row, listed(row, ratio))
            if squash(name).endswith(letters):
                return Value(name, code, row, min(row.confidence, _LIKENESS_CONFIDENCE))
    if not worded:
        return None
    most = _LIKENESS_CONFIDENCE if nationality(worded[0].text) else _MALFORMED_CONFIDENCE
    confidence = min(worded[0].confidence, most)
    return Value(worded[0].text, None, worded[0], confidence)


def read_place(rows: Sequence[Run]) -> Value | None:
    """All rows, joined; the province is of a closed list."""
    run = _without_scraps(joined(_undated(rows)))
    text = printed_place(run.text)
    if text is None or sum(c.isalpha() for c in text) < _SHORTEST_PLACE:
        return None
    return Value(with_true_province(text), None, run, run.confidence)


def read_group(rows: Sequence[Run]) -> Value | None:
    """An ethnic group or a religion: a word or a few, capitalised, on one row."""
    for row in rows:
        run = _without_scraps(row)
        text = _EDGE_SIGNS.sub("", run.text)
        if any(c.isalpha() for c in text) and not _DIGIT.search(text):
            return Value(text, None, run, run.confidence)
    return None


def read_words(rows: Sequence[Run]) -> Value | None:
    """Free text as it is."""
    run = _without_scraps(joined(_undated(rows)))
    text = run.text.strip(" :")
    return Value(text, None, run, run.confidence) if any(c.isalpha() for c in text) else None


def _undated(rows: Sequence[Run]) -> Sequence[Run]:
    """Up to a row with a date: that is another field's."""
    dated = (i for i, row in enumerate(rows) if i and find_date(row.text))
    return rows[: next(dated, len(rows))]


def _without_scraps(run: Run) -> Run:
    """Values begin with a capital or a digit; short lower-case words before it are left of the label."""
    for _ in range(_SCRAPS):
        word = run.text.split(" ", 1)[0]
        if not (word.islower() and word.isascii() and len(word) <= _LONGEST_SCRAP):
            break
        run = run.part(len(word))
    return run
