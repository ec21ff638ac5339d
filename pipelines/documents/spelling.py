"""A printed word is a number or it is not: single letters inside numbers, and digits inside words, are read again.

The reader's own posteriors decide which digit or letter it was, so that this costs no second pass of the network.
"""

from __future__ import annotations

import re

import numpy as np

from models.text.charset import CHARSET, DIGITS
from models.types import LineReading

_LETTERS = "".join(c for c in CHARSET if c.isalpha())
_NUMBER_LETTERS, _WORD_LETTERS = 6, 4
"""Shortest number and shortest word that are told by their looks: A1, 3A and P.12 are neither."""
_SHARE = 0.7
_MOST_STRAYS = 3
"""Of a word's characters this share is of its kind, and no more than so many are not: two strays in a date, three in a
number of twelve."""
_WORD = re.compile(r"[^\s<:]+")


def spelled(reading: LineReading) -> LineReading:
    """The same line with every number made of digits and every word of letters.

    A letter before a number (passports, series) stays. Confidences are those of the full distribution, so what was read
    again shows its doubt. The reading itself, where the reader kept no posteriors of our charset.
    """
    posteriors, steps = reading.log_posteriors, reading.steps
    if posteriors is None or steps is None or posteriors.shape[1] != 1 + len(CHARSET):
        return reading
    text, confidences = list(reading.text), reading.confidences.copy()
    for word in _WORD.finditer(reading.text):
        alphabet, first = _spelling(word[0])
        for i in range(word.start() + first, word.end()):
            if alphabet and text[i].isalnum() and text[i] not in alphabet:
                allowed = [1 + CHARSET.index(c) for c in alphabet]
                best = allowed[int(posteriors[steps[i], allowed].argmax())]
                text[i] = CHARSET[best - 1]
                confidences[i] = np.exp(posteriors[steps[i], best])
    return LineReading("".join(text), confidences, posteriors, steps)


def _spelling(word: str) -> tuple[str, int]:
    """(the alphabet a word is spelled in, from which of its characters on); no alphabet for what may be either."""
    digits, letters = sum(c in DIGITS for c in word), sum(c.isalpha() for c in word)
    if digits + letters == 0 or digits * letters == 0:
        return "", 0
    first = int(word[0].isalpha())
    strays = letters - first
    number = digits + strays >= _NUMBER_LETTERS and digits >= _SHARE * (digits + strays)
    if number and strays <= _MOST_STRAYS:
        return DIGITS, first
    worded = letters + digits >= _WORD_LETTERS and letters >= _SHARE * (digits + letters)
    if worded and digits <= _MOST_STRAYS:
        return _LETTERS, 0
    return "", 0
