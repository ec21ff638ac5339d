"""Who issued a document: of a closed list, or whatever follows a title."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from pipelines.documents.labels import likeness
from pipelines.documents.layout import Run, joined
from pipelines.documents.values import Read, Value, listed
from pipelines.parsing.text import nfc, squash, squash_with_positions

_ISSUER_RATIO = 70.0
"""0-100: issuers of different years differ by more than half of their letters."""
_LEAD_RATIO = 80.0
"""0-100: one letter of five may be read wrongly."""


def read_issuer(*issuers: tuple[str, str]) -> Read:
    """Of a closed list of (printed, canonical) forms."""
    by_letters = {squash(form): (form, canonical) for form, canonical in issuers}

    def read(rows: Sequence[Run]) -> Value | None:
        letters = squash(joined(rows).text)
        scores = [(likeness(form, letters), form) for form in by_letters]
        score, form = max(scores)
        if score < _ISSUER_RATIO:
            return None
        text, canonical = by_letters[form]
        run = joined([row for row in rows if _is_part(squash(row.text), form)] or rows)
        return Value(text, canonical, run, listed(run, score))

    return read


def read_authority(*leads: str) -> Read:
    """An open list: what follows a title ("GIÁM ĐỐC CA ..."), as printed, signatures below left out.

    Args:
        leads: how the authority begins, in the order they are looked for.
    """

    def read(rows: Sequence[Run]) -> Value | None:
        for lead in leads:
            for row in rows:
                start = _start_of(lead, row.text)
                if start is not None:
                    run = row.part(start)
                    text = nfc(run.text).strip(" .,:;")
                    return Value(text, None, run, run.confidence) if text else None
        return None

    return read


def _is_part(letters: str, form: str) -> bool:
    """Does a row hold words of the form, or all of it? The day of issue and the English words beside it do not."""
    return bool(letters) and fuzz.partial_ratio(letters, form) >= _ISSUER_RATIO


def _start_of(lead: str, text: str) -> int | None:
    """Where the words of a lead begin in a text, but for a letter in five; None when they are not there."""
    squashed, positions = squash_with_positions(text)
    found = fuzz.partial_ratio_alignment(squash(lead), squashed, score_cutoff=_LEAD_RATIO)
    if found is None or len(squashed) < len(squash(lead)):
        return None
    at = positions[found.dest_start]
    return max(0, text.rfind(" ", 0, at) + 1)
