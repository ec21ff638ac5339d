"""CTC decoding: with a character model, greedy, and restricted to an alphabet without a second pass of the network."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.text.language import EDGE, CharacterModel
from models.types import LineReading

BLANK = 0
LANGUAGE_WEIGHT, LETTER_BONUS = 0.25, 0.4
"""Power of the character model's probability, and what every letter gains (nats) lest short readings win. On 1,260
validation lines errors stay flat from 0.2 to 0.4."""
_BEAMS, _BEAM_DEPTH, _DEPTH = 8, 6.0, 5.0
"""Readings carried from step to step; nats below the best reading, and below a step's best class, that are let go. Twice
as much of each changes nothing measurable."""
_MOST_LETTERS = 6
"""Of one step that are looked at: bounds the time on noise."""
_SURE_STEP, _SURE_LETTER = 0.98, 0.9
"""A line whose every step and letter is as sure has nothing for a character model to change; and no letter as sure is
changed by one."""
_NEVER = -1e30
_LEAST_READ, _LEAST_PITCH = 0.7, 2.0
"""Share of a line's characters that tell its pitch, and the steps between two of them below which gaps drown in rounding."""


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


def decode(
    log_posteriors: NDArray[np.float32], charset: str, language: CharacterModel | None
) -> LineReading:
    """Prefix beam search with `language` where the line leaves doubt (Hannun et al. 2014), else best path.

    A character's confidence is its posterior at its surest step, as it is or weighed against the others there as the search
    does, whichever is less: spelling casts doubt on a letter but makes none surer than its print.
    """
    first = greedy(log_posteriors, charset)
    if language is None or not len(log_posteriors) or _leaves_no_doubt(log_posteriors, first):
        return first
    told = _search(log_posteriors, charset, language)
    begin, end = len(told.text) - len(told.text.lstrip()), len(told.text.rstrip())
    confidences = [
        _confidence(log_posteriors[step], told.text[:i], told.text[i], charset, language)
        for i, step in enumerate(told.steps)
    ]
    return LineReading(
        told.text[begin:end],
        np.array(confidences[begin:end], np.float32),
        log_posteriors,
        np.array(told.steps[begin:end], np.intp),
    )


def _leaves_no_doubt(log_posteriors: NDArray[np.float32], reading: LineReading) -> bool:
    """Whether every step says blank, or the letter of the best path before or after it."""
    if len(reading.confidences) and reading.confidences.min() < _SURE_LETTER:
        return False
    best = log_posteriors.argmax(axis=1)
    steps = np.arange(len(best))
    written = np.where(best != BLANK, steps, 0)
    before = best[np.maximum.accumulate(written)]
    after = best[::-1][np.maximum.accumulate(np.where(best[::-1] != BLANK, steps, 0))][::-1]
    told = np.exp(log_posteriors)
    mass = told[:, BLANK] + np.where(before != BLANK, told[steps, before], 0)
    mass += np.where((after != BLANK) & (after != before), told[steps, after], 0)
    return bool(mass.min() >= _SURE_STEP)


class _Beam(NamedTuple):
    """One reading of the steps so far.

    Attributes:
        blank, letter: log-probability of all paths that end in a blank, and in the last letter.
        language: weighted log-probability and bonus of its letters.
        steps: per letter the step in which it is surest.
    """

    text: str
    blank: float
    letter: float
    language: float
    steps: tuple[int, ...]

    @property
    def paths(self) -> float:
        return _sum(self.blank, self.letter)

    @property
    def score(self) -> float:
        return self.paths + self.language


def _search(log_posteriors: NDArray[np.float32], charset: str, language: CharacterModel) -> _Beam:
    near = _near(log_posteriors)
    written = near.max(axis=1)
    beams = [_Beam("", 0.0, _NEVER, 0.0, ())]
    for step, row in enumerate(log_posteriors):
        blank = float(row[BLANK])
        if not written[step]:
            beams = [b._replace(blank=b.paths + blank, letter=_NEVER) for b in beams]
            continue
        letters = [(charset[c - 1], c, float(row[c])) for c in np.flatnonzero(near[step])]
        grown: dict[str, _Beam] = {}
        for beam in beams:
            text, paths, told_language, steps = beam.text, beam.paths, beam.language, beam.steps
            _join(grown, _Beam(text, paths + blank, _NEVER, told_language, steps))
            for letter, label, told in letters:
                source = paths
                if letter == text[-1:]:
                    surest = step if told > log_posteriors[steps[-1], label] else steps[-1]
                    same = (*steps[:-1], surest)
                    _join(grown, _Beam(text, _NEVER, beam.letter + told, told_language, same))
                    source = beam.blank
                if source > _NEVER:
                    gained = told_language + _gain(language, text, letter)
                    longer = _Beam(text + letter, _NEVER, source + told, gained, (*steps, step))
                    _join(grown, longer)
        scored = sorted(((b.score, b.text) for b in grown.values()), reverse=True)[:_BEAMS]
        least = scored[0][0] - _BEAM_DEPTH
        beams = [grown[text] for score, text in scored if score > least]
    return max(
        beams, key=lambda b: b.score + LANGUAGE_WEIGHT * language.log_probability(b.text, EDGE)
    )


def _near(log_posteriors: NDArray[np.float32]) -> NDArray[np.bool_]:
    """The letters looked at in each step: a sure one alone, else the likeliest of those near the best class."""
    highest = log_posteriors.max(axis=1, keepdims=True)
    depth = np.where(highest >= math.log(_SURE_LETTER), 0.0, _DEPTH)
    near = np.asarray(log_posteriors >= highest - depth, np.bool_)
    near[:, BLANK] = False
    if log_posteriors.shape[1] > _MOST_LETTERS:
        ranked = np.argpartition(log_posteriors[:, 1:], -_MOST_LETTERS, axis=1)
        np.put_along_axis(near[:, 1:], ranked[:, :-_MOST_LETTERS], False, axis=1)
    return near


def _join(grown: dict[str, _Beam], beam: _Beam) -> None:
    """Adds a reading's paths to those of the same text."""
    other = grown.get(beam.text)
    if other is not None:
        steps = beam.steps if beam.paths > other.paths else other.steps
        blank, letter = _sum(beam.blank, other.blank), _sum(beam.letter, other.letter)
        beam = _Beam(beam.text, blank, letter, beam.language, steps)
    grown[beam.text] = beam


def _confidence(
    row: NDArray[np.float32], before: str, letter: str, charset: str, language: CharacterModel
) -> float:
    near = np.flatnonzero(row > row.max() - _DEPTH)
    odds = {
        int(c): float(row[c]) + (_gain(language, before, charset[c - 1]) if c != BLANK else 0.0)
        for c in near
    }
    own = 1 + charset.index(letter)
    odds.setdefault(own, float(row[own]) + _gain(language, before, letter))
    highest = max(odds.values())
    weighed = math.exp(odds[own] - highest) / sum(math.exp(x - highest) for x in odds.values())
    return min(weighed, math.exp(float(row[own])))


def _gain(language: CharacterModel, before: str, letter: str) -> float:
    return LANGUAGE_WEIGHT * language.log_probability(before, letter) + LETTER_BONUS


def _sum(a: float, b: float) -> float:
    """log(exp(a) + exp(b))."""
    if a < b:
        a, b = b, a
    return a if b <= _NEVER else a + math.log1p(math.exp(b - a))


def restricted(
    reading: LineReading,
    alphabet: str,
    charset: str,
    language: CharacterModel | None,
    *,
    pitch_of: int | None = None,
) -> LineReading:
    """The same line read again with only `alphabet` allowed (digits, a date, an MRZ).

    Confidences stay those of the full distribution, so a letter forced into a digit slot shows its doubt.

    Args:
        pitch_of: characters of the line when it is set in one pitch; a gap as wide as one is then read as the likeliest.

    Returns the reading itself when it carries no posteriors.
    """
    full = reading.log_posteriors
    if full is None:
        return reading
    allowed = np.array([True, *(c in alphabet for c in charset)])
    masked = np.where(allowed, full, np.float32(-1e9))
    again = decode(masked, charset, language)
    again = LineReading(again.text, again.confidences, full, again.steps)
    return again if pitch_of is None else _gaps_filled(again, masked, charset, pitch_of)


def _gaps_filled(
    reading: LineReading, masked: NDArray[np.float32], charset: str, count: int
) -> LineReading:
    """What was lost between two characters of a line in one pitch, read where it must stand."""
    steps = reading.steps
    if steps is None or not _LEAST_READ * count <= len(steps) < count:
        return reading
    apart = np.diff(steps)
    pitch = float(np.median(apart))
    if pitch < _LEAST_PITCH:
        return reading
    text, surest, confidences = [reading.text[0]], [steps[0]], [reading.confidences[0]]
    for i, distance in enumerate(apart, 1):
        lost = round(float(distance) / pitch) - 1
        for place in range(1, lost + 1):
            centre = steps[i - 1] + place * distance / (lost + 1)
            first = int(np.ceil(centre - pitch / 2))
            cell = masked[first : int(centre + pitch / 2) + 1, 1:]
            row, label = np.unravel_index(int(cell.argmax()), cell.shape)
            text.append(charset[int(label)])
            surest.append(first + row)
            confidences.append(np.exp(cell[row, label]))
        text.append(reading.text[i])
        surest.append(steps[i])
        confidences.append(reading.confidences[i])
    if len(text) > count:
        return reading
    return LineReading(
        "".join(text),
        np.array(confidences, np.float32),
        reading.log_posteriors,
        np.array(surest, np.intp),
    )
