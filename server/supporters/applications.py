"""Applying to be a supporter, and what the city decides."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from server import clock
from server.accounts.tables import Account
from server.audit import entries
from server.database import Conflict, locked, writing
from server.notices import outbox
from server.notices.tables import NoticeChannel
from server.people import matching
from server.people.tables import Person
from server.refusals import N_, Refused
from server.roles import Actor
from server.supporters import register, stages
from server.supporters.schemes import check_may_manage
from server.supporters.tables import ApplicationState, Stage, Supporter, SupporterApplication
from server.training import enrolments

Row = dict[str, Any]

YOUNGEST = 18
ARRIVED_ALREADY = N_("Your application has already arrived. There is no need to apply again.")
SUPPORTER_ALREADY = N_("You are already one of our supporters. There is no need to apply again.")
SUBMITTED_ALREADY = "supporter_application_submission_key"


@dataclass(frozen=True)
class Applicant:
    """What somebody who wants to help has typed; the form has checked its shape.

    `days` are half days such as `mon_am`; `district_id` is None for who lives outside the city.
    """

    name: str
    reading: str
    birth_on: date
    phone: str
    email: str
    district_id: int | None
    languages: tuple[str, ...]
    devices: tuple[str, ...]
    days: tuple[str, ...]
    why: str


async def apply(applicant: Applicant, *, submission: str) -> Row:
    """Take an application, and return it; the applicant becomes a supporter in stage applied.

    `submission` names one press of the button: pressed again, it answers with the first result.
    Refused under 18 on the day, with an application still open, and for who is a supporter now;
    who was declined or has withdrawn may apply again (S1).
    """
    try:
        async with writing():
            check_old_enough(applicant.birth_on, clock.today())
            supporter_id = await _supporter(applicant)
            return await _add(applicant, supporter_id, submission)
    except (Conflict, Refused) as no:
        first = await _submitted_before(submission)
        if first is None:
            raise
        if isinstance(no, Conflict) and no.name != SUBMITTED_ALREADY:
            raise
        return first


def check_old_enough(born_on: date, on: date) -> None:
    """A supporter is 18 or over on the day."""
    if clock.age(born_on, on) < YOUNGEST:
        raise Refused(
            "Supporters are 18 or over. You can apply from {day}.", day=_birthday(born_on, YOUNGEST)
        )


def _birthday(born_on: date, age: int) -> date:
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:  # 29 February
        return date(born_on.year + age, 3, 1)


async def _supporter(applicant: Applicant) -> int:
    """The supporter that the applicant is, added if there is none; held until the change ends."""
    person_id = await matching.find_or_add(
        matching.Identity(applicant.name, applicant.reading, (applicant.phone,), applicant.birth_on)
    )
    await locked(f"person:{person_id}")
    known = await register.of_person(person_id)
    if known is not None:
        await stages.hold(known["id"])
        await check_may_apply(known["id"])
        return int(known["id"])
    supporter = Supporter(person=person_id, created_at=clock.now(), **_facts(applicant))
    await Supporter.insert(supporter)
    return int(supporter.id)


async def check_may_apply(supporter_id: int) -> None:
    """Nobody applies twice at once, and no supporter applies to become one."""
    rows = await SupporterApplication.select().where(SupporterApplication.supporter == supporter_id)
    if any(row["state"] == ApplicationState.received for row in rows):
        raise Refused(ARRIVED_ALREADY)
    stage = await stages.current(supporter_id)
    if stage is None or stage["stage"] == Stage.withdrawn:
        return
    last = max(rows, key=lambda row: row["id"], default=None)
    declined = last is not None and last["state"] == ApplicationState.declined
    if stage["stage"] != Stage.applied or not declined:
        raise Refused(SUPPORTER_ALREADY)


async def _add(applicant: Applicant, supporter_id: int, submission: str) -> Row:
    now = clock.now()
    row = SupporterApplication(
        supporter=supporter_id,
        state=ApplicationState.received,
        name=applicant.name,
        reading=applicant.reading,
        birth_on=applicant.birth_on,
        why=applicant.why,
        submission=submission,
        applied_at=now,
        applied_on=clock.on(now),
        **_facts(applicant),
    )
    rows = await SupporterApplication.insert(row).returning(*SupporterApplication.all_columns())
    stage = await stages.current(supporter_id)
    if stage is None or stage["stage"] != Stage.applied:
        await stages.reach(supporter_id, Stage.applied, clock.on(now), by=None)
    await entries.record(
        "supporter.applied", "supporter", supporter_id, by=None, application=rows[0]["id"]
    )
    return rows[0]


def _facts(applicant: Applicant) -> Row:
    return {
        "phone": applicant.phone,
        "email": applicant.email,
        "district": applicant.district_id,
        "languages": ",".join(applicant.languages),
        "devices": ",".join(applicant.devices),
        "days": ",".join(applicant.days),
    }


async def accept(
    application_id: int,
    message: str,
    *,
    programme_id: int | None = None,
    on: date | None = None,
    by: Actor,
) -> Row:
    """Accept an application, tell the applicant, and return it.

    With a programme the supporter is enrolled in it and in training from `on` (today). Who came
    back is from now on reached as the new application says. Refused when it is decided already.
    """
    async with writing():
        row = await _decide(application_id, ApplicationState.accepted, message, by=by)
        await _keep_facts(row)
        if programme_id is not None:
            day = on or clock.today()
            await enrolments.enrol(row["person"], programme_id, day, by=by)
            await stages.reach(row["supporter"], Stage.in_training, day, by=by)
    return row


async def decline(application_id: int, message: str, *, by: Actor) -> Row:
    """Decline an application, tell the applicant, and return it. Refused when decided already."""
    async with writing():
        return await _decide(application_id, ApplicationState.declined, message, by=by)


async def reopen(application_id: int, *, by: Actor) -> Row:
    """Take a decision back, so that it can be decided anew; the applicant need not be told of it.

    Refused while something rests on it: a newer application, training or a later stage, a login.
    """
    check_may_manage(by)
    async with writing():
        row = await get(application_id)
        if row is None or row["state"] == ApplicationState.received:
            raise Refused("There is no decision to take back.")
        await locked(f"person:{row['person']}")
        await stages.hold(row["supporter"])
        await check_nothing_rests_on(row)
        taken_back = (
            await SupporterApplication.update(
                {
                    SupporterApplication.state: ApplicationState.received,
                    SupporterApplication.decided_at: None,
                    SupporterApplication.decided_by: None,
                    SupporterApplication.message: "",
                }
            )
            .where(SupporterApplication.id == application_id)
            .where(SupporterApplication.state == row["state"])
            .returning(SupporterApplication.id)
        )
        if not taken_back:
            raise Refused("There is no decision to take back.")
        await outbox.withdraw(application_id, about="application")
        await entries.record(
            "supporter.decision_taken_back",
            "supporter",
            row["supporter"],
            by=by,
            application=application_id,
            was=row["state"],
        )
        return row | {"state": ApplicationState.received}


async def check_nothing_rests_on(row: Row) -> None:
    """Raise Refused unless the decision about this application can still be taken back."""
    newest = (await of_supporter(row["supporter"]))[0]
    stage = await stages.current(row["supporter"])
    if newest["id"] != row["id"] or stage is None or stage["stage"] != Stage.applied:
        raise Refused("A later step rests on this decision. Please undo that step first.")
    if await enrolments.current(row["person"]) is not None:
        raise Refused("A later step rests on this decision. Please undo that step first.")
    if await Account.exists().where(Account.person == row["person"]):
        raise Refused("This person has been invited already, with a login of her own.")


async def _decide(application_id: int, state: ApplicationState, message: str, *, by: Actor) -> Row:
    """One decision wins: the UPDATE takes only what is still open."""
    check_may_manage(by)
    took = (
        await SupporterApplication.update(
            {
                SupporterApplication.state: state,
                SupporterApplication.decided_at: clock.now(),
                SupporterApplication.decided_by: by.id,
                SupporterApplication.message: message,
            }
        )
        .where(SupporterApplication.id == application_id)
        .where(SupporterApplication.state == ApplicationState.received)
        .returning(SupporterApplication.id)
    )
    if not took:
        raise Refused("Somebody has already decided about this application.")
    row = await get(application_id)
    assert row is not None
    await entries.record(
        f"supporter.{state}", "supporter", row["supporter"], by=by, application=application_id
    )
    await outbox.post(
        f"supporter.{state}", [_reachable(row)], {"message": message}, about="application"
    )
    return row


def _reachable(row: Row) -> outbox.Reachable:
    """By telephone where there is a number: a person likes to hear it."""
    phone = row["phone"]
    channel = NoticeChannel.phone if phone else NoticeChannel.email
    return outbox.Reachable(row["person"], row["id"], channel, phone or row["email"])


async def _keep_facts(row: Row) -> None:
    """What the application says holds for who came back, and a birth date that nobody knew."""
    await Person.update({Person.birth_on: row["birth_on"]}).where(
        (Person.id == row["person"]) & Person.birth_on.is_null()
    )
    names = ("phone", "email", "district", "languages", "devices", "days")
    await Supporter.update(
        {name: row[name] for name in names} | {Supporter.version: Supporter.version + 1}
    ).where((Supporter.id == row["supporter"]) & (Supporter.created_at < row["applied_at"]))


async def check_may_be_invited(supporter: Row) -> None:
    """Who has been accepted, or came in by import, gets a way in; who has withdrawn does not."""
    if supporter["stage"] in (None, Stage.withdrawn):
        raise Refused("Only supporters are invited.")
    if supporter["stage"] == Stage.applied:
        newest = (await of_supporter(supporter["id"]))[:1]
        if [row["state"] for row in newest] != [ApplicationState.accepted]:
            raise Refused("Please accept the application first.")


async def get(application_id: int) -> Row | None:
    """An application with its `person` and `district_name`, or None."""
    rows = await SupporterApplication.raw(
        f"{_APPLICATIONS} WHERE supporter_application.id = {{}}", application_id
    )
    return rows[0] if rows else None


async def waiting() -> list[Row]:
    """The applications that nobody has decided about, the oldest first; one statement."""
    rows: list[Row] = await SupporterApplication.raw(
        f"{_APPLICATIONS} WHERE supporter_application.state = 'received'"
        " ORDER BY supporter_application.id"
    )
    return rows


async def without_programme() -> list[Row]:
    """Accepted applications of those who are in no training yet, the oldest first."""
    rows: list[Row] = await SupporterApplication.raw(
        f"{_APPLICATIONS} WHERE supporter_application.state = 'accepted'"
        " ORDER BY supporter_application.decided_at, supporter_application.id"
    )
    held = await stages.current_of([row["supporter"] for row in rows])
    newest = {row["supporter"]: row["id"] for row in rows}
    return [
        row
        for row in rows
        if row["id"] == newest[row["supporter"]]
        and row["supporter"] in held
        and held[row["supporter"]]["stage"] == Stage.applied
    ]


async def newest_of(supporter_ids: Sequence[int]) -> dict[int, Row]:
    """The last application of each of these supporters who has applied; one statement."""
    if not supporter_ids:
        return {}
    rows = await (
        SupporterApplication.select()
        .where(SupporterApplication.supporter.is_in(list(supporter_ids)))
        .order_by(SupporterApplication.id)
    )
    return {row["supporter"]: row for row in rows}


async def decided(limit: int = 50) -> list[Row]:
    """The applications decided last, the newest decision first; one statement."""
    rows: list[Row] = await SupporterApplication.raw(
        f"{_APPLICATIONS} WHERE supporter_application.state <> 'received'"
        " ORDER BY supporter_application.decided_at DESC, supporter_application.id DESC LIMIT {}",
        limit,
    )
    return rows


async def of_supporter(supporter_id: int) -> list[Row]:
    """What a supporter has applied so far, the newest first; one statement."""
    rows: list[Row] = await SupporterApplication.raw(
        f"{_APPLICATIONS} WHERE supporter_application.supporter = {{}}"
        " ORDER BY supporter_application.id DESC",
        supporter_id,
    )
    return rows


async def _submitted_before(submission: str) -> Row | None:
    first: Row | None = (
        await SupporterApplication.select()
        .where(SupporterApplication.submission == submission)
        .first()
    )
    return first


_APPLICATIONS = """
SELECT supporter_application.*, supporter.person, district.name AS district_name
FROM supporter_application
JOIN supporter ON supporter.id = supporter_application.supporter
LEFT JOIN district ON district.id = supporter_application.district
"""
