"""Fixtures that several test files share."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.store.migrate import upgrade
from tests.databases import Postgres
from tests.live import LOOPBACK, Live, Web, live, web


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Postgres:
    """Starts when a test first asks it for a database; stops with the session."""
    return Postgres(tmp_path_factory.mktemp("postgres"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with all tables and no rows, once of each kind."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/ekyc.sqlite3"
        upgrade(url)
        return url
    server: Postgres = request.getfixturevalue("postgres")
    return server.new_database()


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
