"""Which letters follow which on identity documents: an n-gram model of characters with back-off (Katz 1987)."""

from __future__ import annotations

import io
import math
import zipfile

import numpy as np

EDGE = "\n"
"""Stands before the first and behind the last character of a line."""
_DIGIT = "0"
_ALIKE = str.maketrans("123456789", _DIGIT * 9)
"""Digits are one class, each as likely as the next: a number is what is printed, not what its neighbours suggest."""
_BITS = 8
"""Per character in a key; an n-gram of eight fits into 64 bits."""


class CharacterModel:
    """Log-probabilities of a character after those before it. Read-only and safe between threads.

    Args:
        content: an .npz with `characters` (one string; EDGE included), `order`, and for every n-gram kept
            `keys` uint64 (see `key_of`), `log_probability` and `backoff` float16, natural logarithms.

    Raises:
        ValueError: not such a file.
    """

    def __init__(self, content: bytes) -> None:
        try:
            with np.load(io.BytesIO(content), allow_pickle=False) as file:
                characters, self.order = str(file["characters"]), int(file["order"])
                keys = file["keys"].tolist()
                told, backoff = (file[k].tolist() for k in ("log_probability", "backoff"))
            grams = [gram_of(key, characters) for key in keys]
        except (OSError, LookupError, EOFError, ValueError, zipfile.BadZipFile) as error:
            raise ValueError(f"not a character model: {error}") from error
        if not len(keys) == len(told) == len(backoff) or EDGE not in characters:
            raise ValueError("not a character model: its columns do not fit together")
        self._told: dict[str, float] = dict(zip(grams, told, strict=True))
        self._backoff: dict[str, float] = {g: b for g, b in zip(grams, backoff, strict=True) if b}
        self._unknown: float = min(told)

    def log_probability(self, text: str, character: str) -> float:
        """Of `character` after `text`, the line so far; EDGE as character: of the line's end."""
        context = classed((EDGE + text)[1 - self.order :])
        character = classed(character)
        total = -math.log(10) if character == _DIGIT else 0.0
        while context:
            told = self._told.get(context + character)
            if told is not None:
                return total + told
            total += self._backoff.get(context, 0.0)
            context = context[1:]
        return total + self._told.get(character, self._unknown)


def classed(text: str) -> str:
    """As the model sees it: digits are not told apart."""
    return text.translate(_ALIKE)


def key_of(gram: str, characters: str) -> int:
    """An n-gram of at most eight of `characters`, of which there are at most 255, as one number."""
    key = 0
    for c in gram:
        key = key << _BITS | characters.index(c) + 1
    return key


def gram_of(key: int, characters: str) -> str:
    letters = ""
    while key:
        letters = characters[(key & (1 << _BITS) - 1) - 1] + letters
        key >>= _BITS
    return letters
