"""The monthly つまずき票: where people got stuck in the procedures of a section (H6)."""

from datetime import date, timedelta
from typing import Any

from server import clock
from server.helpdesk import counting
from server.helpdesk.tables import Stuck
from server.places import opening
from server.places.tables import Municipality, Section
from server.topics import procedures

Row = dict[str, Any]

EVERY = object()  # all sections, and the procedures of none
WHERE_STUCK = (*Stuck, "")  # "": not said
DAYS_TO_REPLY = 10  # of reception: two weeks


async def sheets(month: date, section_id: object = EVERY) -> list[Row]:
    """The sheets of the month that begins on that day, one per section, in order of names.

    Each has `section_id`, `section_name` (both None for procedures of no section), `lines`, one
    per procedure asked about in this month or the one before, most asked first (`procedure_id`,
    `name`, `number`, `stuck` by where, `before`, `change`), and the same of all lines in `total`.
    `most` are the places where most got stuck, none where it was said of nobody. Only sections
    with a line; the one that was asked for also without. A fixed number of statements, no notes.
    """
    now, before = await _asked(month), await _asked(clock.month_before(month))
    found: dict[int | None, Row] = {}
    if section_id is not EVERY:
        found[section_id] = await _blank(section_id)  # type: ignore[index,arg-type]
    for procedure in await procedures.everything():
        asked, earlier = now.get(procedure["id"], {}), before.get(procedure["id"], {})
        if not (asked or earlier) or section_id not in (EVERY, procedure["section"]):
            continue
        sheet = found.setdefault(
            procedure["section"],
            {
                "section_id": procedure["section"],
                "section_name": procedure["section_name"],
                "lines": [],
            },
        )
        line = _line(asked, sum(earlier.values()))
        sheet["lines"].append({"procedure_id": procedure["id"], "name": procedure["name"], **line})
    return sorted(map(_finished, found.values()), key=_by_name)


async def reply_by() -> date:
    """By when a section that gets its sheet today is asked to reply: the tenth reception day."""
    today = clock.today()
    city = await Municipality.objects().first()
    days = await opening.reception_days(city, today, DAYS_TO_REPLY) if city else []
    return days[-1] if days else today + timedelta(weeks=2)


async def _asked(month: date) -> dict[int, dict[str, int]]:
    """Contacts of a month by procedure, as it counts, and by where they got stuck."""
    columns = ("contact.procedure", "contact.stuck")
    rows = await counting.added_up(columns, *clock.month_days(month))
    stands = await procedures.standing()
    found: dict[int, dict[str, int]] = {}
    for row in rows:
        if row["procedure"] is not None:
            places = found.setdefault(stands[row["procedure"]], {})
            places[row["stuck"]] = places.get(row["stuck"], 0) + row["number"]
    return found


async def _blank(section_id: int | None) -> Row:
    name = await Section.select(Section.name).where(Section.id == (section_id or 0)).first()
    return {
        "section_id": section_id,
        "section_name": name["name"] if name else None,
        "lines": [],
    }


def _line(asked: dict[str, int], before: int) -> Row:
    number = sum(asked.values())
    return {
        "number": number,
        "stuck": {str(where): asked.get(where, 0) for where in WHERE_STUCK},
        "before": before,
        "change": number - before,
    }


def _finished(sheet: Row) -> Row:
    lines = sorted(sheet["lines"], key=lambda line: -line["number"])
    asked = {str(where): sum(line["stuck"][where] for line in lines) for where in WHERE_STUCK}
    most = max(asked[where] for where in Stuck)
    return sheet | {
        "lines": lines,
        "total": _line(asked, sum(line["before"] for line in lines)),
        "most": [str(where) for where in Stuck if most and asked[where] == most],
    }


def _by_name(sheet: Row) -> tuple[bool, str]:
    return (sheet["section_id"] is None, sheet["section_name"] or "")
