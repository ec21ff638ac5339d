"""Printed labels found in noisy rows: fuzzily, without accents or blanks, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

from pipelines.documents.layout import FRAME, Run, Zone
from pipelines.parsing.text import squash, squash_with_positions
from pipelines.types import FieldName

_CUTOFFS = ((14, 72.0), (9, 80.0), (6, 85.0), (0, 100.0))
"""Shortest wording (squashed characters) and the ratio 0-100 it needs: the shorter, the easier to hit by chance.
Set on rendered cards whose letters were garbled at 8 %: labels still found, no value taken for one."""
_AMID_WORDS = 85.0
"""The same for a label amid the words of a row, with no wide blank before it and no colon behind: of letters in any
order "Hà, Thái Bình" holds 72 in 100 of "Họ và tên khai sinh"."""
_HOME_CUTOFFS = ((6, 68.0), (4, 75.0), (0, 100.0))
"""The same for a label that begins its row or has a colon behind, on the rows where it is printed: a letter of five,
or two of eight, may be wrong."""
_LEAST_LEFT = 0.6
"""Of a label's letters, that a row which holds nothing else must have: "Date of" begins the labels of three dates."""
_HOME_SLACK = 0.03
"""Of the card's height, by which such a row may miss the zone."""
_COLON_REACH = 4
"""A misread letter shifts a label's end by a character or two; a colon this near marks it exactly."""
_SHORTEST = 4
"""Letters of a wording looked for; "Họ" of "Họ / Surname" begins a hundred words."""
_WIDE_BLANK = 1.0
"""Of a row's height: more than the blank between two words, less than between two columns."""
_SHORT, _EXACT = 9, 99.0
_AFTER_LABEL = ("/", "|", ":")
_BETWEEN = " :.;,-/|"
_SLASHES = "/|"
_REACH = 6
"""Squashed characters by which a fuzzy match may miss the words' edges where it begins and ends."""
_SHORT_SHARE, _LONG_SHARE = 0.6, 1.6
"""Of the English half's length: how short or long its misreading may be."""
_NUMBER = re.compile(r"\d\d")
"""No label holds a number."""
_WHOLE_RATIO, _WHOLE_SHARE = 80.0, 0.6


@dataclass(frozen=True, slots=True)
class Wording:
    """One squashed way to print a label; `rest` is the other language that follows it after a slash, if any.
    `capitals` says that it is printed in capitals alone."""

    letters: str
    rest: str = ""
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """Wordings that stand before (or above) the value of a field; with no field, printed words that are no value.
    `home` is where the value stands."""

    field: FieldName | None
    wordings: tuple[Wording, ...]
    home: Zone | None = None

    @staticmethod
    def of(field: FieldName | None, *printed: str, home: Zone | None = None) -> Label:
        """From printed labels; "Tiếng Việt / English" is looked for as a whole and as each half."""
        wordings: dict[Wording, None] = {}
        for text in printed:
            first, *others = (squash(half) for half in text.split(" / "))
            rest = "".join(others)
            pairs = [(first + rest, ""), (first, rest), *((other, "") for other in others)]
            wordings |= dict.fromkeys(
                Wording(*pair, text.isupper()) for pair in pairs if len(pair[0]) >= _SHORTEST
            )
        return Label(field, tuple(wordings), home)

    def at_home(self, run: Run) -> bool:
        """Does the run stand on the rows of the field's zone?"""
        if self.home is None:
            return False
        y = (run.top + run.bottom) / 2 / FRAME[1]
        return self.home.y0 - _HOME_SLACK <= y <= self.home.y1 + _HOME_SLACK


@dataclass(frozen=True, slots=True)
class Anchor:
    """A label found at characters start:end of a run's text; score 0-100."""

    label: Label
    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class _Letters:
    """A row's squashed text, where each letter stands in the row, and where its words and, after a wide blank, its
    parts begin."""

    row: str
    squashed: str
    positions: tuple[int, ...]
    edges: tuple[int, ...]
    starts: frozenset[int]

    @staticmethod
    def of(run: Run) -> _Letters:
        row = run.text
        squashed, positions = squash_with_positions(row)
        inner = [
            i for i in range(1, len(positions)) if not row[positions[i - 1] + 1 : positions[i]].isalnum()
            and positions[i] - positions[i - 1] > 1
        ]  # fmt: skip
        wide = _WIDE_BLANK * run.height if row else 0.0
        starts = [
            i for i in inner if run.ink[positions[i], 1] - run.ink[positions[i - 1], 3] > wide
        ]
        return _Letters(
            row, squashed, positions, (0, *inner, len(squashed)), frozenset((0, *starts))
        )

    def behind(self, end: int) -> str:
        """The first sign after squashed position end, blanks left out; "" at the end of the row."""
        return self.row[self.positions[end - 1] + 1 :].lstrip()[:1]

    def in_small(self, start: int, end: int) -> bool:
        """Most letters of squashed positions start:end are small."""
        letters = [self.row[i] for i in self.positions[start:end] if self.row[i].isalpha()]
        return 2 * sum(c.islower() for c in letters) > len(letters)

    def in_capitals(self, start: int, end: int) -> bool:
        """No small letter in squashed positions start:end."""
        return not any(self.row[i].islower() for i in self.positions[start:end])


def find_labels(run: Run, labels: Sequence[Label]) -> list[Anchor]:
    """The labels of a row from left to right, without overlaps; the longest and surest win."""
    letters = _Letters.of(run)
    hits = [
        hit
        for label in labels
        for wording in label.wordings
        if (hit := _hit(label, wording, letters, label.at_home(run)))
        and (label.field or _is_whole(hit, letters))
    ]
    taken: list[Anchor] = []
    for hit in sorted(hits, key=lambda h: -h.score * (h.end - h.start)):
        if all(hit.end <= other.start or other.end <= hit.start for other in taken):
            taken.append(hit)
    return [_in_text(anchor, letters) for anchor in sorted(taken, key=lambda h: h.start)]


def likeness(wording: str, squashed: str, least: float = 0.0) -> float:
    """0-100: how well the squashed wording is found somewhere in squashed text; 0 below `least`."""
    if len(squashed) < len(wording):
        return float(fuzz.ratio(wording, squashed, score_cutoff=least))
    return float(fuzz.partial_ratio(wording, squashed, score_cutoff=least))


def _hit(label: Label, wording: Wording, letters: _Letters, at_home: bool) -> Anchor | None:
    """A wording in squashed positions, moved to whole words."""
    size = len(wording.letters)
    strict = _cutoff(_CUTOFFS, size)
    cutoff = min(strict, _cutoff(_HOME_CUTOFFS, size)) if at_home else strict
    if len(letters.squashed) < _LEAST_LEFT * size:
        return None
    if len(letters.squashed) <= size:
        ratio = fuzz.ratio(wording.letters, letters.squashed, score_cutoff=cutoff)
        start, end = 0, len(letters.squashed)
    else:
        found = fuzz.partial_ratio_alignment(wording.letters, letters.squashed, score_cutoff=cutoff)
        if found is None:
            return None
        ratio = found.score
        start, end = _at_words(wording.letters, letters, found.dest_start, found.dest_end)
        if ratio < strict or size < _SHORT:  # the words around may hold more than the match
            ratio = fuzz.ratio(wording.letters, letters.squashed[start:end], score_cutoff=cutoff)
    if not ratio or (not wording.capitals and letters.in_capitals(start, end)):
        return None
    if wording.capitals and letters.in_small(start, end):
        return None
    if ratio < max(strict, _AMID_WORDS) and not (
        start in letters.starts or letters.behind(end) == ":"
    ):
        return None
    if size < _SHORT and not _stands_out(letters, start, end, ratio):
        return None
    return Anchor(label, start, _past_rest(wording.rest, letters, end), ratio)


def _cutoff(cutoffs: Sequence[tuple[int, float]], size: int) -> float:
    return next(ratio for shortest, ratio in cutoffs if size >= shortest)


def _stands_out(letters: _Letters, start: int, end: int, score: float) -> bool:
    """A short match inside a row is a label only when it begins a word and is exact or followed as labels are: "Hòa
    Tiến" in an address is one letter off "Họ và tên"."""
    if start not in letters.edges:
        return False
    return start in letters.starts or score >= _EXACT or letters.behind(end) in _AFTER_LABEL


def _at_words(wording: str, letters: _Letters, start: int, end: int) -> tuple[int, int]:
    """The span nearest to the match that reads most like the wording, by whole words where they do as well."""

    def likest(spans: Iterator[tuple[int, int]]) -> tuple[int, int]:
        return max(
            spans, key=lambda s: (fuzz.ratio(wording, letters.squashed[s[0] : s[1]]), s[0] - s[1])
        )

    ends = [e for e in letters.edges if abs(e - end) <= _REACH and e > start] or [end]
    start, end = likest((start, e) for e in ends)
    starts = [s for s in letters.edges if abs(s - start) <= _REACH and s < end] or [start]
    return likest((s, end) for s in starts)


def _past_rest(rest: str, letters: _Letters, end: int) -> int:
    """Where the other language ends that a slash announces, however badly it is read; never past a wide blank."""
    if not rest or end >= len(letters.squashed):
        return end
    between = letters.row[letters.positions[end - 1] + 1 : letters.positions[end]]
    if not any(slash in between for slash in _SLASHES):
        return end
    bound = min((start for start in letters.starts if start > end), default=len(letters.squashed))
    if bound < len(letters.squashed) and bound - end < _SHORT_SHARE * len(rest):
        return bound  # its box was cut
    colon = letters.row.find(":", letters.positions[end - 1])
    if colon >= 0:
        before = sum(position < colon for position in letters.positions)
        if before <= bound and before - end <= _LONG_SHARE * len(rest):
            return before
    likely = [
        edge
        for edge in letters.edges
        if edge <= bound
        and _SHORT_SHARE * len(rest) <= edge - end <= _LONG_SHARE * len(rest)
        and not _NUMBER.search(letters.row, letters.positions[end], letters.positions[edge - 1] + 1)
    ]
    return min(
        likely,
        key=lambda e: (abs(e - end - len(rest)), -fuzz.ratio(rest, letters.squashed[end:e])),
        default=end,
    )


def _is_whole(hit: Anchor, letters: _Letters) -> bool:
    """Boilerplate fills its row; "Cần Giuộc, Long An" at the end of an address is not CĂN CƯỚC CÔNG DÂN."""
    share = (hit.end - hit.start) / len(letters.squashed)
    return hit.score >= _WHOLE_RATIO and share >= _WHOLE_SHARE


def _in_text(anchor: Anchor, letters: _Letters) -> Anchor:
    """From squashed positions to positions of the text, past the colon and blanks."""
    text = letters.row
    start, end = letters.positions[anchor.start], letters.positions[anchor.end - 1] + 1
    near = range(max(start, end - _COLON_REACH), min(len(text), end + _COLON_REACH))
    colons = [i for i in near if text[i] == ":"]
    end = colons[-1] + 1 if colons else end
    while end < len(text) and text[end] in _BETWEEN:
        end += 1
    return Anchor(anchor.label, start, end, anchor.score)
