"""A small quarter of contacts, July to September 2026, counted by hand in test_learning."""

from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from server import clock
from server.database import writing
from server.helpdesk.tables import CallBack, Contact, HandOver
from tests import factories

FIRST_ON, LAST_ON = date(2026, 7, 1), date(2026, 9, 30)
DAYS = (FIRST_ON, LAST_ON)


class Quarter(NamedTuple):
    """Who and what asked; `maps` counts with `procedures`, `old_form` with `form`."""

    procedures: int
    maps: int
    photos: int
    form: int
    old_form: int
    tax: int
    residents: int  # the sections
    taxes: int
    north: int  # the districts
    south: int
    first_desk: int
    second_desk: int


def japan(words: str) -> datetime:
    """The instant of a day and hour on the wall clock in Japan."""
    at = datetime.fromisoformat(words)
    return clock.at(at.date(), at.time()).astimezone(UTC)


async def contact(words: str, desk: int, topic: int, **facts: Any) -> Contact:
    """A contact at that hour in Japan."""
    return await factories.make_contact(desk=desk, topic=topic, contacted_at=japan(words), **facts)


async def voided(row: Contact, words: str) -> None:
    """Take a contact back at that hour."""
    async with writing():
        await Contact.update({Contact.voided_at: japan(words)}).where(Contact.id == row.id)


async def called_back(row: Contact, words: str) -> None:
    """Promise a call back at that hour."""
    async with writing():
        await CallBack(
            contact=row.id, name="山田花子", due_at=japan(words), recorded_at=japan(words)
        ).save()


async def handed_on(row: Contact, section: int, words: str) -> None:
    """Ask a section at that hour."""
    async with writing():
        await HandOver(contact=row.id, section=section, asked_at=japan(words)).save()


async def cast() -> Quarter:
    """The masters: a topic and a procedure are merged into others, a topic is retired."""
    residents = await factories.make_section(name="市民課")
    taxes = await factories.make_section(name="税務課")
    procedures = await factories.make_topic(name="行政手続")
    maps = await factories.make_topic(name="地図", merged_into=procedures.id)
    photos = await factories.make_topic(name="写真", retired_on=date(2026, 9, 1))
    form = await factories.make_procedure(name="住民票の写し", section=residents.id)
    old_form = await factories.make_procedure(name="住民票", section=taxes.id, merged_into=form.id)
    tax = await factories.make_procedure(name="納税証明", section=taxes.id)
    north = await factories.make_district(name="北地区")
    south = await factories.make_district(name="南地区")
    desks = [await factories.make_desk(name=name) for name in ("相談窓口", "市民窓口")]
    rows: tuple[Any, ...] = (
        procedures,
        maps,
        photos,
        form,
        old_form,
        tax,
        residents,
        taxes,
        north,
        south,
    )
    return Quarter(*(row.id for row in (*rows, *desks)))


async def contacts(who: Quarter) -> None:
    """Eight that count now, among them a tally of twelve; one taken back, one corrected."""
    first, second = who.first_desk, who.second_desk
    await contact(
        "2026-07-01 09:10",
        first,
        who.procedures,
        procedure=who.form,
        stuck="identity",
        district=who.north,
    )
    await contact(
        "2026-07-31 23:50",
        first,
        who.maps,
        procedure=who.form,
        stuck="entering",
        outcome="shown",
        minutes=20,
        district=who.north,
    )
    promised = await contact(
        "2026-08-01 00:10",
        first,
        who.photos,
        channel="counter",
        outcome="call_back",
        minutes=5,
        district=who.south,
    )
    await called_back(promised, "2026-08-01 00:11")
    later = await contact(
        "2026-08-15 10:30",
        second,
        who.procedures,
        procedure=who.old_form,
        stuck="identity",
        channel="counter",
        minutes=15,
    )
    await called_back(later, "2026-10-02 10:00")
    await contact(
        "2026-08-15 10:45", second, who.procedures, number=12, tally=True, minutes=3, hour=None
    )
    asked = await contact(
        "2026-09-30 16:00",
        second,
        who.procedures,
        procedure=who.tax,
        stuck="paying",
        channel="email",
        outcome="handed_on",
        minutes=30,
        district=who.south,
    )
    await handed_on(asked, who.taxes, "2026-09-30 16:01")
    await contact(
        "2026-09-30 23:59",
        first,
        who.photos,
        outcome="class_booked",
        minutes=8,
        district=who.north,
    )
    mistaken = await contact("2026-08-20 10:00", first, who.procedures)
    await voided(mistaken, "2026-10-05 10:00")
    wrong = await contact("2026-08-21 10:00", first, who.procedures)
    await voided(wrong, "2026-10-06 10:00")
    await contact(
        "2026-08-21 10:00",
        first,
        who.photos,
        district=who.south,
        replaces=wrong.id,
        recorded_at=japan("2026-10-06 10:00"),
    )
    for outside in ("2026-06-30 23:59", "2026-10-01 00:00"):
        await contact(outside, first, who.procedures, minutes=100)


async def quarter() -> Quarter:
    """Everything of it."""
    who = await cast()
    await contacts(who)
    return who
