"""Completions of a training for counter staff from a file, as e-learning gives it (H5, F3)."""

from datetime import date
from typing import Any

from server import text
from server.counter_staff import completions, counter_staff, memberships, staff_trainings
from server.counter_staff.tables import CompletionSource, StaffCompletion
from server.database import locked
from server.imports.counter_staff import LONGEST, NAME, NUMBER, READING, Known
from server.imports.reading import OUR_TIME, Line, read
from server.imports.results import Result, taking_in
from server.refusals import N_, Refused
from server.roles import Actor

Row = dict[str, Any]
Posts = dict[date, dict[int, Row]]

COMPLETED_ON = "受講日"
COLUMNS = (NUMBER, NAME, READING, COMPLETED_ON)
REQUIRED = (COMPLETED_ON,)
TEXTS = (NUMBER, NAME, READING, COMPLETED_ON)
NO_NAME = N_("Please write the staff number, or name and reading.")


async def load(
    training_id: int, content: bytes, *, check_only: bool = False, by: Actor | None
) -> Result:
    """Take in who has completed a training: all of the file, or, with any problem, nothing.

    Who has completed it already stays as she is; the same file again changes nothing. Refused
    where the file cannot be read at all.
    """
    lines = read(content, COLUMNS, REQUIRED)
    async with taking_in(lines, check_only=check_only) as result:
        await locked(f"staff_training:{training_id}")
        training = await staff_trainings.known(training_id)
        known = Known(await counter_staff.everybody())
        taken_back = await _taken_back(training_id)
        days: dict[date, list[int]] = {}
        posts: Posts = {}
        for line in lines:
            found = await _understood(line, training, known, posts, taken_back, by)
            if found is not None:
                days.setdefault(found[1], []).append(found[0])
        if all(line.is_sound for line in lines):
            await _enter(training_id, days, result, by)
    return result


async def _enter(
    training_id: int, days: dict[date, list[int]], result: Result, by: Actor | None
) -> None:
    source = CompletionSource.imported
    for on, member_ids in sorted(days.items()):
        result.added += await completions.complete(
            training_id, member_ids, on, source=source, by=by
        )
    result.unchanged = sum(map(len, days.values())) - result.added


async def _understood(
    line: Line,
    training: Row,
    known: Known,
    posts: Posts,
    taken_back: set[tuple[int, date]],
    by: Actor | None,
) -> tuple[int, date] | None:
    line.check_texts(REQUIRED, LONGEST)
    line.check_reading(READING)
    on = line.day(COMPLETED_ON, OUR_TIME)
    if not line.of(NUMBER) and not (line.of(NAME) and line.of(READING)):
        line.wrong(NUMBER, Refused(NO_NAME))
    if on is None or not line.is_sound:
        return None
    column = COMPLETED_ON
    try:
        await _know_posts(training, on, posts)
        column = NUMBER if line.of(NUMBER) else NAME
        post = _post(line, on, known, posts)
        await completions.check_may_say(training, [post["section_id"]], by)
        _check_not_taken_back((post["member_id"], on), taken_back)
    except Refused as refused:
        line.wrong(column, refused)
        return None
    return post["member_id"], on


async def _know_posts(training: Row, on: date, posts: Posts) -> None:
    if on not in posts:
        await completions.check_day(training, on)
        posts[on] = {row["member_id"]: row for row in await memberships.in_post(on)}


def _post(line: Line, on: date, known: Known, posts: Posts) -> Row:
    member = known.find(line)
    number = text.badge_key(line.of(NUMBER))
    if member is None or (number and member["number"] != number):  # only a namesake's
        raise Refused("There is nobody like this on the register.")
    post = posts[on].get(member["member_id"])
    if post is None:
        raise Refused("This member was not in post on {day}.", day=on)
    return post


def _check_not_taken_back(said: tuple[int, date], taken_back: set[tuple[int, date]]) -> None:
    if said in taken_back:
        raise Refused("This was taken back here. Please correct the file.")


async def _taken_back(training_id: int) -> set[tuple[int, date]]:
    rows = await StaffCompletion.select(
        StaffCompletion.member, StaffCompletion.completed_on, StaffCompletion.voided_at
    ).where(StaffCompletion.training == training_id)
    standing = {(row["member"], row["completed_on"]) for row in rows if row["voided_at"] is None}
    return {(row["member"], row["completed_on"]) for row in rows} - standing
