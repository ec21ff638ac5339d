"""Printed labels found in noisy rows: fuzzily, without accents or blanks, in both languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipelines.documents.layout import Run
from pipelines.parsing.text import squash, squash_with_positions
from pipelines.types import FieldName

_CUTOFFS = ((14, 72.0), (9, 80.0), (6, 88.0), (0, 100.0))
"""Shortest wording (squashed characters) and the ratio 0-100 it needs: the shorter, the easier to hit by chance.
Set on rendered cards whose letters were garbled at 8 %: labels still found, no value taken for one."""
_COLON_REACH = 4
"""A misread letter shifts a label's end by a character or two; a colon this near marks it exactly."""
_BETWEEN = " :.;,-/|"
_WHOLE_RATIO, _WHOLE_SHARE = 80.0, 0.6
_SHORT_WORD = 2
"""Letters: a match that begins inside "Nam" has caught the end of a value, not the start of a label."""
_MERGE_GAP = 3
"""Squashed characters that may stand between the two languages of one label."""


@dataclass(frozen=True, slots=True)
class Label:
    """Wordings that stand before (or above) the value of a field; with no field, printed words that are no value."""

    field: FieldName | None
    wordings: tuple[str, ...]

    @staticmethod
    def of(field: FieldName | None, *printed: str) -> Label:
        """From printed labels; "Tiếng Việt / English" is looked for as a whole and as each half."""
        wordings: dict[str, None] = {}
        for text in printed:
            wordings |= dict.fromkeys([squash(text), *(squash(half) for half in text.split(" / "))])
        return Label(field, tuple(wordings))


@dataclass(frozen=True, slots=True)
class Anchor:
    """A label found at characters start:end of a run's text; score 0-100."""

    label: Label
    start: int
    end: int
    score: float


def find_labels(run: Run, labels: Sequence[Label]) -> list[Anchor]:
    """The labels of a row from left to right, without overlaps; the longest and surest win."""
    squashed, positions = squash_with_positions(run.text)
    hits = [
        hit
        for label in labels
        for wording in label.wordings
        if (hit := _hit(label, wording, squashed)) and (label.field or _is_whole(hit, squashed))
    ]
    taken: list[Anchor] = []
    for hit in sorted(hits, key=lambda h: -h.score * (h.end - h.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in taken):
            taken.append(hit)
    merged = _merged(sorted(taken, key=lambda h: h.start))
    return [_in_text(anchor, run.text, positions) for anchor in merged]


def likeness(wording: str, squashed: str) -> float:
    """0-100: how well the squashed wording is found somewhere in squashed text."""
    if len(squashed) < len(wording):
        return float(fuzz.ratio(wording, squashed))
    return float(fuzz.partial_ratio(wording, squashed))


def _is_whole(hit: Anchor, squashed: str) -> bool:
    """Boilerplate fills its row; "Cần Giuộc, Long An" at the end of an address is not CĂN CƯỚC CÔNG DÂN."""
    return hit.score >= _WHOLE_RATIO and hit.end - hit.start >= _WHOLE_SHARE * len(squashed)


def _cutoff(wording: str) -> float:
    return next(ratio for length, ratio in _CUTOFFS if len(wording) >= length)


def _hit(label: Label, wording: str, squashed: str) -> Anchor | None:
    cutoff = _cutoff(wording)
    if len(squashed) <= len(wording):
        ratio = fuzz.ratio(wording, squashed, score_cutoff=cutoff)
        return Anchor(label, 0, len(squashed), ratio) if ratio else None
    found = fuzz.partial_ratio_alignment(wording, squashed, score_cutoff=cutoff)
    return None if found is None else Anchor(label, found.dest_start, found.dest_end, found.score)


def _merged(anchors: Sequence[Anchor]) -> list[Anchor]:
    """Neighbours of one field become one label."""
    merged: list[Anchor] = []
    for anchor in anchors:
        last = merged[-1] if merged else None
        if last and last.label is anchor.label and anchor.start - last.end <= _MERGE_GAP:
            merged[-1] = Anchor(last.label, last.start, anchor.end, max(last.score, anchor.score))
        else:
            merged.append(anchor)
    return merged


def _in_text(anchor: Anchor, text: str, positions: Sequence[int]) -> Anchor:
    """From squashed positions to whole words of the text, past the colon and blanks."""
    start = _word_edge(text, positions[anchor.start], believed=_SHORT_WORD)
    end = positions[anchor.end - 1] + 1
    near = range(max(start, end - _COLON_REACH), min(len(text), end + _COLON_REACH))
    colons = [i for i in near if text[i] == ":"]
    end = colons[-1] + 1 if colons else max(start + 1, _word_edge(text, end))
    while end < len(text) and text[end] in _BETWEEN:
        end += 1
    return Anchor(anchor.label, start, end, anchor.score)


def _word_edge(text: str, at: int, believed: int = 0) -> int:
    """The nearer end of the word that the position cuts; the position itself between words. A scrap of at most
    `believed` letters behind the position is left out even where it is the larger part of its word."""
    left, right = at, at
    while left > 0 and text[left - 1].isalnum():
        left -= 1
    while right < len(text) and text[right].isalnum():
        right += 1
    if left == at or right == at:
        return at
    return left if max(believed, at - left) < right - at else right
