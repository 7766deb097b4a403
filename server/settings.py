"""Every environment variable, read once into one frozen Settings."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, cast
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from dotenv import dotenv_values

ROOT = Path(__file__).resolve().parent.parent

Surface = Literal["all", "public", "staff"]
SURFACES = ("all", "public", "staff")
LOCALES = ("ja", "en")
SHORTEST_SECRET = 32

NOT_BUILT_YET = {"TONARI_MAIL_URL", "TONARI_REPLICA_URLS"}
KNOWN = NOT_BUILT_YET | {
    "TONARI_DATABASE_URL",
    "TONARI_SECRET_KEY",
    "TONARI_BASE_URL",
    "TONARI_SURFACE",
    "TONARI_HOST",
    "TONARI_PORT",
    "TONARI_WORKERS",
    "TONARI_TIME_ZONE",
    "TONARI_LOCALE",
}


class SettingsError(Exception):
    """A setting is wrong or missing; the text is one line that names it."""


@dataclass(frozen=True)
class Settings:
    """What this installation was told; see the settings table of the contract."""

    database_url: str
    secret_key: str
    base_url: str
    surface: Surface
    host: str
    port: int
    workers: int
    time_zone: str
    locale: str
    var_dir: Path

    @property
    def https(self) -> bool:
        """Whether people reach us over TLS, so that cookies may insist on it."""
        return self.base_url.startswith("https://")


@cache
def settings() -> Settings:
    """The settings of this process: the environment first, then `.env` beside the program.

    Raises SettingsError.
    """
    kept = {name: value for name, value in dotenv_values(ROOT / ".env").items() if value}
    return read({**kept, **os.environ})


def read(environment: Mapping[str, str]) -> Settings:
    """Check every setting and return them; an empty one counts as not set.

    Raises SettingsError at the first one that is wrong or missing.
    """
    given = {k: v for k, v in environment.items() if k.startswith("TONARI_") and v.strip()}
    check_names(given)
    database_url, var_dir = database(given.get("TONARI_DATABASE_URL", "sqlite:///var/tonari.db"))
    return Settings(
        database_url=database_url,
        secret_key=secret_key(given.get("TONARI_SECRET_KEY"), database_url, var_dir),
        base_url=base_url(given.get("TONARI_BASE_URL", "http://127.0.0.1:8000")),
        surface=cast(Surface, one_of("TONARI_SURFACE", given.get("TONARI_SURFACE"), SURFACES)),
        host=given.get("TONARI_HOST", "127.0.0.1"),
        port=whole_number("TONARI_PORT", given.get("TONARI_PORT", "8000"), 65535),
        workers=workers(given.get("TONARI_WORKERS", "1"), database_url),
        time_zone=time_zone(given.get("TONARI_TIME_ZONE", "Asia/Tokyo")),
        locale=one_of("TONARI_LOCALE", given.get("TONARI_LOCALE"), LOCALES),
        var_dir=var_dir,
    )


def check_names(given: Mapping[str, str]) -> None:
    """Refuse what is not built yet, and names that a typing error would make silent."""
    for name in sorted(given):
        if name in NOT_BUILT_YET:
            raise SettingsError(f"{name} is not built yet; leave it unset")
        if name not in KNOWN and not name.startswith("TONARI_TEST_"):
            raise SettingsError(f"{name} is not a setting of Tonari")


def database(url: str) -> tuple[str, Path]:
    """The address with an absolute path, and the directory for what lies beside the database."""
    if url.startswith("sqlite:///") and url != "sqlite:///":
        path = (ROOT / url.removeprefix("sqlite:///")).resolve()
        if path.is_dir():
            raise SettingsError("TONARI_DATABASE_URL must name a file, not a directory")
        return f"sqlite:///{path}", path.parent
    parts = urlsplit(url)
    if parts.scheme == "postgresql" and parts.path.strip("/"):
        return url, ROOT / "var"
    raise SettingsError(
        "TONARI_DATABASE_URL must be sqlite:///path/to/file.db or postgresql://host/database"
    )


def secret_key(given: str | None, database_url: str, var_dir: Path) -> str:
    """The given key; for the embedded database one is made on first use and kept in a file."""
    if given:
        if len(given) < SHORTEST_SECRET:
            raise SettingsError(
                f"TONARI_SECRET_KEY must have at least {SHORTEST_SECRET} characters"
            )
        return given
    if not database_url.startswith("sqlite:"):
        raise SettingsError("TONARI_SECRET_KEY is missing; it is required with postgresql://")
    try:
        return kept_secret(var_dir / "secret_key")
    except OSError as failure:
        raise SettingsError(
            f"TONARI_SECRET_KEY is not set and none can be kept in {var_dir}: {failure.strerror}"
        ) from failure


def kept_secret(path: Path) -> str:
    """Read the kept key, or keep a new one; of several processes at once all get the same."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")  # 0600
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(48))
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            Path(draft).unlink()
    secret = path.read_text().strip()
    if len(secret) < SHORTEST_SECRET:
        raise SettingsError(f"TONARI_SECRET_KEY kept in {path} is damaged; restore or delete it")
    return secret


def base_url(url: str) -> str:
    """Scheme and host, without a slash at the end."""
    parts = urlsplit(url.rstrip("/"))
    try:
        sound = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.path or parts.query or parts.fragment or parts.username:
        raise SettingsError(
            "TONARI_BASE_URL must be like https://tonari.example.jp, without a path"
        )
    return url.rstrip("/")


def one_of(name: str, value: str | None, choices: tuple[str, ...]) -> str:
    """The value, or the first choice where none is given."""
    if value is not None and value not in choices:
        raise SettingsError(f"{name} must be one of: {', '.join(choices)}")
    return value or choices[0]


def whole_number(name: str, value: str, largest: int) -> int:
    """A whole number from 1 to the largest."""
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:9]) <= largest):
        raise SettingsError(f"{name} must be a whole number from 1 to {largest}")
    return int(value)


def workers(value: str, database_url: str) -> int:
    """How many processes serve: one on SQLite, whose write lock is per process."""
    number = whole_number("TONARI_WORKERS", value, 64)
    if number > 1 and database_url.startswith("sqlite:"):
        raise SettingsError("TONARI_WORKERS must be 1 with SQLite; more needs postgresql://")
    return number


def time_zone(name: str) -> str:
    """The name, if this machine knows such a time zone."""
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError) as unknown:
        raise SettingsError(
            "TONARI_TIME_ZONE must be a time zone's name, like Asia/Tokyo"
        ) from unknown
