"""The tonari command. Exit codes: 0 done, 1 refused or failed with the reason, 2 wrong usage."""

import asyncio
import sqlite3
import sys
import warnings
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from datetime import datetime, time
from typing import Any, BinaryIO, TypeVar

import asyncpg
import click
import uvicorn

from server import clock, database
from server.accounts import accounts, queries
from server.app import create_app
from server.classes import finding
from server.classes.tables import SEATED_STATES, Booking
from server.demo import build
from server.demo.city import PASSWORD
from server.helpdesk import articles, contacts
from server.imports import completions as completion_file
from server.imports import counter_staff as staff_file
from server.imports import procedures as procedure_file
from server.imports import supporters
from server.imports import topics as topic_file
from server.imports.reading import Problem
from server.imports.results import Result
from server.places.tables import Municipality, Section, Venue
from server.refusals import Refused
from server.roles import Role
from server.settings import SettingsError, settings
from server.topics import topics

T = TypeVar("T")

WEIGHTS = (6, 5, 4, 3, 2)  # of the five digits before a municipality code's check digit


def main() -> None:
    """Run the command; a wrong setting, a refusal, a missing database end in one line."""
    warnings.filterwarnings("ignore", module=r"piccolo\.")  # ours says it in one line
    try:
        cli(standalone_mode=False)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except click.Abort:
        fail("stopped")
    except (SettingsError, Refused) as refused:
        fail(str(refused))
    except (OSError, asyncpg.PostgresError, sqlite3.Error) as failure:
        fail(f"TONARI_DATABASE_URL cannot be reached: {failure}")


def fail(reason: str) -> None:
    """Say why on stderr and end with 1."""
    click.echo(reason, err=True)
    sys.exit(1)


def run(work: Callable[[], Coroutine[Any, Any, T]], *, migrated: bool = True) -> T:
    """Do the work on a connected database. Refused where migrations have not been run."""

    async def connected() -> T:
        await database.open_pool(size=2)
        try:
            if migrated and not await database.migrations_current():
                raise Refused("The database is not ready: run tonari migrate first.")
            return await work()
        finally:
            await database.close_pool()

    return asyncio.run(connected())


@click.group()
def cli() -> None:
    """Tonari: classes and supporters for a municipality's digital-divide programme."""


@cli.command()
def serve() -> None:
    """Serve the pages, as the settings say."""
    app = create_app()
    run(_nothing)
    given = settings()
    click.echo(f"Tonari: {given.base_url} (listening on {given.host}, port {given.port})")
    uvicorn.run(
        app if given.workers == 1 else "server.app:create_app",
        factory=given.workers > 1,
        host=given.host,
        port=given.port,
        workers=given.workers,
        loop="uvloop",
        http="httptools",
        lifespan="on",
        ws="none",
        access_log=False,  # addresses hold references and, later, secret tokens
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=10,
    )


async def _nothing() -> None:
    """Only that the database is there and current."""


@cli.command()
def migrate() -> None:
    """Bring the database to the newest migration."""
    run(_migrate, migrated=False)
    click.echo("The database is current.")


async def _migrate() -> None:
    """A city that is there already gets the topics of a newer Tonari, and is found by its words."""
    await database.migrate()
    if await Municipality.exists():
        await topics.load()
        await articles.index_anew()
        await contacts.index_anew()
        await finding.index_anew()


@cli.command()
@click.option("--seed", type=int, default=1, show_default=True, help="Another seed, another city.")
@click.option("--scale", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--today", type=click.DateTime(["%Y-%m-%d"]), help="The day to build around.")
@click.option("--first", is_flag=True, help="Leave a database alone that holds a city already.")
def demo(seed: int, scale: int, today: datetime | None, first: bool) -> None:
    """Fill an empty database with the demonstration city (invented data)."""
    if first and run(Municipality.exists().run):
        return
    day = today.date() if today else clock.today()
    terminal = sys.stderr.isatty()
    with click.progressbar(length=1, file=sys.stderr) if terminal else nullcontext() as bar:

        def show(done: int, total: int) -> None:
            if bar is not None:
                bar.length = total
                bar.update(done - bar.pos)

        run(lambda: build.build(seed, scale, day, show))
    click.echo(f"The demonstration city is ready; sign in as ict, password {PASSWORD}.")


def municipality_code(_: object, __: object, code: str) -> str:
    """Six digits with the right check digit (全国地方公共団体コード)."""
    if not (code.isascii() and code.isdigit() and len(code) == 6):
        raise click.BadParameter("six digits, please")
    total = sum(int(digit) * weight for digit, weight in zip(code, WEIGHTS, strict=False))
    if int(code[5]) != (11 - total % 11) % 10:
        raise click.BadParameter("the last digit does not fit the others")
    return code


def hour(_: object, __: object, value: str) -> time:
    """A time of day such as 8:30."""
    try:
        return datetime.strptime(value, "%H:%M").time()  # noqa: DTZ007 - wall clock
    except ValueError as wrong:
        raise click.BadParameter("like 8:30, please") from wrong


@cli.command()
@click.option("--name", prompt="Name of the municipality")
@click.option("--code", prompt="Its code, six digits", callback=municipality_code)
@click.option("--section", prompt="Section in charge of Tonari")
@click.option("--phone", prompt="Phone number of its reception")
@click.option("--opens", prompt="Reception opens", default="8:30", callback=hour)
@click.option("--closes", prompt="Reception closes", default="17:15", callback=hour)
@click.option("--login", prompt="Login of the first administrator")
@click.option("--administrator", prompt="Name of the first administrator")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def init(
    name: str,
    code: str,
    section: str,
    phone: str,
    opens: time,
    closes: time,
    login: str,
    administrator: str,
    password_stdin: bool,
) -> None:
    """Begin with an empty city: its name, the section in charge, the first administrator."""
    password = read_password(password_stdin)
    city = Municipality(
        code=code,
        name=name,
        contact_section=section,
        phone=phone,
        reception_opens=opens,
        reception_closes=closes,
    )

    async def begin() -> str:
        async with database.writing():
            await database.locked("municipality")
            if await Municipality.exists():
                raise Refused("The database already holds a municipality; nothing was changed.")
            await city.save()
            await Section(name=section, phone=phone, oversees_all=True).save()
            await topics.load()
            roles = [Role.administrator]
            return (await accounts.add(login, administrator, roles, password=password))[1]

    show_password(login, run(begin), generated=password is None)


def read_password(from_stdin: bool) -> str | None:
    """The first line of standard input, or None where one is to be generated."""
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else None


def show_password(login: str, password: str, *, generated: bool) -> None:
    """Print a generated password, once."""
    click.echo(f"Login: {login}")
    if generated:
        click.echo(f"Password: {password}")


@cli.group()
def user() -> None:
    """Accounts of people who sign in."""


@user.command("add")
@click.argument("login")
@click.option("--name", required=True)
@click.option("--role", "roles", multiple=True, required=True, type=click.Choice(list(Role)))
@click.option("--section", help="A coordinator's section, by name.")
@click.option("--venue", help="A venue's building, by slug.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def add_user(
    login: str,
    name: str,
    roles: tuple[str, ...],
    section: str | None,
    venue: str | None,
    password_stdin: bool,
) -> None:
    """Open an account; a generated password is printed once."""
    password = read_password(password_stdin)

    async def add() -> str:
        _, fresh = await accounts.add(
            login,
            name,
            [Role(role) for role in roles],
            section_id=await _id(Section, Section.name == section) if section else None,
            venue_id=await _id(Venue, Venue.slug == venue) if venue else None,
            password=password,
        )
        return fresh

    show_password(login, run(add), generated=password is None)


async def _id(table: Any, where: Any) -> int:
    found = await table.select(table.id).where(where).first()
    if found is None:
        raise Refused("There is no such section or venue.")
    return int(found["id"])


async def _account(login: str) -> int:
    found = await queries.account_id_of(login)
    if found is None:
        raise Refused("There is no such account.")
    return found


@user.command("reset")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
def reset_user(login: str, password_stdin: bool) -> None:
    """Give an account a new password and end its sign-ins."""
    password = read_password(password_stdin)

    async def reset() -> str:
        return await accounts.reset_password(await _account(login), password=password)

    show_password(login, run(reset), generated=password is None)


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """Close an account and end its sign-ins."""

    async def disable() -> None:
        await accounts.disable(await _account(login))

    run(disable)
    click.echo(f"{login} is disabled.")


@cli.group("import")
def import_() -> None:
    """Take in a CSV or Excel file: all or nothing; the same file again changes nothing."""


def _takes_in(
    name: str, words: str, load: Callable[..., Coroutine[Any, Any, Result]], *before: click.Argument
) -> None:
    """A command that takes in files of one kind; `before` stands before the file."""

    @import_.command(name, help=words, params=[*before])
    @click.argument("file", type=click.File("rb"))
    @click.option("--check", "check_only", is_flag=True, help="Only say what is wrong in the file.")
    def take_in(file: BinaryIO, check_only: bool, **of: int) -> None:
        content = file.read()
        result = run(lambda: load(*of.values(), content, check_only=check_only, by=None))
        if result.problems:
            fail("\n".join(problem_words(each) for each in result.problems))
        click.echo(f"new: {result.added}, changed: {result.changed}, unchanged: {result.unchanged}")
        if result.retired:
            click.echo(f"no longer offered here and left alone: {result.retired}")
        if check_only:
            click.echo("Nothing was taken in: this was only a check.")


_takes_in("supporters", "Supporters from before, with stage and date.", supporters.load)
_takes_in("topics", "Topics; what the file does not name stays.", topic_file.load)
_takes_in("procedures", "Procedures; what the file does not name stays.", procedure_file.load)
_takes_in("counter-staff", "Counter staff by section; others stay.", staff_file.load)
_takes_in(
    "completions",
    "Who has completed a training for counter staff.",
    completion_file.load,
    click.Argument(["training_id"], type=click.IntRange(1, 2**31 - 1)),
)


def problem_words(problem: Problem) -> str:
    """Where something is wrong in a file, and what."""
    return f"row {problem.row}, {problem.column}: {problem.value!r}: {problem.reason}"


@cli.command()
def check() -> None:
    """Check configuration, migrations and the integrity of the data."""
    create_app()
    click.echo("Configuration: in order")
    problems = run(_problems)
    click.echo("Migrations: current")
    if problems:
        fail("\n".join(problems))
    click.echo("Data: in order")


async def _problems() -> list[str]:
    found: list[str] = []
    if database.engine().engine_type == "sqlite":
        damage = await Booking.raw("PRAGMA integrity_check")
        found += [str(row) for row in damage if row.get("integrity_check") != "ok"]
        lost = await Booking.raw("PRAGMA foreign_key_check")
        found += [
            f"{row['table']} {row['rowid']} refers to a missing {row['parent']}" for row in lost
        ]
    seated = ", ".join(f"'{state}'" for state in SEATED_STATES)
    for table, counted in (
        ("course", "b.course = t.id AND b.session IS NULL"),
        ("class_session", "b.session = t.id"),
    ):
        rows = await Booking.raw(
            f"SELECT t.id, t.taken, (SELECT count(*) FROM booking b WHERE {counted}"  # noqa: S608
            f" AND b.state IN ({seated})) AS counted FROM {table} t"
        )
        found += [
            f"{table} {row['id']}: taken says {row['taken']}, its bookings say {row['counted']}"
            for row in rows
            if row["taken"] != row["counted"]
        ]
    return found
