"""The register of supporters: one of them, a page of them, and who may help on a day."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from piccolo.querystring import QueryString

from server import clock, text
from server.accounts.tables import Account
from server.audit import entries
from server.database import locked, writing
from server.people import merging
from server.people.tables import Person
from server.refusals import Refused, Stale
from server.roles import Actor
from server.supporters import credentials, stages
from server.supporters.queries import HELPING, IN_ORDER, same_human, standing
from server.supporters.schemes import check_may_manage
from server.supporters.tables import Stage, Supporter

Row = dict[str, Any]

PAGE = 50
TRAINEE = "trainee"
LEAD = "lead"
PRACTISING = (Stage.in_training, Stage.completed)


@dataclass(frozen=True)
class SupporterFacts:
    """What the office keeps of a supporter; codes as they are stored, comma between."""

    district_id: int | None
    phone: str = ""
    email: str = ""
    fax: str = ""
    postcode: str = ""
    address: str = ""
    languages: str = ""
    devices: str = ""
    days: str = ""
    note: str = ""
    may_lead: bool = False


@dataclass(frozen=True)
class Filters:
    """Which supporters a list shows, and in which order."""

    stage: Stage | None = None
    district_id: int | None = None
    words: str = ""
    sort: str = "reading"


async def get(supporter_id: int) -> Row | None:
    """The supporter as she stands, with `name`, `reading`, `birth_on` and `district_name`.

    `stays_id` is the supporter row of the person whom a duplicate has been merged into, else her
    own id; `person_id` is the human being, whose badge it is whichever row holds it; `stage` and
    `since` hold today, None without a stage.
    """
    rows = await _human(_OF_SUPPORTER, supporter_id)
    found = next((row for row in rows if row["id"] == supporter_id), None)
    return await _today(found) if found else None


async def of_account(account_id: int) -> Row | None:
    """The supporter who signs in with an account, or None."""
    account = await Account.select(Account.person).where(Account.id == account_id).first()
    if account is None or account["person"] is None:
        return None
    return await of_person(account["person"])


async def of_person(person_id: int) -> Row | None:
    """The supporter that a person is, also through a merged duplicate, or None."""
    rows = await _human(_OF_PERSON, person_id)
    return await _today(rows[0]) if rows else None


async def duplicates(person_id: int) -> list[Row]:
    """Who was merged into this person: `person_id`, `name`, `birth_on`, `badge_number`."""
    rows: list[Row] = await Person.raw(
        "SELECT person.id AS person_id, person.name, person.birth_on, supporter.badge_number"
        " FROM person LEFT JOIN supporter ON supporter.person = person.id"
        " WHERE person.merged_into = {} ORDER BY person.id",
        person_id,
    )
    return rows


async def check_may_help(supporter: Row, role: str, on: date) -> None:
    """Raise Refused unless the supporter may take that role (lead, assistant, trainee) on a day.

    A trainee is in training, or completed and not yet registered; everyone else is registered or
    active, and whom the office has named leads. Pledge and insurance hold on that very day (S8).
    """
    standing_row = await stages.current(supporter["id"])
    check_role(supporter, standing_row["stage"] if standing_row else None, role)
    credentials.check_papers(await credentials.of(supporter["id"]), on)


def check_role(supporter: Row, stage: str | None, role: str) -> None:
    """Raise Refused unless a supporter of that stage may take that role."""
    if role == TRAINEE:
        if stage not in PRACTISING:
            raise Refused("Only people in training help as trainees.")
    elif stage not in HELPING:
        raise Refused("Only registered supporters can take this place.")
    if role == LEAD and not supporter["may_lead"]:
        raise Refused("Only supporters whom the office has named can lead.")


async def listed(filters: Filters, page: int | None = 1) -> tuple[list[Row], bool]:
    """A page of fifty of the supporters that fit, each human being once; and are there more?

    Page None is all of them, for a file. Two statements, whatever is asked for.
    """
    held = {row["person_id"]: row for row in await standing(clock.today())}
    humans: dict[int, Row] = {}
    for row in await Supporter.raw(_REGISTER + _ORDER):  # that of the person who stays first
        shown = humans.setdefault(row["person_id"], _with_stage(row, held))
        shown["badge_number"] = shown["badge_number"] or row["badge_number"]
    fitting = [row for row in humans.values() if _fits(row, filters)]
    fitting.sort(key=_order(filters.sort))
    if page is None:
        return fitting, False
    first = (page - 1) * PAGE
    return fitting[first : first + PAGE], len(fitting) > first + PAGE


async def edit(supporter_id: int, facts: SupporterFacts, *, version: int, by: Actor) -> None:
    """Keep what the office knows, or she says of herself.

    Raises Stale where somebody else has saved in between.
    """
    values = {**vars(facts)}
    values["district"] = values.pop("district_id")
    async with writing():
        await stages.hold(supporter_id)
        row = await get(supporter_id)
        if row is None:
            raise Refused("There is no such supporter.")
        await _check_may_edit(row, by)
        if row["version"] != version:
            raise Stale(row)
        changed = sorted(name for name, value in values.items() if row[name] != value)
        await Supporter.update(**values, version=version + 1).where(Supporter.id == supporter_id)
        await entries.record("supporter.changed", "supporter", supporter_id, by=by, fields=changed)


async def _check_may_edit(supporter: Row, by: Actor) -> None:
    own = await of_account(by.id)
    if own is None or own["person_id"] != supporter["person_id"]:
        check_may_manage(by)


@dataclass(frozen=True)
class PersonFacts:
    """What was entered wrongly of a person, as it should read; `badge_number` empty for none."""

    name: str
    reading: str
    birth_on: date | None
    badge_number: str


async def correct(
    supporter_id: int, facts: PersonFacts, reason: str, *, version: int, by: Actor
) -> None:
    """Correct name, reading, date of birth or badge, and say why.

    Raises Refused without a reason, for somebody else's badge number, and for whoever may not
    change the register; Stale where somebody else has saved in between.
    """
    check_may_manage(by)
    if not reason:
        raise Refused("Please write why this is corrected.")
    async with writing():
        known = await get(supporter_id)
        if known is None:
            raise Refused("There is no such supporter.")
        await merging.hold(known["person_id"])
        await locked("badge numbers")
        await stages.hold(supporter_id)
        row = await get(supporter_id)
        if row is None or row["version"] != version:
            raise Stale(row or known)
        badge = text.badge_key(facts.badge_number) or None
        await _correct_badge(row, badge)
        await Person.update(
            name=facts.name,
            reading=facts.reading,
            reading_key=text.reading_key(facts.reading),
            birth_on=facts.birth_on,
        ).where(Person.id == row["person_id"])
        await Supporter.update(version=version + 1).where(Supporter.id == supporter_id)
        values = vars(facts) | {"badge_number": badge}
        fields = sorted(name for name, value in values.items() if row[name] != value)
        await entries.record(
            "supporter.corrected", "supporter", supporter_id, by=by, fields=fields, reason=reason
        )


async def _correct_badge(row: Row, badge: str | None) -> None:
    if badge == row["badge_number"]:
        return
    ids = await same_human(row["id"])
    if badge:
        await stages.check_badge_free(badge, ids)
    await Supporter.update(badge_number=None).where(Supporter.id.is_in(ids))
    await Supporter.update(badge_number=badge).where(Supporter.id == row["id"])


async def _human(which: str, own_id: int) -> list[Row]:
    """The rows of one human being, that of the person who stays first."""
    where = QueryString(which, own_id)
    rows = await Supporter.raw(
        "{}", QueryString(_REGISTER + " WHERE stays.id = {}" + _ORDER, where)
    )
    badge = next((row["badge_number"] for row in rows if row["badge_number"]), None)
    return [row | {"stays_id": rows[0]["id"], "badge_number": badge} for row in rows]


async def _today(row: Row) -> Row:
    now = await stages.current(row["id"])
    return _with_stage(row, {row["person_id"]: now} if now else {})


def _with_stage(row: Row, held: dict[int, Row]) -> Row:
    now = held.get(row["person_id"])
    return row | {
        "stage": now["stage"] if now else None,
        "since": now["effective_on"] if now else None,
    }


def _fits(row: Row, filters: Filters) -> bool:
    if filters.stage is not None and row["stage"] != filters.stage:
        return False
    if filters.district_id is not None and row["district"] != filters.district_id:
        return False
    return not filters.words or _is_sought(row, filters.words)


def _is_sought(row: Row, words: str) -> bool:
    """By a part of the name, the reading, or the badge; by the whole phone number."""
    reading, phone = text.reading_key(words), text.phone_key(words)
    return (
        text.name_key(words) in text.name_key(row["name"])
        or bool(reading and reading in row["reading_key"])
        or bool(phone and phone == text.phone_key(row["phone"]))
        or text.name_key(words) == text.name_key(row["badge_number"] or "")
    )


def _order(sort: str) -> Any:
    def key(row: Row) -> tuple[Any, ...]:
        beginning: tuple[Any, ...] = ()
        if sort == "stage":
            beginning = (IN_ORDER.index(row["stage"]) if row["stage"] else -1,)
        elif sort == "since":
            beginning = (-(row["since"] or date.min).toordinal(),)
        elif sort == "district":
            beginning = (row["district_position"] or 0, row["district_name"] or "")
        return (*beginning, row["reading_key"], row["id"])

    return key


# A duplicate's own row comes after that of the person who stays.
_REGISTER = """
SELECT supporter.id, supporter.person, supporter.district, supporter.phone, supporter.email,
    supporter.fax, supporter.postcode, supporter.address, supporter.languages, supporter.devices,
    supporter.days, supporter.note, supporter.may_lead, supporter.badge_number,
    supporter.created_at, supporter.version, stays.id AS person_id, stays.name, stays.reading,
    stays.reading_key, stays.birth_on, district.name AS district_name,
    district.position AS district_position
FROM supporter
JOIN person ON person.id = supporter.person
JOIN person AS stays ON stays.id = COALESCE(person.merged_into, person.id)
LEFT JOIN supporter AS own ON own.person = stays.id
LEFT JOIN district ON district.id = supporter.district
"""
_OF_PERSON = "(SELECT COALESCE(merged_into, id) FROM person WHERE id = {})"
_OF_SUPPORTER = (
    "(SELECT COALESCE(own.merged_into, own.id) FROM supporter AS asked"
    " JOIN person AS own ON own.id = asked.person WHERE asked.id = {})"
)
_ORDER = " ORDER BY CASE WHEN own.id = supporter.id THEN 0 ELSE 1 END, supporter.id"
