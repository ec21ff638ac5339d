"""Everything an operator can set: EKYC_* in the environment or in one settings file, read once."""

from __future__ import annotations

import logging
import os
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from dotenv.parser import parse_stream
from pydantic import Field, FilePath, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

ROOT = Path(__file__).resolve().parents[1]
SETTINGS_FILE_VARIABLE = "EKYC_SETTINGS_FILE"
DEFAULT_SETTINGS_FILE = ROOT / "var" / "ekyc.env"
PREFIX = "EKYC_"
READ_ELSEWHERE = frozenset(
    f"{PREFIX}{name}"
    for name in ("SETTINGS_FILE", "VENV", "LOCK", "PYTHON", "FACES_DIR", "EXAMPLES", "SEEDS")
)
"""Variables of the scripts, measurements and tests."""
ENCODING = "utf-8-sig"
"""Of the settings file: some editors begin it with a byte order mark."""
MIB = 1024 * 1024

SQLITE, POSTGRESQL = "sqlite", "postgresql+psycopg"
SPOKEN = {SQLITE: SQLITE, POSTGRESQL: POSTGRESQL, "postgresql": POSTGRESQL, "postgres": POSTGRESQL}
"""What a database's URL may begin with, and the driver that is meant."""
IN_MEMORY = (None, "", ":memory:")

Network = IPv4Network | IPv6Network

log = logging.getLogger("ekyc.start")


class SettingsFileUnusable(Exception):
    """The message is for the operator and quotes nothing: what makes no sense may be a key or a password."""


class Settings(BaseSettings):
    """The environment wins over the settings file. A key in the file that nothing reads stops the start."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    database_url: str = f"sqlite:///{ROOT / 'var' / 'ekyc.sqlite3'}"

    keys: SecretStr | None = None
    """The sealing keys themselves, in the format of the key file with ";" between the lines."""
    keys_command: str | None = None
    """A command that prints the key file: the way to a key management service. Not run through a shell."""
    keys_file: Path | None = None
    """The key file; None: beside a SQLite database, else var/ekyc.keys, made on the first start."""
    index: Literal["memory", "pgvector"] = "memory"
    """Where faces are searched: in this process, over sealed rows; or, for galleries beyond one machine, by PostgreSQL,
    which holds every template IN CLEAR then (docs/operations.md)."""
    index_file: Path | None = None
    """Where this machine keeps the sealed cache of its index; None: beside a SQLite database, else var/ekyc.index."""
    exact_limit: Annotated[int, Field(gt=0)] = 1_000_000
    """Faces of one collection that are searched exactly; larger ones approximately, with a recall that is measured on
    their own rows and logged at the start."""
    keep_images: bool = False
    """Keep (sealed) the pictures that faces are enrolled from. Only these can be moved to another recogniser."""

    pack: str = "embedded"
    weights_dir: Path | None = None
    device: Literal["cpu", "cuda"] = "cpu"
    """Asked for CUDA and not given it, the service does not start."""
    accept_noncommercial: bool = False
    """Say yes to start a pack whose weights are licensed for research only."""

    threads: Annotated[int, Field(ge=1)] = os.cpu_count() or 1
    """Inference jobs that run at once; each uses one core."""
    max_in_flight: Annotated[int, Field(ge=1)] = 5
    """Requests worked on at once: the CCU of 5 in the techainer document."""
    max_waiting: Annotated[int, Field(ge=0)] = 5
    deadline_seconds: Annotated[float, Field(gt=0)] = 3.0
    """From arrival to answer: the 3 s per request of the techainer document. Also the longest wait for a place."""
    deadline_pages_seconds: Annotated[float, Field(gt=0)] = 30.0
    """The same for a scanned page and for a PDF: ten pages are ten times the work of a picture."""
    deadline_video_seconds: Annotated[float, Field(gt=0)] = 30.0
    """The same for a video."""

    max_upload_bytes: Annotated[int, Field(gt=0)] = 32 * MIB
    """A whole request body: three 8-MB photos in base64 fit."""
    max_image_bytes: Annotated[int, Field(gt=0)] = 16 * MIB
    """One picture or PDF, whether uploaded, in base64 or behind a URL."""
    max_pixels: Annotated[int, Field(gt=0)] = 50_000_000
    """Largest picture decoded; a 48-megapixel phone photo fits."""
    pdf_pages: Annotated[int, Field(ge=1)] = 10
    pdf_pixels: Annotated[int, Field(gt=0)] = 8_000_000
    """Of a page's picture; A4 at 300 dpi has 8.7 million, so that it is drawn at 287."""

    fetch_enabled: bool = True
    """Take images by URL."""
    fetch_hosts: Annotated[frozenset[str], NoDecode] = frozenset()
    """Only these hosts, when any are named: the recommended setting in production."""
    fetch_networks: Annotated[tuple[Network, ...], NoDecode] = ()
    """Networks that are not on the public Internet but may be fetched from (a bank's own image store)."""
    fetch_ports: Annotated[frozenset[int], NoDecode] = frozenset({80, 443})
    fetch_ca_file: FilePath | None = None
    """Certificates to trust besides the public ones: the bank's own authority, PEM."""
    fetch_seconds: Annotated[float, Field(gt=0)] = 2.0

    @property
    def longest_deadline(self) -> float:
        """Seconds; of any kind of request."""
        return max(self.deadline_seconds, self.deadline_pages_seconds, self.deadline_video_seconds)

    @field_validator("database_url")
    @classmethod
    def _a_database_we_speak_to(cls, value: str) -> str:
        try:
            url = make_url(value)
            url = url.set(drivername=SPOKEN[url.drivername])
            if url.drivername == SQLITE and url.database in IN_MEMORY:
                raise ArgumentError("every process would have one of its own")
            return url.render_as_string(hide_password=False)
        except (ArgumentError, KeyError):
            said = "sqlite:////PATH or postgresql://USER:PASSWORD@HOST/DATABASE is expected"
            raise ValueError(said) from None

    @field_validator("fetch_hosts", "fetch_networks", "fetch_ports", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        """`a.vn, b.vn` in a settings file is a list of two."""
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @model_validator(mode="after")
    def _pgvector_is_postgresqls(self) -> Self:
        if self.index == "pgvector" and not self.database_url.startswith(POSTGRESQL):
            raise ValueError("EKYC_INDEX=pgvector needs a PostgreSQL database")
        return self

    @field_validator("fetch_hosts")
    @classmethod
    def _lower(cls, hosts: frozenset[str]) -> frozenset[str]:
        return frozenset(host.lower() for host in hosts)


def faults(error: ValidationError) -> str:
    """Which settings make no sense, and why, without their values: one may be a key or a password."""
    told = [f"The settings (EKYC_* variables and {settings_file()}) make no sense:"]
    for one in error.errors(include_url=False, include_context=False, include_input=False):
        why = (
            "no such setting"
            if one["type"] == "extra_forbidden"
            else one["msg"].removeprefix("Value error, ")
        )
        names = [f"{PREFIX}{str(name).upper().removeprefix(PREFIX)}: " for name in one["loc"][:1]]
        told.append("  " + "".join([*names, why]))
    return "\n".join(told)


def settings_file() -> Path:
    """Where the settings file is, whether or not it exists."""
    return Path(os.environ.get(SETTINGS_FILE_VARIABLE) or DEFAULT_SETTINGS_FILE)


def read_settings() -> Settings:
    """The settings of this machine.

    Raises:
        pydantic.ValidationError: a value makes no sense, or the file has a key nothing reads.
        SettingsFileUnusable: it is no text, has a line that is no setting, or is named and not there.
    """
    path = settings_file()
    _check_lines(path)
    _name_unread()
    # pydantic-settings takes _env_file, which the generated signature does not show.
    return Settings(_env_file=path, _env_file_encoding=ENCODING)  # type: ignore[call-arg]


def _check_lines(path: Path) -> None:
    """pydantic-settings passes over lines without a value or the prefix: a database named by one would not be the one used."""
    if not path.exists():
        if path == DEFAULT_SETTINGS_FILE:
            return
        # Else a misspelt name would begin another installation, with no client and nobody enrolled.
        raise SettingsFileUnusable(
            f"There is no file {path} ({SETTINGS_FILE_VARIABLE}). A new installation begins with an empty one: touch {path}"
        )
    try:
        with path.open(encoding=ENCODING) as file:
            found = list(parse_stream(file))
    except UnicodeDecodeError:
        raise SettingsFileUnusable(f"{path}: it is no text in UTF-8") from None
    for one in found:
        if one.error or (one.key is not None and not _is_setting(one.key, one.value)):
            text = one.original.string
            blank = text[: len(text) - len(text.lstrip())].count("\n")
            raise SettingsFileUnusable(
                f"{path}: line {one.original.line + blank} is no setting: {PREFIX}NAME=value is expected"
            )


def _is_setting(key: str, value: str | None) -> bool:
    return value is not None and key.upper().startswith(PREFIX)


def _name_unread() -> None:
    """Others may set variables with our prefix, as Kubernetes does for a service of this name: they stop nothing."""
    read = READ_ELSEWHERE | {f"{PREFIX}{name}".upper() for name in Settings.model_fields}
    for name in sorted(os.environ):
        if name.upper().startswith(PREFIX) and name.upper() not in read:
            log.warning(f"nothing reads the variable {name}: is it misspelt?")
