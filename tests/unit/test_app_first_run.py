"""The first start: a pack is chosen once and pinned, and the database is there."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import make_url

from app.first_run import Say, make_ready
from app.settings import SETTINGS_FILE_VARIABLE
from app.store.cipher import Keys
from app.store.database import open_database
from app.store.keys import write_keys
from app.store.migrate import is_current
from app.store.pgvector import ExtensionMissing
from models.choose import Choice
from tests.databases import Postgres


class Chooser:
    """Chooses `pack` and counts how often it was asked."""

    def __init__(self, pack: str) -> None:
        self.pack, self.asked = pack, 0

    def __call__(self, weights_dir: Path | None = None, *, say: Say) -> Choice:
        self.asked += 1
        return Choice(self.pack, f"Using {self.pack}.")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "bank" / "ekyc.env"
    monkeypatch.delenv(SETTINGS_FILE_VARIABLE, raising=False)
    monkeypatch.setattr("app.settings.DEFAULT_SETTINGS_FILE", path)
    monkeypatch.setenv("EKYC_DATABASE_URL", f"sqlite:///{tmp_path / 'ekyc.sqlite3'}")
    monkeypatch.delenv("EKYC_PACK", raising=False)
    return path


def test_the_choice_is_pinned_and_kept_when_the_better_pack_appears_later(file: Path) -> None:
    said: list[str] = []
    first = make_ready(say=said.append, choose=Chooser("embedded"))
    later = Chooser("arcface-mobile")
    second = make_ready(say=said.append, choose=later)
    assert (first.pack, second.pack, later.asked) == ("embedded", "embedded", 0)
    assert "Using embedded." in said


def test_what_the_operator_wrote_stays(file: Path) -> None:
    file.parent.mkdir()
    file.write_text("EKYC_MAX_WAITING=7", "utf-8")
    settings = make_ready(say=lambda _: None, choose=Chooser("embedded"))
    assert settings.max_waiting == 7
    assert file.read_text("utf-8") == "EKYC_MAX_WAITING=7\nEKYC_PACK=embedded\n"
    assert [path.name for path in file.parent.iterdir()] == ["ekyc.env"]


def test_a_pack_named_by_the_operator_is_not_discussed(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EKYC_PACK", "arcface-mobile")
    chooser = Chooser("embedded")
    assert make_ready(say=lambda _: None, choose=chooser).pack == "arcface-mobile"
    assert chooser.asked == 0
    assert not file.exists()


def test_the_database_has_its_tables_afterwards(file: Path) -> None:
    settings = make_ready(say=lambda _: None, choose=Chooser("embedded"))
    engine = open_database(settings.database_url)
    assert is_current(engine)
    engine.dispose()


def test_a_database_that_cannot_search_is_told_before_the_models_load(
    file: Path, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_url(postgres.new_database(migrated=False))
    role = f"reader_of_{url.database}"
    with psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False), autocommit=True
    ) as owner:
        owner.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(role)))
        owner.execute(sql.SQL("GRANT ALL ON SCHEMA public TO {}").format(sql.Identifier(role)))
    poor = url.set(username=role).render_as_string(hide_password=False)
    monkeypatch.setenv("EKYC_DATABASE_URL", poor)
    monkeypatch.setenv("EKYC_KEYS", write_keys(Keys.new()))
    monkeypatch.setenv("EKYC_INDEX", "pgvector")
    with pytest.raises(ExtensionMissing, match="EKYC_INDEX=pgvector: permission denied"):
        make_ready(say=lambda _: None, choose=Chooser("embedded"))
