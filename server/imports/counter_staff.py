"""Counter staff from a file: who is in which section from when to when (H5, F3)."""

from datetime import date, timedelta
from typing import Any

from server import text
from server.counter_staff import counter_staff, memberships
from server.counter_staff.counter_staff import FILE_COLUMNS, FILE_EMPLOYMENTS, MemberFacts
from server.counter_staff.memberships import MembershipFacts
from server.counter_staff.tables import StaffMembership
from server.imports.reading import OUR_TIME, Line, read
from server.imports.results import Result, taking_in
from server.places import directory
from server.refusals import Refused
from server.roles import Actor

Row = dict[str, Any]

COLUMNS = FILE_COLUMNS
NUMBER, NAME, READING, SECTION, EMPLOYMENT, FIRST_ON, LAST_ON = COLUMNS
REQUIRED = (NAME, READING, SECTION, EMPLOYMENT, FIRST_ON)
TEXTS = (NUMBER, NAME, READING, FIRST_ON, LAST_ON)  # Excel keeps 0125 as it is typed
EMPLOYMENTS = {words: employment for employment, words in FILE_EMPLOYMENTS.items()}
LONGEST = {NUMBER: 20, NAME: 120, READING: 200}


class Known:
    """The members as files name them: by number, else by name and reading."""

    def __init__(self, rows: list[Row]) -> None:
        """Take the rows of `counter_staff.everybody`."""
        self.numbers: dict[str, Row] = {}
        self.names: dict[tuple[str, str], list[Row]] = {}
        self.ended: set[tuple[int, int, date]] = set()  # whose last day the file itself says
        for row in rows:
            self.learn(row)

    def learn(self, row: Row) -> None:
        """One more member."""
        if row["number"]:
            self.numbers[row["number"]] = row
        self.names.setdefault(_names(row["name"], row["reading"]), []).append(row)

    def find(self, line: Line) -> Row | None:
        """Whom a line names, or None. Refused where it may be several, or its number another's."""
        number = text.badge_key(line.of(NUMBER))
        namesakes = self.names.get(_names(line.of(NAME), line.of(READING)), [])
        if not number:
            if len(namesakes) > 1:
                raise Refused("Several people here have this name. Please write the staff number.")
            return namesakes[0] if namesakes else None
        known = self.numbers.get(number)
        if known is None:
            return next((row for row in namesakes if not row["number"]), None)
        _check_same(line, known)
        return known


def _check_same(line: Line, known: Row) -> None:
    """A number and a name that are two people's: neither is taken for the other's."""
    said = text.reading_key(line.of(READING))
    if said and said != text.reading_key(known["reading"]):
        raise Refused(
            "This staff number belongs to somebody with another reading here. Please correct"
            " the file, or the member's own page."
        )
    name = _plain(line.of(NAME))
    if not said and name and name != _plain(known["name"]):
        raise Refused(
            "This staff number belongs to somebody with another name here. Please correct the"
            " file, or the member's own page."
        )


async def load(content: bytes, *, check_only: bool = False, by: Actor | None) -> Result:
    """Take in a file of counter staff: all of it, or, with any problem, nothing.

    Who is in a section here and stands in the file in another one from a later day has moved: the
    one ends the day before. Whom the file does not name stays. The same file again changes
    nothing. Refused where the file cannot be read at all.
    """
    lines = read(content, COLUMNS, REQUIRED)
    async with taking_in(lines, check_only=check_only) as result:
        await memberships.hold()
        known = Known(await counter_staff.everybody())
        sections = await directory.section_ids()
        understood = [_understood(line, sections) for line in lines]
        in_order = sorted(filter(None, understood), key=lambda each: each[1].first_on)
        for line, facts in in_order:
            await _take_in(line, facts, known, result, by)
    return result


async def _take_in(
    line: Line, facts: MembershipFacts, known: Known, result: Result, by: Actor | None
) -> None:
    column = NUMBER if line.of(NUMBER) else NAME
    try:
        row = known.find(line)
        number = text.badge_key(line.of(NUMBER)) or None
        column = SECTION
        if row is None:
            member = MemberFacts(line.of(NAME), line.of(READING), number)
            kept = await counter_staff.add(member, facts, by=by)
            known.learn(vars(member) | {"member_id": kept["id"], "version": kept["version"]})
            _note_end(line, kept["id"], facts, known)
            result.added += 1
            return
        changed = await _number_given(row, number, known, by)
        if await _membership(row["member_id"], facts, line, known, by) or changed:
            result.changed += 1
        else:
            result.unchanged += 1
    except Refused as refused:
        line.wrong(column, refused)


async def _number_given(row: Row, number: str | None, known: Known, by: Actor | None) -> bool:
    """A member who had none has a number now."""
    if number is None or row["number"]:
        return False
    facts = MemberFacts(row["name"], row["reading"], number)
    await counter_staff.edit(row["member_id"], facts, version=row["version"], by=by)
    row |= {"number": number, "version": row["version"] + 1}
    known.numbers[number] = row
    return True


def _note_end(line: Line, member_id: int, facts: MembershipFacts, known: Known) -> None:
    if line.of(LAST_ON):
        known.ended.add((member_id, facts.section_id, facts.first_on))


async def _membership(
    member_id: int, facts: MembershipFacts, line: Line, known: Known, by: Actor | None
) -> bool:
    """Have the membership stand as the line says; did that change anything?"""
    _note_end(line, member_id, facts, known)
    sound = memberships.bounded(facts)
    live = await memberships.of([member_id])
    before = await StaffMembership.select().where(
        (StaffMembership.member == member_id) & StaffMembership.voided_at.is_not_null()
    )
    stands = next((row for row in live if _begins_alike(row, sound)), None)
    if stands is not None:
        if stands["employment"] != sound.employment:
            raise Refused("This time in the section stands here with another employment.")
        if not line.of(LAST_ON) or stands["last_on"] == sound.last_on:
            return False
        if any(memberships.facts_of(row) == sound for row in before):
            return False  # the day was corrected here since
        await memberships.end(stands["id"], sound.last_on, by=by)
        return True
    if any(_begins_alike(row, sound) for row in before):
        raise Refused("This was taken back here. Please correct the file.")
    await _leave([row for row in live if _key(row) not in known.ended], sound.first_on, by)
    await memberships.begin(member_id, sound, by=by)
    return True


def _key(row: Row) -> tuple[int, int, date]:
    return row["member"], row["section"], row["first_on"]


async def _leave(live: list[Row], on: date, by: Actor | None) -> None:
    for row in live:
        if row["first_on"] < on and (row["last_on"] is None or row["last_on"] >= on):
            await memberships.end(row["id"], on - timedelta(days=1), by=by)


def _begins_alike(row: Row, facts: MembershipFacts) -> bool:
    return bool(row["section"] == facts.section_id and row["first_on"] == facts.first_on)


def _understood(line: Line, sections: dict[str, int]) -> tuple[Line, MembershipFacts] | None:
    line.check_texts(REQUIRED, LONGEST)
    line.check_reading(READING)
    if len(text.badge_key(line.of(NUMBER))) > LONGEST[NUMBER]:
        line.wrong(NUMBER, Refused("Please use fewer characters."))
    section_id = sections.get(text.normalised(line.of(SECTION)))
    if line.of(SECTION) and section_id is None:
        line.wrong(SECTION, Refused("There is no section of this name."))
    employment = EMPLOYMENTS.get(text.normalised(line.of(EMPLOYMENT)))
    if line.of(EMPLOYMENT) and employment is None:
        line.wrong(
            EMPLOYMENT, Refused("Please write one of {words}.", words="、".join(EMPLOYMENTS))
        )
    first_on, last_on = line.day(FIRST_ON, OUR_TIME), line.day(LAST_ON, OUR_TIME)
    if not line.is_sound or not (section_id and employment and first_on):
        return None
    facts = MembershipFacts(section_id, employment, first_on, last_on)
    try:
        memberships.bounded(facts)
    except Refused as refused:
        line.wrong(LAST_ON, refused)
        return None
    return line, facts


def _names(name: str, reading: str) -> tuple[str, str]:
    return _plain(name), text.reading_key(reading)


def _plain(name: str) -> str:
    return text.normalised(name).replace(" ", "")
