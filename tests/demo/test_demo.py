"""The demonstration city: real centres, invented people, the same rows every time (P7)."""

import hashlib
from contextlib import suppress
from datetime import date, datetime, time

import pytest
from piccolo.table import Table

from server import clock, text
from server.accounts import passwords
from server.accounts.tables import AccountRole
from server.activity.tables import ActivityApproval
from server.classes.tables import (
    LIVE_STATES,
    SEATED_STATES,
    Assignment,
    Booking,
    BookingState,
    ClassSession,
    Course,
    SessionReport,
)
from server.database import engine, writing
from server.demo.build import build
from server.demo.city import PASSWORD
from server.helpdesk.corrections import HANGING
from server.helpdesk.tables import CallBack, Contact, HandOver
from server.notices.tables import Notice
from server.people.tables import Person, PersonPhone
from server.piccolo_app import APP_CONFIG
from server.places.tables import Municipality, Section, Venue, VenueClosure
from server.refusals import Refused
from server.supporters import applications
from server.supporters import queries as supporters
from server.supporters.tables import Stage
from server.training import certificates
from tests.databases import Database

TODAY = date(2026, 11, 21)
YEARS = (2023, 2024, 2025, 2026)
TABLES: list[type[Table]] = sorted(APP_CONFIG.table_classes, key=lambda table: table.__name__)
# fmt: off
CENTRES = [
    "中部", "富洲原", "富田", "羽津", "常磐", "日永", "四郷", "内部",
    "塩浜", "小山田", "川島", "神前", "桜", "三重", "県", "八郷",
    "下野", "大矢知", "河原田", "水沢", "保々", "海蔵", "橋北",
]
# fmt: on


async def digest() -> str:
    """One number for all rows; password hashes are salted anew each time."""
    sums = hashlib.sha256()
    for table in TABLES:
        for row in await table.select().order_by(table._meta.primary_key):
            row.pop("password_hash", None)
            sums.update(repr(sorted(row.items())).encode())
    return sums.hexdigest()


class UndoneError(Exception):
    """Leaves `writing()` so that nothing of it stays."""


async def rows_of(seed: int, today: date) -> str:
    """The digest of what `build` writes; afterwards the database is as empty as it was."""
    found = ""
    with suppress(UndoneError):
        async with writing():
            await build(seed, 1, today)
            found = await digest()
            raise UndoneError
    if engine().engine_type == "postgres":  # its sequences do not roll back
        for table in TABLES:
            await engine()._run_in_new_connection(
                f'ALTER SEQUENCE "{table._meta.tablename}_id_seq" RESTART'
            )
    return found


async def test_the_same_seed_and_day_give_the_same_rows(
    database: Database, frozen_now: datetime
) -> None:
    first = await rows_of(1, TODAY)

    assert await rows_of(1, TODAY) == first
    assert await rows_of(2, TODAY) != first
    assert await rows_of(1, date(2026, 11, 22)) != first


async def test_the_city_has_its_24_real_centres(database: Database) -> None:
    await build(1, 1, TODAY)

    venues = await Venue.select(Venue.name, Venue.district.name).order_by(Venue.district.position)

    assert [venue["district.name"] for venue in venues] == [*CENTRES, "楠"]
    assert [venue["name"] for venue in venues] == [
        *(f"{name}地区市民センター" for name in CENTRES),
        "楠ふれあいセンター",
    ]


async def test_p7_the_city_says_that_it_is_invented_and_no_telephone_number_rings(
    database: Database,
) -> None:
    await build(1, 1, TODAY)

    assert await Municipality.select(Municipality.name, Municipality.demonstration) == [
        {"name": "四日市市", "demonstration": True}
    ]

    numbers = [
        *await Municipality.select(Municipality.phone).output(as_list=True),
        *await Municipality.select(Municipality.fax).output(as_list=True),
        *await Section.select(Section.phone).output(as_list=True),
        *await Venue.select(Venue.phone).output(as_list=True),
        *await Booking.select(Booking.phone).output(as_list=True),
        *await PersonPhone.select(PersonPhone.phone_key).output(as_list=True),
        *await CallBack.select(CallBack.phone).output(as_list=True),
    ]

    keys = [text.phone_key(number) for number in numbers]
    assert [key for key in keys if not key.startswith(("059000", "0900", "0800"))] == []


async def test_b4_taken_is_what_is_confirmed_or_offered_everywhere(database: Database) -> None:
    await build(1, 1, TODAY)

    courses = await Course.select()
    sessions = await ClassSession.select()
    seated = await Booking.select().where(Booking.state.is_in(list(SEATED_STATES)))

    for course in courses:
        whole = [one for one in seated if (one["course"], one["session"]) == (course["id"], None)]
        assert course["taken"] == len(whole) <= course["seats"]
    for session in sessions:
        picked = [one for one in seated if one["session"] == session["id"]]
        assert session["taken"] == len(picked) <= session["seats"]
    assert len(seated) == sum(row["taken"] for row in courses + sessions) > 500


async def test_bookings_keep_the_rules_that_people_keep(database: Database) -> None:
    await build(1, 1, TODAY)
    bookings = await Booking.select()
    scopes = {row["id"]: row["scope"] for row in await Course.select(Course.id, Course.scope)}
    home = {row["id"]: row["course"] for row in await ClassSession.select()}

    live = [(one["course"], one["person"]) for one in bookings if one["state"] in LIVE_STATES]
    picks = [one for one in bookings if one["session"] is not None]

    assert len(live) == len(set(live)), "B2: one live booking per person and course"
    assert all(text.valid_reference(one["reference"]) for one in bookings), "B8"
    assert {len(one["reference"]) for one in bookings} == {9}
    assert all(home[one["session"]] == one["course"] for one in picks)
    assert picks == [one for one in bookings if scopes[one["course"]] == "session"]


async def test_b2_each_person_would_be_found_again(database: Database) -> None:
    await build(1, 1, TODAY)
    phones = {row["person"]: row["phone_key"] for row in await PersonPhone.select()}

    keys = [(row["reading_key"], phones[row["id"]]) for row in await Person.select()]

    assert len(keys) == len(set(keys))
    assert len({phone for _, phone in keys}) < len(keys), "no couple shares a landline"


async def test_every_centre_has_a_course_to_apply_for(
    database: Database, frozen_now: datetime
) -> None:
    await build(1, 1, TODAY)
    now = clock.now()

    open_now = await ClassSession.select(ClassSession.venue).where(
        (ClassSession.course.opens_at <= now)
        & (ClassSession.course.closes_at > now)
        & (ClassSession.starts_at > now)
        & ClassSession.called_off_at.is_null()
        & (
            (ClassSession.course.taken < ClassSession.course.seats)
            | (ClassSession.taken < ClassSession.seats)
        )
    )

    assert len({row["venue"] for row in open_now}) == 24


async def test_there_are_full_closed_coming_moved_and_called_off_ones(
    database: Database, frozen_now: datetime
) -> None:
    await build(1, 1, TODAY)
    now = clock.now()
    courses = await Course.select()
    sessions = await ClassSession.select()
    ahead = {row["course"] for row in sessions if row["starts_at"] > now}
    coming = [row for row in courses if row["id"] in ahead]

    assert (len(coming), len(courses)) == (61, 122)  # one of each trains supporters
    assert [row for row in coming if 0 < row["seats"] == row["taken"]]
    assert [row for row in coming if row["seats"] - row["taken"] == 1]
    assert [row for row in coming if row["opens_at"] > now]
    assert [row for row in coming if row["closes_at"] < now]
    assert [row for row in sessions if row["called_off_at"]]
    assert [row for row in sessions if row["sequence"] and not row["called_off_at"]]
    assert max(row["number"] for row in sessions) == 3
    assert not await Booking.exists().where(Booking.booked_at > now)
    assert not await Booking.exists().where(Booking.booked_at > Booking.voided_at)
    assert not await Course.exists().where(Course.published_at > now)


async def test_what_is_called_three_days_is_held_on_three_days(database: Database) -> None:
    await build(1, 1, TODAY)
    three_days = await Course.select(Course.id).where(Course.title.like("%3日間%"))
    held = await ClassSession.count().where(
        ClassSession.course.is_in([row["id"] for row in three_days])
        & ClassSession.called_off_at.is_null()
    )

    assert held == 3 * len(three_days) > 0


async def test_b10_everybody_whose_class_was_moved_or_called_off_is_to_be_told(
    database: Database,
) -> None:
    await build(1, 1, TODAY)
    changed = await ClassSession.select().where(ClassSession.sequence > 0)
    ended = await Booking.count().where(Booking.state == BookingState.called_off)

    for session in changed:
        booked = await Booking.select(Booking.id).where(
            (Booking.course == session["course"])
            & (Booking.session.is_null() | (Booking.session == session["id"]))
            & Booking.state.is_in([*LIVE_STATES, BookingState.called_off])
        )
        told = await Notice.select(Notice.subject_id).where(
            Notice.subject_id.is_in([row["id"] for row in booked])
        )
        assert len(told) == len(booked) > 0
    assert {row["called_off_at"] is None for row in changed} == {True, False}
    assert ended > 0


@pytest.mark.parametrize("today", [TODAY, date(2027, 4, 1)])
async def test_h4_what_a_contact_promises_was_done_or_is_still_to_do(
    database: Database, today: date
) -> None:
    await build(1, 1, today)

    for outcome, table in HANGING.items():
        promising = await Contact.select(Contact.id).where(Contact.outcome == outcome)
        behind = await table.select(table.contact)

        assert sorted(row["id"] for row in promising) == sorted(row["contact"] for row in behind)
        assert len(behind) > 10
    to_make = await CallBack.select(CallBack.owner).where(CallBack.done_at.is_null())
    assert len(to_make) == 3
    assert await HandOver.count().where(HandOver.seen_at.is_null()) == 2


async def test_no_room_is_used_twice_nor_on_a_closed_day(database: Database) -> None:
    await build(1, 1, TODAY)
    sessions = await ClassSession.select()
    closed = await VenueClosure.select()

    periods = [
        (row["room"], row["held_on"], clock.local(row["starts_at"]).hour < 12) for row in sessions
    ]

    assert len(periods) == len(set(periods))
    assert not any(
        row["venue"] == closure["venue"]
        and closure["first_on"] <= row["held_on"] <= closure["last_on"]
        for row in sessions
        for closure in closed
    )


async def test_one_account_of_each_kind_signs_in_with_the_known_password(
    database: Database,
) -> None:
    await build(1, 1, TODAY)

    rows = await AccountRole.select(
        AccountRole.role,
        AccountRole.account.login,
        AccountRole.section.name,
        AccountRole.venue.slug,
        AccountRole.account.password_hash,
    ).order_by(AccountRole.id)

    assert [tuple(row.values())[:4] for row in rows] == [
        ("administrator", "admin", None, None),
        ("coordinator", "ict", "ICT戦略課", None),
        ("coordinator", "fukushi", "高齢福祉課", None),
        ("helpdesk", "helpdesk", None, None),
        ("venue", "chubu", None, "chubu"),
        ("supporter", "supporter", None, None),
        ("supporter", "trainee", None, None),
    ]
    assert await passwords.matches(rows[0]["account.password_hash"], PASSWORD)


async def test_scale_multiplies_courses_and_progress_ends_with_all_rows(
    database: Database,
) -> None:
    told: list[tuple[int, int]] = []

    await build(1, 2, TODAY, lambda done, total: told.append((done, total)))

    assert await Course.count() == 242
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    assert told[-1][0] == told[-1][1]


async def test_a_database_that_holds_a_city_is_left_alone(database: Database) -> None:
    await build(1, 1, TODAY)
    before = await digest()

    with pytest.raises(Refused):
        await build(2, 1, TODAY)

    assert await digest() == before


async def test_s1_supporters_were_trained_over_four_years(database: Database) -> None:
    await build(1, 1, TODAY)

    counts = [len(await supporters.counted(Stage.completed, date(year, 3, 31))) for year in YEARS]

    assert counts == [0, 27, 71, 117]
    with clock.freeze(clock.at(TODAY, time(10))):
        assert len(await supporters.counted(Stage.completed, TODAY)) == 124
        assert len(await certificates.due()) == 2
        assert len(await applications.waiting()) == 3


async def test_nobody_helps_at_two_places_on_one_day_or_leads_unasked(database: Database) -> None:
    await build(1, 1, TODAY)

    rows = await Assignment.select(
        Assignment.supporter,
        Assignment.supporter.may_lead,
        Assignment.role,
        Assignment.session.held_on,
        Assignment.session.sequence,
    ).where(Assignment.supporter.is_not_null())
    days = [
        (row["supporter"], row["session.held_on"]) for row in rows if not row["session.sequence"]
    ]

    assert len(days) == len(set(days)) > 200
    assert {row["supporter.may_lead"] for row in rows if row["role"] == "lead"} == {True}


async def test_t3_what_is_reported_is_over(database: Database) -> None:
    await build(1, 1, TODAY)

    held = await SessionReport.select(SessionReport.effective_on, SessionReport.head_count)
    approved = await ActivityApproval.select(ActivityApproval.effective_on)

    assert len(held) > 50
    assert max(row["effective_on"] for row in [*held, *approved]) < TODAY
