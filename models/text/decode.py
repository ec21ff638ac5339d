"""CTC decoding: greedy, and restricted to an alphabet without a second pass of the network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from models.types import LineReading

BLANK = 0


def greedy(log_posteriors: NDArray[np.float32], charset: str) -> LineReading:
    """Best path: repeats merged, blanks dropped (Graves et al. 2006).

    `log_posteriors` is T x (1 + len(charset)). A character's confidence is the highest posterior among the
    steps that were merged into it.
    """
    best = log_posteriors.argmax(axis=1)
    score = np.exp(log_posteriors[np.arange(len(best)), best])
    characters: list[str] = []
    steps: list[int] = []
    previous = BLANK
    for step, label in enumerate(best):
        if label != BLANK and label != previous:
            characters.append(charset[label - 1])
            steps.append(step)
        elif label != BLANK and score[step] > score[steps[-1]]:
            steps[-1] = step
        previous = label
    text = "".join(characters)
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    surest = np.array(steps[first:last], np.intp)
    return LineReading(text[first:last], score[surest].astype(np.float32), log_posteriors, surest)


def restricted(reading: LineReading, alphabet: str, charset: str) -> LineReading:
    """The same line read again with only `alphabet` allowed (digits, a date, an MRZ).

    Confidences stay those of the full distribution, so a letter forced into a digit slot shows its doubt.

    Returns the reading itself when it carries no posteriors.
    """
    if reading.log_posteriors is None:
        return reading
    allowed = np.array([True, *(c in alphabet for c in charset)])
    masked = np.where(allowed, reading.log_posteriors, np.float32(-1e9))
    again = greedy(masked, charset)
    return LineReading(again.text, again.confidences, reading.log_posteriors, again.steps)
