"""scripts/clients and scripts/routes as an operator uses them."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.clients import Clients, Scope
from app.commands import clients, routes, serve
from app.credentials import BasicPair, Token
from app.settings import read_settings
from app.store.database import open_database
from pipelines.errors import BadCredentials


@pytest.fixture(autouse=True)
def _own_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EKYC_SETTINGS_FILE", str(tmp_path / "none.env"))
    monkeypatch.setenv("EKYC_DATABASE_URL", f"sqlite:///{tmp_path}/clients.sqlite3")


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """`serve` takes over the service's log for good."""
    ours = logging.getLogger("ekyc")
    before = ours.level, ours.propagate, ours.handlers[:]
    yield
    ours.level, ours.propagate, ours.handlers[:] = before


def shown(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    return dict(json.loads(capsys.readouterr().out.splitlines()[-1]))


def test_credentials_printed_once_work(capsys: pytest.CaptureFixture[str]) -> None:
    assert clients.main(["add", "bank", "--scopes", "cv1,cv2", "--quota", "5", "--json"]) == 0
    first = shown(capsys)
    assert clients.main(["rotate", "bank", "--json"]) == 0
    second = shown(capsys)
    engine = open_database(read_settings().database_url)
    door = Clients(engine)
    door.identify(BasicPair(second["api_key"], second["api_secret"]), Scope.CV1)
    door.identify(Token(second["x_api_key"]), Scope.CV2)
    with pytest.raises(BadCredentials):
        door.identify(BasicPair(first["api_key"], first["api_secret"]), Scope.CV1)
    engine.dispose()


def test_rotation_with_an_overlap(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank", "--json"])
    first = shown(capsys)
    clients.main(["rotate", "bank", "--overlap", "24", "--json"])
    second = shown(capsys)
    clients.main(["list", "--json"])
    (told,) = json.loads(capsys.readouterr().out)
    assert told["keys"] == [first["api_key"], second["api_key"]]


def test_list_shows_state_but_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank", "--quota", "5", "--json"])
    secret = shown(capsys)["api_secret"]
    clients.main(["quota", "bank", "unlimited"])
    clients.main(["disable", "bank"])
    clients.main(["list"])
    out = capsys.readouterr().out
    assert "disabled" in out
    assert "0 of unlimited" in out
    assert secret not in out


def test_a_signing_key_is_printed_once_and_anew_by_a_rotation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clients.main(["add", "bank", "--signed", "--json"])
    first = shown(capsys)["signing_key"]
    clients.main(["rotate", "bank", "--json"])
    second = shown(capsys)["signing_key"]
    assert first != second
    clients.main(["add", "plain", "--json"])
    assert "signing_key" not in shown(capsys)
    clients.main(["list"])
    told = capsys.readouterr().out
    assert (told.count("  signed  "), first in told, second in told) == (1, False, False)


def test_mistakes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    clients.main(["add", "bank"])
    assert clients.main(["add", "bank"]) == 1
    assert clients.main(["rotate", "nobody"]) == 1
    assert "nobody" in capsys.readouterr().err
    for wrong in (
        ["add"],
        ["add", "x", "--scopes", "cv9"],
        ["add", "x", "--rate", "0"],
        ["rotate", "x", "--overlap", "-1"],
        ["quota", "bank", "-1"],
        [],
    ):
        with pytest.raises(SystemExit):
            clients.main(wrong)


def test_routes_with_their_tests(capsys: pytest.CaptureFixture[str]) -> None:
    assert routes.main(["--json"]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["routes"]
    assert set(rows[0]) == {"method", "path", "format", "dialect", "test"}
    assert all(row["test"] for row in rows)


def test_route_without_a_test_is_told() -> None:
    assert {row.test for row in routes.rows({})} == {None}


def test_serve_says_which_setting_is_wrong(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "none.env").write_text("EKYC_MAX_IN_FLIHGT=3\n")
    assert serve.main([]) == 2
    assert "ekyc_max_in_flihgt" in capsys.readouterr().err.lower()


def test_serve_says_why_the_models_do_not_run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "none.env").write_text("EKYC_PACK=no-such-pack\n")
    assert serve.main([]) == 2
    assert "no-such-pack" in capsys.readouterr().err
