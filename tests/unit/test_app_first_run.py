"""The first start: a pack is chosen once and pinned, and the database is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.first_run import Say, make_ready
from app.settings import SETTINGS_FILE_VARIABLE
from app.store.database import open_database
from app.store.migrate import is_current
from models.choose import Choice


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
    monkeypatch.setenv(SETTINGS_FILE_VARIABLE, str(path))
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
