"""When a card runs out (Law on Citizen Identification 2014 article 21; Law on Identification 2023 article 21)."""

from __future__ import annotations

from datetime import date, timedelta

MILESTONES = (14, 25, 40, 60)
"""Ages at which a card must be renewed; 14 only under the 2023 law."""
GRACE_YEARS = 2
"""A card issued within two years before a milestone runs to the next one."""
LAST_MILESTONE = MILESTONES[-1]
MRZ_NEVER = date(2099, 12, 31)
"""How the MRZ writes "Không thời hạn": 991231."""


def birthday(birth: date, age: int) -> date:
    """The day somebody turns `age`; 29 February falls back to the 28th."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        return date(birth.year + age, 2, 28)


def lawful_expiry(birth: date, issue: date) -> date | None:
    """The last day of a card issued on `issue`; None when it never runs out."""
    for age in MILESTONES:
        if issue < birthday(birth, age - GRACE_YEARS):
            return birthday(birth, age)
    return None


def is_lawful(birth: date, expiry: date | None, issue: date | None = None) -> bool:
    """Is this an expiry the law can give? 29 February may be printed as 28/2 or 1/3. None means "never".

    A card issued on the very day on which the two years begin may run to either milestone: the law does not say which.
    """
    if issue is None:
        lawful = {birthday(birth, age) for age in MILESTONES}
        return expiry is None or any(_same_birthday(day, expiry) for day in lawful)
    ends = {lawful_expiry(birth, issue), lawful_expiry(birth, issue - timedelta(days=1))}
    if expiry is None:
        return None in ends
    return any(_same_birthday(day, expiry) for day in ends if day)


def _same_birthday(lawful: date, printed: date) -> bool:
    leap = (lawful.month, lawful.day) == (2, 28) and (printed.month, printed.day) in {
        (2, 29),
        (3, 1),
    }
    return lawful == printed or (leap and lawful.year == printed.year)
