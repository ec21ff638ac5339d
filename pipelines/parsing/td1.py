"""The form of a TD1 zone on Vietnamese cards, and reading a noisy line into that form.

Source: ICAO Doc 9303 part 5 (TD1) and part 3 section 4.9 (check digits); what Vietnam prints in it was recomputed
on public fixtures:

    IDVNM nnnnnnnnn c NNNNNNNNNNNN << c     last nine digits of the number, check; the whole number, check
    YYMMDD c S YYMMDD c VNM <<<<<<<<<<< C   birth, check, sex, expiry, check, nationality, fillers, composite
    SURNAME<<GIVEN<NAMES<<<<<<<<<<
"""

from __future__ import annotations

from math import inf

LENGTH = 30
FILLER = "<"
UNKNOWN = "?"
"""Stands for a digit that the reader lost."""

_DIGIT, _SEX, _LETTER = "d", "s", "a"
NUMBER_FORM = f"IDVNM{_DIGIT * 10}{_DIGIT * 12}<<{_DIGIT}"
DATES_FORM = f"{_DIGIT * 7}{_SEX}{_DIGIT * 7}VNM{FILLER * 11}{_DIGIT}"
"""One mark per character: d a digit, s the sex, a a letter, anything else itself."""

_TO_DIGIT = dict(zip("OQDCUILJTZSGBAY", "000001117256844", strict=True))
_TO_LETTER = {
    "0": "OD",
    "1": "IL",
    "8": "B",
    "5": "S",
    "2": "Z",
    "6": "G",
    "4": "A",
    "W": "VM",
    "H": "NM",
    "U": "V",
}
_LETTER_OF = str.maketrans("0152684", "OISZGBA")
_LIKE_FILLER = "KCLEX("
_SEX_SEEN = {"M": "M", "F": "F", "N": "M", "H": "M", "W": "M", "E": "F", "P": "F", FILLER: FILLER}

_LOOKALIKE_COST = 0.3
_WRONG_COST = 1.2
_LOST_COST, _EXTRA_COST = 1.0, 1.0
_FILLER_COST = 0.3
"""Alignment costs by hand: a lost or doubled filler is the commonest slip of a CTC reader, a wrong class of
character the rarest. Only their order matters."""


def check_digit(text: str) -> str:
    """Weights 7, 3, 1; A = 10 ... Z = 35; filler = 0; the sum modulo 10."""
    values = (0 if c == FILLER else int(c) if c.isdigit() else ord(c) - 55 for c in text)
    return str(sum(value * (7, 3, 1)[i % 3] for i, value in enumerate(values)) % 10)


def fit(read: str, form: str) -> tuple[str, float]:
    """`read` laid over `form` at the least cost: lost characters come back (digits as ?), extra ones go.

    Returns exactly len(form) characters, each of its slot's alphabet, and the cost; smaller fits better.
    """
    straight = sum(map(_slot_cost, read, form)) if len(read) == len(form) else inf
    if straight <= _LOOKALIKE_COST:  # no shift of the line can be cheaper by much
        return "".join(map(_in_slot, read, form)), straight
    rows, columns = len(form) + 1, len(read) + 1
    cost = [[0.0] * columns for _ in range(rows)]
    step = [[""] * columns for _ in range(rows)]
    for i in range(rows):
        for j in range(columns):
            ways: list[tuple[float, str]] = []
            if i and j:
                ways.append((cost[i - 1][j - 1] + _slot_cost(read[j - 1], form[i - 1]), "take"))
            if i:
                lost = _FILLER_COST if form[i - 1] == FILLER else _LOST_COST
                ways.append((cost[i - 1][j] + lost, "lost"))
            if j:
                extra = _FILLER_COST if read[j - 1] == FILLER else _EXTRA_COST
                ways.append((cost[i][j - 1] + extra, "extra"))
            if ways:
                cost[i][j], step[i][j] = min(ways)
    fitted: list[str] = []
    i, j = len(form), len(read)
    while i or j:
        way = step[i][j]
        if way == "extra":
            j -= 1
            continue
        fitted.append(_in_slot(read[j - 1] if way == "take" else UNKNOWN, form[i - 1]))
        i, j = i - 1, j - (way == "take")
    return "".join(reversed(fitted)), cost[-1][-1]


def forced(read: str, told: str) -> bool:
    """Is this what the slot alone makes of a character read: an O among digits, anything among fillers?"""
    slot = _DIGIT if told.isdigit() else _LETTER if told.isalpha() else told
    return read == told or _in_slot(read, slot) == told


def _slot_cost(character: str, slot: str) -> float:
    fitted = _in_slot(character, slot)
    if slot in (_DIGIT, _LETTER) and fitted == UNKNOWN:
        return _WRONG_COST
    if character == fitted:
        return 0.0
    if slot == _SEX:
        return _LOOKALIKE_COST if fitted != UNKNOWN else _WRONG_COST
    like = character in _LIKE_FILLER if slot == FILLER else slot in _TO_LETTER.get(character, "")
    return _LOOKALIKE_COST if slot in (_DIGIT, _LETTER) or like else _WRONG_COST


def _in_slot(character: str, slot: str) -> str:
    if slot == _DIGIT:
        return character if character.isdigit() else _TO_DIGIT.get(character, UNKNOWN)
    if slot == _SEX:
        return _SEX_SEEN.get(character, UNKNOWN)
    if slot == _LETTER:
        letter = character.translate(_LETTER_OF)
        return letter if letter.isalpha() else UNKNOWN
    return slot
