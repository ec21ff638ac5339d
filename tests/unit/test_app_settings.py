"""Settings: the environment wins, a misspelt key in the file stops the start, commas make lists."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import SettingsFileUnusable, read_settings


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "ekyc.env"
    monkeypatch.setenv("EKYC_SETTINGS_FILE", str(path))
    return path


def test_no_file_is_fine_unless_it_was_named(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsFileUnusable, match=f"touch {file}"):
        read_settings()
    monkeypatch.delenv("EKYC_SETTINGS_FILE")
    monkeypatch.setattr("app.settings.DEFAULT_SETTINGS_FILE", file)
    settings = read_settings()
    assert (settings.max_in_flight, settings.max_waiting, settings.deadline_seconds) == (5, 5, 3.0)


def test_file_and_environment(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file.write_text("EKYC_PACK=arcface-mobile\nEKYC_MAX_WAITING=2\n# a remark\n")
    monkeypatch.setenv("EKYC_MAX_WAITING", "7")
    settings = read_settings()
    assert (settings.pack, settings.max_waiting) == ("arcface-mobile", 7)
    assert "pack" in settings.model_fields_set


def test_lists(file: Path) -> None:
    file.write_text(
        "EKYC_FETCH_HOSTS=Anh.bank.vn, kho.bank.vn\nEKYC_FETCH_NETWORKS=10.1.0.0/16\n"
        "EKYC_FETCH_PORTS=443,8443\n"
    )
    settings = read_settings()
    assert settings.fetch_hosts == {"anh.bank.vn", "kho.bank.vn"}
    assert settings.fetch_networks == (ip_network("10.1.0.0/16"),)
    assert settings.fetch_ports == {443, 8443}


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_postgresql_as_operators_write_it(file: Path, scheme: str) -> None:
    file.write_text(f"EKYC_DATABASE_URL={scheme}://u:p%40ss@host/ekyc\nEKYC_INDEX=pgvector\n")
    assert read_settings().database_url == "postgresql+psycopg://u:p%40ss@host/ekyc"


@pytest.mark.parametrize(
    "line",
    [
        "EKYC_PAKC=embedded",
        "EKYC_MAX_IN_FLIGHT=0",
        "EKYC_DEADLINE_SECONDS=soon",
        "EKYC_FETCH_NETWORKS=10.1.0.1/16",
        "EKYC_DEVICE=tpu",
        "EKYC_DATABASE_URL=mysql://a/b",
        "EKYC_DATABASE_URL=sqlite://",
        "EKYC_DATABASE_URL=sqlite:///:memory:",
        "EKYC_INDEX=pgvector",
        "EKYC_FETCH_CA_FILE=/no/such/file",
    ],
)
def test_nonsense_stops_the_start(file: Path, line: str) -> None:
    file.write_text(line + "\n")
    with pytest.raises(ValidationError):
        read_settings()


@pytest.mark.parametrize(
    "line",
    ["KEEP_IMAGES=true", "EKYC_KEEP_IMAGES", "EKYC_KEEP_IMAGES: true", 'EKYC_KEYS="current k1'],
)
def test_a_line_that_would_be_passed_over_stops_the_start(file: Path, line: str) -> None:
    file.write_text(f"# a remark\n\n{line}\n")
    with pytest.raises(SettingsFileUnusable, match="line 3 is no setting"):
        read_settings()


def test_files_of_other_editors(file: Path) -> None:
    text = "EKYC_PACK=arcface-mobile\r\nEKYC_MAX_WAITING=2\r\n"
    file.write_text(text, "utf-8-sig")
    assert (read_settings().pack, read_settings().max_waiting) == ("arcface-mobile", 2)
    file.write_text(text, "utf-16")
    with pytest.raises(SettingsFileUnusable, match="no text in UTF-8"):
        read_settings()


def test_a_variable_that_nothing_reads_is_named(
    file: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    file.touch()
    monkeypatch.setenv("EKYC_KEEP_IMAGE", "true")
    monkeypatch.setenv("EKYC_PACK", "embedded")
    read_settings()
    assert caplog.messages == ["nothing reads the variable EKYC_KEEP_IMAGE: is it misspelt?"]
