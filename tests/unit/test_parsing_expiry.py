from datetime import date

import pytest

from pipelines.parsing.expiry import is_lawful, lawful_expiry

BORN = date(1990, 8, 25)


@pytest.mark.parametrize(
    ("born", "issued", "expiry"),
    [
        (BORN, date(2021, 4, 25), date(2030, 8, 25)),
        (date(2001, 7, 3), date(2024, 7, 2), date(2026, 7, 3)),
        (date(2001, 7, 3), date(2024, 7, 3), date(2041, 7, 3)),
        (date(1966, 1, 1), date(2023, 12, 31), date(2026, 1, 1)),
        (date(1966, 1, 1), date(2024, 1, 1), None),
        (date(1950, 1, 1), date(2022, 1, 1), None),
        (date(2020, 5, 5), date(2025, 1, 1), date(2034, 5, 5)),
        (date(1996, 2, 29), date(2024, 8, 1), date(2036, 2, 29)),
    ],
)
def test_a_card_issued_within_two_years_of_a_milestone_runs_to_the_next(
    born: date, issued: date, expiry: date | None
) -> None:
    assert lawful_expiry(born, issued) == expiry


def test_lawful() -> None:
    assert is_lawful(BORN, date(2030, 8, 25), date(2021, 4, 25))
    assert not is_lawful(BORN, date(2050, 8, 25), date(2021, 4, 25))
    assert is_lawful(BORN, date(2050, 8, 25))
    assert not is_lawful(BORN, date(2030, 8, 26))
    assert is_lawful(date(2000, 2, 29), date(2025, 3, 1))
    assert is_lawful(date(2000, 2, 29), date(2025, 2, 28))
    assert not is_lawful(BORN, None, date(2021, 4, 25))


@pytest.mark.parametrize(
    ("issued", "short", "long"),
    [
        (date(2013, 8, 24), True, False),
        (date(2013, 8, 25), True, True),
        (date(2013, 8, 26), False, True),
    ],
)
def test_on_the_day_the_two_years_begin_either_milestone_is_lawful(
    issued: date, short: bool, long: bool
) -> None:
    assert is_lawful(BORN, date(2015, 8, 25), issued) is short
    assert is_lawful(BORN, date(2030, 8, 25), issued) is long
    assert is_lawful(date(1955, 8, 25), None, issued) is long
