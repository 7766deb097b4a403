"""The tonari command: exit codes, one line of reason on stderr, passwords shown once."""

import re
import subprocess
import sys
from dataclasses import dataclass

import anyio
import pytest
from click.testing import CliRunner

from server.accounts import queries, sign_in
from server.accounts.tables import Account
from server.classes.tables import Course
from server.cli import cli
from server.database import writing
from server.places.tables import Municipality, Section
from server.roles import Role
from server.topics import topics
from server.topics.tables import Topic
from tests import factories
from tests.databases import Database
from tests.servers import environment

INIT = (
    *("init", "--name", "四日市市", "--code", "242021", "--section", "ICT戦略課"),
    *("--phone", "059-354-0000", "--opens", "8:30", "--closes", "17:15"),
    *("--login", "admin", "--administrator", "鈴木一郎"),
)


@dataclass
class Said:
    """How a command ended."""

    code: int
    out: str
    err: str


async def tonari(url: str, *arguments: str, typed: str = "", **settings: str) -> Said:
    done = await anyio.run_process(
        [sys.executable, "-m", "server", *arguments],
        env=environment(url, **settings),
        input=typed.encode(),
        stderr=subprocess.PIPE,
        check=False,
    )
    return Said(done.returncode, done.stdout.decode(), done.stderr.decode())


async def test_init_begins_a_city_with_its_first_administrator(database: Database) -> None:
    said = await tonari(database.url, *INIT)

    shown = re.fullmatch(r"Login: admin\nPassword: (\S+)\n", said.out)
    assert (said.code, said.err) == (0, "")
    assert shown
    viewer = await sign_in.viewer_of(await sign_in.sign_in("admin", shown[1], "192.0.2.1"))
    assert viewer is not None
    assert viewer.roles == frozenset({Role.administrator})
    assert await Section.select(Section.name, Section.oversees_all) == [
        {"name": "ICT戦略課", "oversees_all": True}
    ]


async def test_init_and_demo_refuse_a_city_that_exists(database: Database) -> None:
    await factories.make_municipality()

    init = await tonari(database.url, *INIT)
    demo = await tonari(database.url, "demo")
    first = await tonari(database.url, "demo", "--first")

    reason = "The database already holds a municipality; nothing was changed.\n"
    assert init == demo == Said(1, "", reason)
    assert first == Said(0, "", "")
    assert (await Municipality.count(), await Account.count()) == (1, 0)


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("code", ["242020", "24202", "abcdef", "２４２０２１"])
async def test_init_refuses_a_code_that_is_none(database: Database, code: str) -> None:
    wrong = [code if each == "242021" else each for each in INIT]

    said = await tonari(database.url, *wrong)

    assert said.code == 2
    assert "--code" in said.err


async def test_user_add_reset_disable(database: Database) -> None:
    venue = await factories.make_venue()
    arguments = ("tomida", "--name", "田中太郎", "--role", "venue", "--venue", venue.slug)

    added = await tonari(
        database.url, "user", "add", *arguments, "--password-stdin", typed="a long password\n"
    )
    again = await tonari(database.url, "user", "add", *arguments)
    first = await sign_in.viewer_of(await sign_in.sign_in("tomida", "a long password", "-"))
    reset = await tonari(database.url, "user", "reset", "tomida")
    disabled = await tonari(database.url, "user", "disable", "tomida")

    assert added == Said(0, "Login: tomida\n", "")
    assert again == Said(1, "", "There is already an account with this login.\n")
    assert first is not None
    assert first.venue_ids == frozenset({venue.id})
    assert (reset.code, reset.out.startswith("Login: tomida\nPassword: ")) == (0, True)
    assert disabled == Said(0, "tomida is disabled.\n", "")
    [row] = await queries.every_account()
    assert row["disabled_at"] is not None


@pytest.mark.engine("sqlite")
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("user", "reset", "nobody"), "There is no such account."),
        (("user", "disable", "nobody"), "There is no such account."),
        (
            ("user", "add", "a", "--name", "A", "--role", "coordinator"),
            "A coordinator belongs to a section: please pick one.",
        ),
        (
            ("user", "add", "a", "--name", "A", "--role", "venue", "--venue", "nowhere"),
            "There is no such section or venue.",
        ),
    ],
)
async def test_a_refusal_is_one_line_and_exit_1(
    database: Database, arguments: tuple[str, ...], reason: str
) -> None:
    assert await tonari(database.url, *arguments) == Said(1, "", reason + "\n")


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("demo", "--today", "tomorrow"), ("demo", "--scale", "0"), ("user", "add")],
)
def test_wrong_usage_is_exit_2(arguments: tuple[str, ...]) -> None:
    assert CliRunner().invoke(cli, arguments).exit_code == 2


@pytest.mark.engine("sqlite")
async def test_a_wrong_setting_stops_every_command_with_one_line(database: Database) -> None:
    said = await tonari(database.url, "serve", SURFACE="everything")

    assert said == Said(1, "", "TONARI_SURFACE must be one of: all, public, staff\n")


@pytest.mark.engine("sqlite")
async def test_a_database_out_of_reach_stops_with_one_line(database: Database) -> None:
    said = await tonari("postgresql://127.0.0.1:1/tonari", "serve")

    assert (said.code, said.out, said.err.count("\n")) == (1, "", 1)
    assert said.err.startswith("TONARI_DATABASE_URL cannot be reached: ")


@pytest.mark.engine("sqlite")
async def test_serve_needs_a_migrated_database(database: Database) -> None:
    await Municipality.raw("DELETE FROM migration")

    said = await tonari(database.url, "serve")

    assert said == Said(1, "", "The database is not ready: run tonari migrate first.\n")


async def test_a_city_from_before_gets_the_topics_with_the_migrations(database: Database) -> None:
    empty = await tonari(database.url, "migrate")
    before = await Topic.count()
    await factories.make_municipality()

    city = await tonari(database.url, "migrate")

    assert (empty.code, before, city.code) == (0, 0, 0)
    assert await Topic.count() == len(await topics.listed()) > 0


async def test_check_finds_seats_that_do_not_add_up(database: Database) -> None:
    course = await factories.make_course()
    sound = await tonari(database.url, "check")
    async with writing():
        await Course.update({Course.taken: 1}).where(Course.id == course.id)

    broken = await tonari(database.url, "check")

    assert sound == Said(0, "Configuration: in order\nMigrations: current\nData: in order\n", "")
    assert (broken.code, broken.err) == (
        1,
        f"course {course.id}: taken says 1, its bookings say 0\n",
    )


@pytest.mark.parametrize("command", ["serve", "migrate", "demo", "init", "user", "check"])
def test_every_command_has_help(command: str) -> None:
    said = CliRunner().invoke(cli, [command, "--help"])

    assert said.exit_code == 0
    assert said.output.startswith(f"Usage: cli {command}")
