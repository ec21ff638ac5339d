"""The words of an address as it was read: unglued, in plain letters and with their marks."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from pipelines.parsing.text import nfc
from pipelines.parsing.units import KINDS, fold

_ACCENTED_SHARE = 0.08
"""Of letters: Vietnamese has marks on a third of its letters; with next to none, they were not read at all."""
_WORD = re.compile(r"[^\W_]+")
_LETTER_LIKE = str.maketrans("01568", "olsgb")
KIND_WORDS = frozenset(
    ["p", "q", "h", "x", "tx", "tt", "tp", "phuong", "quan", "huyen", "xa", "tran", "tinh"]
)
"""Last words of kinds, spelled out or not; "phố" and "khu" begin parts of a detail too often."""
_LONG_KINDS = frozenset(
    words for words in (tuple(fold(kind).split()) for kind in KINDS.values()) if len(words) > 1
)
_TONES = "\u0300\u0301\u0303\u0309\u0323"


@dataclass(frozen=True, slots=True)
class Words:
    """An address in words: plain letters, letters with their marks, which are followed by a comma, where they begin."""

    text: str
    plain: tuple[str, ...]
    marked: tuple[str, ...]
    comma_after: tuple[bool, ...]
    starts: tuple[int, ...]
    accented: bool

    @staticmethod
    def of(text: str) -> Words:
        text = nfc(text)
        spans = [
            (match.start() + a, match.start() + b)
            for match in _WORD.finditer(text)
            for a, b in _pieces(match.group())
        ]
        raw = [text[a:b] for a, b in spans]
        ends = [*(start for start, _ in spans[1:]), len(text)][: len(spans)]
        between = [text[b:end] for (_, b), end in zip(spans, ends, strict=True)]
        letters = sum(c.isalpha() for c in text)
        marks = sum(1 for c in text if c.isalpha() and not c.isascii())
        return Words(
            text=text,
            plain=tuple(_plain(word) for word in raw),
            marked=tuple(marked(word) for word in raw),
            comma_after=tuple("," in gap or ";" in gap for gap in between),
            starts=tuple(a for a, _ in spans),
            accented=marks > _ACCENTED_SHARE * letters,
        )

    def name(self, first: int, last: int) -> str:
        """Words first:last as printed, without a kind before them."""
        end = self.starts[last] if last < len(self.starts) else len(self.text)
        while first < last - 1:
            if first < last - 2 and self.plain[first : first + 2] in _LONG_KINDS:
                first += 2
            elif self.plain[first] in KIND_WORDS:
                first += 1
            else:
                break
        return self.text[self.starts[first] : end].strip(" ,.;-/")


def marked(text: str) -> str:
    """Lower-case letters with their marks as characters of their own, the tone at the end of each syllable, so that
    HÒA and HOÀ are one."""
    syllables = []
    for word in unicodedata.normalize("NFD", text.lower().replace("đ", "d\u0335")).split():
        tones = "".join(c for c in word if c in _TONES)
        rest = (c for c in word if c not in _TONES and (c.isalnum() or unicodedata.combining(c)))
        syllables.append("".join(rest) + tones)
    return "".join(syllables)


def _pieces(word: str) -> list[tuple[int, int]]:
    """Words that lost the blank between them: "LaTây", "Phường13"; "P13" and "3A" stay whole."""
    inner = range(1, len(word))
    cuts = [0, *(i for i in inner if _glued(word, i)), len(word)]
    return list(pairwise(cuts))


def _glued(word: str, i: int) -> bool:
    before, after = word[i - 1], word[i]
    if before.islower() and after.isupper():
        return True
    if before.isalpha() and after.isdigit():
        return word[i:].isdigit() and i > 2 and word[:i].isalpha()
    return before.isdigit() and after.isupper() and word[i + 1 : i + 2].islower()


def _plain(word: str) -> str:
    """Letters that were read as digits inside a word go back; a number loses its leading zeros."""
    letters = fold(word)
    digits = sum(c.isdigit() for c in letters)
    if digits == len(letters):
        return letters.lstrip("0") or "0" if letters.isdecimal() and letters.isascii() else letters
    return letters.translate(_LETTER_LIKE) if 0 < digits < len(letters) - 1 else letters
