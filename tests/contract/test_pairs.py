"""Every route and format, with the request and the answer that the documents show."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.commands import routes
from app.dialects.examples import examples
from tests.live import Live, Web
from tests.pairs import before, differences, send


@pytest.mark.parametrize("key", examples())
def test_pair(key: str, fresh: Live, site: Web) -> None:
    pair = examples()[key]
    answer = send(key, pair, fresh, site, before(key, fresh, site))
    assert answer.status_code == 200
    assert differences(pair["answer"], answer.json()) == []


def test_every_route_and_format_has_its_pair() -> None:
    rows = routes.rows(examples())
    assert {row.key for row in rows} == set(examples())
    assert len(rows) == len({row.key for row in rows}) >= 55
    for row in rows:
        assert row.test is not None
        file, _, name = row.test.partition("::")
        assert f"def {name.partition('[')[0]}(" in Path(file).read_text("utf-8")
