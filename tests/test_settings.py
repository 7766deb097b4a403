"""Every setting is checked at the start, and a wrong one is named in one line."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from server.settings import ROOT, Settings, SettingsError, read

POSTGRES = {"TONARI_DATABASE_URL": "postgresql://db/tonari", "TONARI_SECRET_KEY": "k" * 32}


def test_read_uses_the_defaults_when_nothing_is_set() -> None:
    given = read({"TONARI_SECRET_KEY": "s" * 40})

    assert given == Settings(
        database_url=f"sqlite:///{ROOT}/var/tonari.db",
        secret_key="s" * 40,
        base_url="http://127.0.0.1:8000",
        surface="all",
        host="127.0.0.1",
        port=8000,
        workers=1,
        time_zone="Asia/Tokyo",
        locale="ja",
        var_dir=ROOT / "var",
    )


def test_read_takes_every_setting() -> None:
    given = read(
        POSTGRES
        | {
            "TONARI_BASE_URL": "https://tonari.example.jp/",
            "TONARI_SURFACE": "public",
            "TONARI_HOST": "0.0.0.0",
            "TONARI_PORT": "80",
            "TONARI_WORKERS": "4",
            "TONARI_TIME_ZONE": "Asia/Seoul",
            "TONARI_LOCALE": "en",
        }
    )

    assert given == Settings(
        database_url="postgresql://db/tonari",
        secret_key="k" * 32,
        base_url="https://tonari.example.jp",
        surface="public",
        host="0.0.0.0",
        port=80,
        workers=4,
        time_zone="Asia/Seoul",
        locale="en",
        var_dir=ROOT / "var",
    )
    assert given.https


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("TONARI_DATABASE_URL", "mysql://db/tonari"),
        ("TONARI_DATABASE_URL", "sqlite://"),
        ("TONARI_DATABASE_URL", "sqlite:///"),
        ("TONARI_DATABASE_URL", "sqlite:////tmp"),
        ("TONARI_DATABASE_URL", "postgresql://db"),
        ("TONARI_SECRET_KEY", "too-short"),
        ("TONARI_BASE_URL", "tonari.example.jp"),
        ("TONARI_BASE_URL", "ftp://tonari.example.jp"),
        ("TONARI_BASE_URL", "https://tonari.example.jp/classes"),
        ("TONARI_BASE_URL", "https://tonari.example.jp:port"),
        ("TONARI_SURFACE", "everything"),
        ("TONARI_PORT", "0"),
        ("TONARI_PORT", "65536"),
        ("TONARI_PORT", "eighty"),
        ("TONARI_PORT", "９０"),
        ("TONARI_WORKERS", "-1"),
        ("TONARI_TIME_ZONE", "Asia/Nowhere"),
        ("TONARI_TIME_ZONE", "../etc/passwd"),
        ("TONARI_LOCALE", "pt"),
        ("TONARI_MAIL_URL", "smtp://mail"),
        ("TONARI_REPLICA_URLS", "postgresql://replica/tonari"),
        ("TONARI_DATABSE_URL", "postgresql://db/tonari"),
    ],
)
def test_read_names_the_setting_in_one_line_when_it_is_wrong(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        read(POSTGRES | {name: value})

    assert str(refused.value).startswith(name + " ")
    assert "\n" not in str(refused.value)


def test_read_names_the_missing_secret_when_the_database_is_postgresql() -> None:
    with pytest.raises(SettingsError, match=r"^TONARI_SECRET_KEY is missing"):
        read({"TONARI_DATABASE_URL": "postgresql://db/tonari", "TONARI_SECRET_KEY": " "})


def test_read_refuses_several_workers_when_the_database_is_sqlite(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^TONARI_WORKERS must be 1 with SQLite"):
        read({"TONARI_DATABASE_URL": f"sqlite:///{tmp_path}/t.db", "TONARI_WORKERS": "2"})


def test_read_keeps_a_secret_beside_the_embedded_database(tmp_path: Path) -> None:
    embedded = {"TONARI_DATABASE_URL": f"sqlite:///{tmp_path}/new/t.db"}

    with ThreadPoolExecutor(8) as threads:
        secrets = {s.secret_key for s in threads.map(read, [embedded] * 16)}

    kept = tmp_path / "new" / "secret_key"
    assert secrets == {kept.read_text()}
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]


def test_read_refuses_a_damaged_secret(tmp_path: Path) -> None:
    (tmp_path / "secret_key").write_text("")

    with pytest.raises(SettingsError, match=r"^TONARI_SECRET_KEY kept in"):
        read({"TONARI_DATABASE_URL": f"sqlite:///{tmp_path}/t.db"})
