"""Machine readable zone of identity cards (TD1): cleaned, repaired by its own redundancy, taken apart.

A zone is a code word: the number stands twice, five check digits guard it, the number repeats the year of birth
and the sex, and the expiry falls on the birthday. Repair picks the code word nearest to what was read.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product
from math import inf, prod
from types import MappingProxyType

from pipelines.parsing.expiry import MRZ_NEVER, is_lawful
from pipelines.parsing.numbers import PersonalNumber, personal_number
from pipelines.parsing.td1 import (
    DATES_FORM,
    FILLER,
    LENGTH,
    NUMBER_FORM,
    UNKNOWN,
    check_digit,
    fit,
)
from pipelines.parsing.zone import Guarded, Mrz, cleaned, day_of, distance, names_of
from pipelines.types import MrzForm, Sex

TD1_GUARDED: Guarded = MappingProxyType(
    {
        "document_number": (0, slice(5, 15)),
        "number": (0, slice(15, 30)),
        "birth_date": (1, slice(0, 7)),
        "expiry_date": (1, slice(8, 15)),
    }
)
_SHORTEST_LINE = 16
_MAX_FIT_COST = 7.0
"""Of a line of 30: about six characters of the wrong kind. A printed address costs more than 15."""
_MOST_REPAIRS = 3
"""Characters changed beyond forcing the alphabet; more, and the check digits no longer prove anything."""
_MOST_GUESSES = 100
_MOST_KEPT = 24
"""Bounds on the search: texts tried per unreadable place, and candidates kept per group."""
_DISAGREES = 0.9
"""A code word that denies what the number says of birth or sex, or an expiry the law does not give, costs nearly
as much as a misread character."""
_MARGIN = 0.4
"""Costs are sums of 0.9, 1 and 1.5: a runner-up nearer than this is as likely as the winner."""
_WIDE_MARGIN = 1.0
"""One whole character, asked of a zone with as many repairs as are allowed: without it 8 of 200 made-up zones with two slips in
each line came out wrong after three repairs, with it 2 of 120."""


def parse_td1(read: Sequence[str]) -> Mrz | None:
    """The zone among the lines read, or None when no two of them look like its first two lines."""
    lines = [line for line in map(cleaned, read) if len(line) >= _SHORTEST_LINE]
    if len(lines) < 2:
        return None
    first = min(range(len(lines)), key=lambda i: fit(lines[i], NUMBER_FORM)[1])
    later = [i for i in range(len(lines)) if i > first]
    if not later:
        return None
    second = min(later, key=lambda i: fit(lines[i], DATES_FORM)[1])
    number_line, number_cost = fit(lines[first], NUMBER_FORM)
    dates_line, dates_cost = fit(lines[second], DATES_FORM)
    if number_cost > _MAX_FIT_COST or dates_cost > _MAX_FIT_COST:
        return None
    surname, given = _names(read, lines[second])
    return _settled(number_line, dates_line, surname, given)


def _names(read: Sequence[str], dates_line: str) -> tuple[str, str]:
    """Surname and given names from the first line after the dates; empty when there is none."""
    after = [i for i, line in enumerate(read) if cleaned(line) == dates_line]
    below = [line for line in read[after[-1] + 1 :] if len(cleaned(line)) >= 4] if after else []
    return names_of(below[0], LENGTH) if below else ("", "")


def _settled(number_line: str, dates_line: str, surname: str, given: str) -> Mrz:
    """The nearest code word, by the cost of the characters it changes and of the facts it denies."""
    best, line1, line2, runner_up = inf, "", "", inf
    births, expiries = _dates(dates_line[0:7]), _dates(dates_line[8:15])
    for number_cost, number in _numbers(number_line):
        first, facts = _number_line(number), personal_number(number)
        sex = _sex(dates_line[7], facts)
        for birth_cost, birth in births:
            if number_cost + birth_cost > best + _WIDE_MARGIN:
                break
            for expiry_cost, expiry in expiries:
                cost = number_cost + birth_cost + expiry_cost
                if cost > best + _WIDE_MARGIN:
                    break
                second = _dates_line(first, birth, sex, expiry)
                cost += distance(dates_line[7] + dates_line[15:], second[7] + second[15:])
                cost += _DISAGREES * _denied(facts, birth, sex, expiry)
                if cost < best:
                    best, line1, line2, runner_up = cost, first, second, best
                elif (first, second) != (line1, line2):
                    runner_up = min(runner_up, cost)
    repairs = _changed(number_line, line1) + _changed(dates_line, line2) if line1 else LENGTH
    if repairs > _MOST_REPAIRS:  # keep what was read, and let the checks fail
        read = number_line.replace(UNKNOWN, FILLER), dates_line.replace(UNKNOWN, FILLER)
        return _taken_apart(read, surname, given, repairs, certain=False)
    certain = runner_up - best >= (_MARGIN if repairs < _MOST_REPAIRS else _WIDE_MARGIN)
    return _taken_apart((line1, line2), surname, given, repairs, certain=certain)


def _taken_apart(
    lines: tuple[str, str], surname: str, given: str, repairs: int, *, certain: bool
) -> Mrz:
    line1, line2 = lines
    facts = personal_number(line1[15:27])
    checks = {
        "document_number": check_digit(line1[5:14]) == line1[14],
        "number": check_digit(line1[15:27]) == line1[29],
        "birth_date": check_digit(line2[0:6]) == line2[6],
        "expiry_date": check_digit(line2[8:14]) == line2[14],
        "composite": check_digit(_guarded(line1, line2)) == line2[29],
    }
    line3 = f"{surname.replace(' ', FILLER)}<<{given.replace(' ', FILLER)}"[:LENGTH].ljust(
        LENGTH, FILLER
    )
    return Mrz(
        form=MrzForm.TD1,
        lines=(line1, line2, line3),
        number=line1[15:27],
        document_number=line1[5:14],
        personal_number=line1[15:27],
        birth_date=day_of(line2[0:6], facts.birth_year // 100 if facts else 19),
        sex={"M": Sex.MALE, "F": Sex.FEMALE}.get(line2[7]),
        expiry_date=day_of(line2[8:14], 20),
        nationality=line2[15:18],
        surname=surname,
        given_names=given,
        checks=MappingProxyType(checks),
        repairs=repairs,
        certain=certain,
    )


def _numbers(line: str) -> list[tuple[float, str]]:
    """Numbers near to the two readings of the first line with their costs, the nearest first."""
    short, long = UNKNOWN * 3 + line[5:14], line[15:27]
    seen = [set(pair) - {UNKNOWN} or set("0123456789") for pair in zip(long, short, strict=True)]
    return sorted((distance(line, _number_line(near)), near) for near in _near(seen))[:_MOST_KEPT]


def _dates(read: str) -> list[tuple[float, str]]:
    """YYMMDD texts that name a day, nearest first to the six digits and the check digit read, with their costs."""
    seen = [set("0123456789") if c == UNKNOWN else {c} for c in read[:6]]
    days = (text for text in _near(seen) if day_of(text, 20) is not None)
    return sorted((distance(read, text + check_digit(text)), text) for text in days)[:_MOST_KEPT]


def _near(seen: Sequence[set[str]]) -> set[str]:
    """Every text made of the digits seen per place, and every one that differs from such a text in one digit;
    none when too many digits are unknown."""
    if prod(map(len, seen)) > _MOST_GUESSES:
        return set()
    plain = ["".join(digits) for digits in product(*seen)]
    return {near for text in plain for near in (text, *_one_changed(text))}


def _one_changed(text: str) -> Iterator[str]:
    for i, digit in enumerate(text):
        yield from (f"{text[:i]}{other}{text[i + 1 :]}" for other in "0123456789" if other != digit)


def _number_line(number: str) -> str:
    last_nine = number[3:]
    return f"IDVNM{last_nine}{check_digit(last_nine)}{number}<<{check_digit(number)}"


def _dates_line(line1: str, birth: str, sex: str, expiry: str) -> str:
    open_end = f"{birth}{check_digit(birth)}{sex}{expiry}{check_digit(expiry)}VNM{FILLER * 11}"
    return open_end + check_digit(_guarded(line1, open_end))


def _guarded(line1: str, line2: str) -> str:
    """What the composite check digit covers."""
    return line1[5:30] + line2[0:7] + line2[8:15] + line2[18:29]


def _sex(read: str, facts: PersonalNumber | None) -> str:
    if read in "MF":
        return read
    if facts is None:
        return FILLER
    return "M" if facts.sex is Sex.MALE else "F"


def _denied(facts: PersonalNumber | None, birth: str, sex: str, expiry: str) -> int:
    """How many facts of the number, and whether the expiry rule, the dates deny."""
    if facts is None:
        return 2
    born = day_of(birth, facts.birth_year // 100)
    ends = day_of(expiry, 20)
    never = ends == MRZ_NEVER
    unlawful = born is not None and not is_lawful(born, None if never else ends)
    wrong_sex = sex != _sex(UNKNOWN, facts)
    return unlawful + wrong_sex + (birth[:2] != facts.digits[4:6]) + (not facts.known_province)


def _changed(read: str, repaired: str) -> int:
    return sum(a != b for a, b in zip(read, repaired, strict=True))
