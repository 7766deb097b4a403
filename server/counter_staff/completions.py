"""Who has completed a training for counter staff, on which day (H5)."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from server import clock, notes
from server.audit import entries
from server.counter_staff import memberships, staff_accounts, staff_trainings
from server.counter_staff.memberships import may_manage
from server.counter_staff.tables import CompletionSource, StaffCompletion, StaffTrainingKind
from server.database import locked, writing
from server.database.conditions import stood
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]


async def complete(
    training_id: int,
    member_ids: Iterable[int],
    completed_on: date,
    *,
    source: CompletionSource | None = None,
    by: Actor | None,
) -> int:
    """Say that members have completed a training on a day; gives how many that is news of.

    Once in a fiscal year (H5): who has completed it already in that of the day stays as she is.
    Refused for a day on which it could not be taken, for who was not in post then, and for
    whoever may not say so of all of them.
    """
    async with writing():
        await locked(f"staff_training:{training_id}")
        training = await staff_trainings.known(training_id)
        await check_day(training, completed_on)
        posts = {row["member_id"]: row for row in await memberships.in_post(completed_on)}
        wanted = list(dict.fromkeys(member_ids))
        if any(each not in posts for each in wanted):
            raise Refused("Not all of them were in post on {day}.", day=completed_on)
        await check_may_say(training, [posts[each]["section_id"] for each in wanted], by)
        return await _enter(training, wanted, completed_on, source, by)


async def complete_own(training_id: int, *, by: Actor) -> None:
    """Say of oneself that one has completed a training today; said twice a year, it is once.

    Refused where nobody of the counter staff signs in with this account, where she is not in post
    today, and for a dated training, at which somebody sees who is there.
    """
    async with writing():
        await locked(f"staff_training:{training_id}")
        training = await staff_trainings.known(training_id)
        member = await staff_accounts.of_account(by.id)
        if member is None:
            raise Refused("Your account is not linked with anybody of the counter staff yet.")
        if training["kind"] == StaffTrainingKind.dated:
            raise Refused("Who was at a dated training is entered by its coordinators.")
        if not staff_trainings.is_offered(training, clock.today()):
            raise Refused("This training is not offered today.")
        posts = {row["member_id"] for row in await memberships.in_post(clock.today())}
        if member["id"] not in posts:
            raise Refused("You are in no section today.")
        await _enter(training, [member["id"]], clock.today(), CompletionSource.own, by)


async def check_day(training: Row, on: date) -> None:
    """Refused for a day on which nobody can have completed it: to come, or not one of its own."""
    if on > clock.today():
        raise Refused("This day has not come yet.")
    if training["kind"] == StaffTrainingKind.dated:
        if on not in await staff_trainings.days(training):
            raise Refused("This training did not meet on {day}.", day=on)
    elif not training["first_on"] <= on <= training["last_on"]:
        raise Refused("This training was not offered on {day}.", day=on)


async def void(completion_id: int, reason: str, *, by: Actor) -> Row:
    """Take a mistaken completion back, and return it: it counts no more (T5).

    Refused without a reason, for a My Number in it (H1), and done twice.
    """
    notes.check(reason)
    async with writing():
        row = await _standing(completion_id)
        await locked(f"staff_training:{row['training']}")
        row = await _standing(completion_id)
        training = await staff_trainings.known(row["training"])
        await check_may_say(training, [await memberships.last_section(row["member"])], by)
        if not reason:
            raise Refused("Please write why.")
        await StaffCompletion.update(
            {
                StaffCompletion.voided_at: clock.now(),
                StaffCompletion.voided_by: by.id,
                StaffCompletion.void_reason: reason,
            }
        ).where(StaffCompletion.id == completion_id)
        await entries.record(
            "staff_completion.voided",
            "staff_completion",
            completion_id,
            by=by,
            training=row["training"],
            member=row["member"],
        )
        return row


async def of_member(member_id: int) -> list[Row]:
    """What a member has completed, with `training_name`, the latest first."""
    return await (
        StaffCompletion.select(
            *StaffCompletion.all_columns(), StaffCompletion.training.name.as_alias("training_name")
        )
        .where(StaffCompletion.member == member_id)
        .where(StaffCompletion.voided_at.is_null())
        .order_by(StaffCompletion.completed_on, StaffCompletion.id, ascending=False)
    )


async def offered_and_taken(last_on: date, known_at: datetime | None = None) -> list[Row]:
    """The trainings by address or video, once per fiscal year in which somebody completed one (S5).

    Each with `training_id`, `title`, `offered_to`, `effective_on` (the first day of completion in
    that year, which decides it) and `people`. Dated trainings are not here: they count by the
    reports of their sessions. Up to a day, as known at an instant (T5); two members who turned out
    to be one human being are one of the people. One statement.
    """
    rows = await StaffCompletion.raw(_TAKEN, last_on, stood("staff_completion", known_at))
    first: dict[tuple[int, int], Row] = {}
    known: set[tuple[tuple[int, int], int]] = set()
    for row in rows:  # in the order of the days
        key = (row["training_id"], clock.fiscal_year(row["effective_on"]))
        taken = (key, row.pop("person_id"))
        if taken in known:
            continue
        known.add(taken)
        first.setdefault(key, row | {"people": 0})["people"] += 1
    return list(first.values())


async def check_may_say(training: Row, section_ids: list[int | None], by: Actor | None) -> None:
    """Refused for whoever may not say who completed it among people of these sections.

    Of its own people each section's coordinators may, of everybody who keeps the training (C4).
    """
    if all(may_manage(each, by) for each in section_ids):
        return
    await staff_trainings.check_may_manage(training["course"], by)


async def _enter(
    training: Row,
    member_ids: list[int],
    completed_on: date,
    source: CompletionSource | None,
    by: Actor | None,
) -> int:
    dated = training["kind"] == StaffTrainingKind.dated
    said = source or (CompletionSource.session if dated else CompletionSource.entered)
    year = clock.fiscal_year(completed_on)
    done = await (
        StaffCompletion.select(StaffCompletion.member)
        .where((StaffCompletion.training == training["id"]) & StaffCompletion.voided_at.is_null())
        .where(StaffCompletion.member.is_in(member_ids))
        .where(StaffCompletion.fiscal_year == year)
        .output(as_list=True)
    )
    fresh = [each for each in member_ids if each not in done]
    if not fresh:
        return 0
    marks: Row = {"recorded_at": clock.now(), "recorded_by": by.id if by else None}
    await StaffCompletion.insert(
        *(
            StaffCompletion(
                training=training["id"],
                member=each,
                completed_on=completed_on,
                fiscal_year=year,
                source=said,
                **marks,
            )
            for each in fresh
        )
    )
    await entries.record(
        "staff_completion.entered",
        "staff_training",
        training["id"],
        by=by,
        members=fresh,
        completed_on=completed_on,
        source=said,
    )
    return len(fresh)


async def _standing(completion_id: int) -> Row:
    row = await StaffCompletion.select().where(StaffCompletion.id == completion_id).first()
    if row is None or row["voided_at"] is not None:
        raise Refused("This completion has been taken back already.")
    return row


_TAKEN = """
SELECT staff_training.id AS training_id, staff_training.name AS title,
    staff_training.offered_to, staff_completion.completed_on AS effective_on,
    COALESCE(person.merged_into, person.id) AS person_id
FROM staff_completion
JOIN staff_training ON staff_training.id = staff_completion.training
JOIN staff_member ON staff_member.id = staff_completion.member
JOIN person ON person.id = staff_member.person
WHERE staff_training.kind IN ('address', 'video') AND staff_training.offered_to <> ''
    AND staff_completion.completed_on >= staff_training.first_on
    AND staff_completion.completed_on <= staff_training.last_on
    AND staff_completion.completed_on <= {} AND {}
ORDER BY staff_completion.completed_on, staff_completion.id
"""
