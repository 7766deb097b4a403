"""Filling an empty database with the demonstration city."""

from collections.abc import Callable
from datetime import date, time, timedelta
from random import Random

from server import clock
from server.classes.tables import Booking, CourseTopic
from server.database import writing
from server.demo.applications import Desk
from server.demo.changes import apply_some, change_some
from server.demo.city import add_all, found
from server.demo.counter import staff_the_counter
from server.demo.helpdesk import open_helpdesk
from server.demo.helping import Rota
from server.demo.people import Resident, add_people, person_of, residents
from server.demo.records import enter
from server.demo.timetable import Application, Plan, Timetable
from server.demo.training import Crew, apply, attend, teach, train
from server.demo.volunteers import recruit
from server.people.tables import Person
from server.places.tables import Municipality
from server.plan import plans
from server.refusals import Refused
from server.topics import topics

UPCOMING = 60
PAST = 60
RESIDENTS = 500
PLAN = "yokkaichi-2022"
TAUGHT_DAYS_AGO = 95
DAYS_TO_NEXT = 20
STAFF = 40  # at the counters

Progress = Callable[[int, int], None]
Plans = tuple[list[Plan], list[Plan]]


async def build(seed: int, scale: int, today: date, progress: Progress | None = None) -> None:
    """Fill the database with the city and invented courses, people and bookings around `today`.

    The same seed, scale and day give the same rows. `scale` multiplies courses, people and
    bookings; `progress` is told rows written and rows in all. All or nothing: Refused when the
    database already holds a municipality.
    """
    random = Random(f"{seed} {scale} {today.isoformat()}")  # noqa: S311 - invented, not secret
    async with writing():
        if await Municipality.exists():
            raise Refused("The database already holds a municipality; nothing was changed.")
        city = await found(today)
        await topics.load()
        with clock.freeze(clock.at(today, time())):
            await plans.load_shipped(PLAN, by=None)
        await enter(today)
        timetable = Timetable(random, city, today)
        districts = [place.district_id for place in city.places]
        invented = residents(random, RESIDENTS * scale, districts)
        desk = Desk(random, city, invented, clock.at(today, time()))
        past, coming = _planned(desk, timetable, scale)
        crew = await train(await recruit(random, city, today, scale), today)
        rota = Rota(random, city, crew)
        rota.need(past + coming)
        taught, to_teach = _training(desk, timetable, crew)
        people = {each.resident: each.person for each in [*crew.volunteers, *crew.trainees]}
        everything = [*past, *coming, taught, to_teach]
        await _write(everything, people, progress or _nobody_watches)
        await attend(crew, taught, city.accounts["ict"])
        await rota.helped(past, today)
        await rota.will_help(coming)
        await change_some(timetable, coming[len(city.places) :])
        await apply_some(city, today)
        await open_helpdesk(random, city, today, invented, scale)
        await staff_the_counter(random, city, today, residents(random, STAFF, districts))


def _nobody_watches(done: int, total: int) -> None:
    pass


def _planned(desk: Desk, timetable: Timetable, scale: int) -> Plans:
    past = [timetable.past(number) for number in range(PAST * scale)]
    coming = [timetable.upcoming(number) for number in range(UPCOMING * scale)]
    for plan in past + coming:
        desk.fill(plan)
    return past, coming


def _training(desk: Desk, timetable: Timetable, crew: Crew) -> tuple[Plan, Plan]:
    """The course that the trainees have been to, and the next one."""
    begun_on = timetable.today - timedelta(days=TAUGHT_DAYS_AGO)
    taught = timetable.training(0, begun_on, past=True)
    to_teach = timetable.training(1, timetable.today + timedelta(days=DAYS_TO_NEXT), past=False)
    for plan in (taught, to_teach):
        teach(crew, plan)
    apply(desk, crew, taught)
    return taught, to_teach


async def _write(plans: list[Plan], known: dict[Resident, Person], progress: Progress) -> None:
    applications = [one for plan in plans for one in plan.applications]
    people = _people(applications, known)
    total = sum(1 + len(plan.sessions) for plan in plans) + 2 * len(people) + len(applications)
    done = 0

    def wrote(rows: int) -> None:
        nonlocal done
        done += rows
        progress(done, total)

    await add_all([plan.course for plan in plans], wrote)
    for plan in plans:
        for session in plan.sessions:
            session.course = plan.course.id
    await add_all([session for plan in plans for session in plan.sessions], wrote)
    await _teach(plans)
    await add_people(list(people.items()), wrote)
    people |= known
    await add_all(
        [_booking(plan, one, people) for plan in plans for one in plan.applications], wrote
    )


async def _teach(plans: list[Plan]) -> None:
    """What each course is about."""
    ids = {row["code"]: row["id"] for row in await topics.listed()}
    await add_all(
        [
            CourseTopic(course=plan.course.id, topic=ids[code])
            for plan in plans
            for code in plan.topics
        ]
    )


def _people(
    applications: list[Application], known: dict[Resident, Person]
) -> dict[Resident, Person]:
    """A person for each resident who ever applied, recorded with the first application."""
    people: dict[Resident, Person] = {}
    for one in sorted(applications, key=lambda one: one.booking.booked_at):
        if one.resident not in people and one.resident not in known:
            people[one.resident] = person_of(one.resident, one.booking.booked_at)
    return people


def _booking(plan: Plan, one: Application, people: dict[Resident, Person]) -> Booking:
    booking = one.booking
    booking.course = plan.course.id
    booking.session = one.session.id if one.session else None
    booking.person = people[one.resident].id
    return booking
