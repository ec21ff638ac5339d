"""Fixtures that several test files share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.databases import Postgres
from tests.live import LOOPBACK, Live, Web, live, web


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Starts when a test first asks it for a database; stops with the session."""
    server = Postgres()
    yield server
    server.stop()


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """The URL of a database with all tables and no rows, "sqlite" or "postgresql"."""

    def new(kind: str) -> str:
        if kind == "postgresql":
            server: Postgres = request.getfixturevalue("postgres")
            return server.new_database()
        url = f"sqlite:///{tmp_path}/ekyc.sqlite3"
        upgrade(url)
        return url

    return new


@pytest.fixture(scope="session")
def site() -> Iterator[Web]:
    """Where images by URL come from."""
    with web() as running:
        yield running


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory, site: Web) -> Iterator[Live]:
    """The whole application over fake pipelines; may fetch from `site`, which is on the loopback."""
    port = int(site.url.rpartition(":")[2])
    with live(
        tmp_path_factory.mktemp("service"),
        fetch_networks=(LOOPBACK,),
        fetch_ports=frozenset({port}),
        max_upload_bytes=8 * 1024 * 1024,
        keep_images=True,
    ) as running:
        yield running


@pytest.fixture
def fresh(service: Live) -> Live:
    """The same service for a client nobody has used."""
    return replace(service, credentials=service.clients.add(f"client-{time.time_ns()}"))
