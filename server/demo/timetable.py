"""Which course is held where and when, and how applications to it stand."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple
from uuid import UUID

from server import clock, text
from server.classes.tables import Booking, BookingScope, ClassSession, Course
from server.demo.city import City, Facts, Place, facts
from server.demo.people import Resident
from server.places.tables import Room

ONE_DAY = timedelta(days=1)
WEEKS_AHEAD = 10
DAYS_BACK = 330
SEATS = {30: 20, 15: 12, 12: 10}  # seats by a room's capacity: room for helpers is kept


class Standing(StrEnum):
    """How applications to a course stand today."""

    open = "open"
    nearly_full = "nearly_full"
    full = "full"
    opening_soon = "opening_soon"
    closed = "closed"
    past = "past"


@dataclass
class Application:
    """A booking before it is written, who made it, and for which session; none means all."""

    booking: Booking
    resident: Resident
    session: ClassSession | None


class Use(NamedTuple):
    """What a session takes of a venue: one room for one of the periods in which rooms are let."""

    place: Place
    room: Room
    period: int


@dataclass
class Plan:
    """A course with its sessions before they are written; applications are added later."""

    standing: Standing
    use: Use
    course: Course
    sessions: list[ClassSession]
    topics: tuple[str, ...] = ()  # codes of what it teaches
    applications: list[Application] = field(default_factory=list)

    @property
    def picks(self) -> bool:
        """Whether a person picks one session instead of taking part in all."""
        return bool(self.course.scope == BookingScope.session)


class Timetable:
    """Finds free rooms and writes down who has them: no room is used twice."""

    def __init__(self, random: Random, city: City, today: date) -> None:
        self.random = random
        self.city = city
        self.today = today
        self.offered = facts("courses")["courses"]
        self.periods = facts("yokkaichi")["periods"]
        self.used: set[tuple[int, date, int]] = set()

    def upcoming(self, number: int) -> Plan:
        """The course of that number from today on, at the centres in turn."""
        standing = _standing(number)
        earliest = {Standing.opening_soon: 21, Standing.closed: 3}.get(standing, 4)
        latest = {Standing.closed: 10}.get(standing, WEEKS_AHEAD * 7 - 15)
        first_on = self.today + timedelta(days=self.random.randint(earliest, latest))
        return self._next(number, standing, first_on, ONE_DAY)

    def past(self, number: int) -> Plan:
        """The course of that number before today."""
        last_on = self.today - timedelta(days=self.random.randint(22, DAYS_BACK))
        return self._next(number, Standing.past, last_on, -ONE_DAY)

    def training(self, number: int, first_on: date, *, past: bool) -> Plan:
        """The course that trains supporters, at the centre of that number, from a day on."""
        standing = Standing.past if past else Standing.open
        place = self.city.places[number % len(self.city.places)]
        return self._plan(place, facts("courses")["training"], standing, first_on, ONE_DAY)

    def later_day(self, plan: Plan) -> date:
        """A day, a week later or soon after, on which the room of a course's session is free."""
        week_later = plan.sessions[0].held_on + timedelta(weeks=1)
        (day,) = self._free_days(plan.use, week_later, ONE_DAY, 1)
        return day

    def _next(self, number: int, standing: Standing, day: date, step: timedelta) -> Plan:
        """The course whose turn it is at the centre whose turn it is."""
        place = self.city.places[number % len(self.city.places)]
        turn = number // len(self.city.places)
        offered = self.offered[(number + 5 * turn) % len(self.offered)]
        return self._plan(place, offered, standing, day, step)

    def _plan(
        self, place: Place, offered: Facts, standing: Standing, day: date, step: timedelta
    ) -> Plan:
        room = self.random.choice(place.rooms)
        use = Use(place, room, self.random.randrange(len(self.periods)))
        days = self._free_days(use, day, step, offered.get("sessions", 1))
        course = self._course(offered, standing, days, SEATS[room.capacity])
        hours = [time.fromisoformat(hour) for hour in self._hours(use.period)]
        sessions = [
            self._session(course, room, position, held_on, hours)
            for position, held_on in enumerate(days, 1)
        ]
        return Plan(standing, use, course, sessions, tuple(offered.get("topics", ())))

    def _hours(self, period: int) -> tuple[str, str]:
        starts, ends = self.random.choice(self.periods[period]["hours"])
        return starts, ends

    def _free_days(self, use: Use, day: date, step: timedelta, count: int) -> list[date]:
        while True:
            days = [day + timedelta(weeks=week) for week in range(count)]
            taken = {(int(use.room.id), held_on, use.period) for held_on in days}
            open_then = use.place.closed.isdisjoint(days) and day.isoweekday() != 7
            if open_then and self.used.isdisjoint(taken):
                self.used |= taken
                return days
            day += step

    def _course(self, offered: Facts, standing: Standing, days: list[date], seats: int) -> Course:
        opens_at, closes_at = self._window(standing, days)
        published_at = min(opens_at, clock.at(self.today, time())) - timedelta(days=7)
        picks = offered.get("pick", False)
        words = (offered["title"], offered["reading"], offered["description"])
        return Course(
            **{key: offered[key] for key in ("kind", "title", "reading", "description")},
            audience=offered["audience"],
            bring=offered["bring"],
            section=self.city.sections[offered["section"]],
            scope=BookingScope.session if picks else BookingScope.course,
            opens_at=opens_at,
            closes_at=closes_at,
            seats=0 if picks else seats,
            search_text=text.search_text(" ".join(words)),
            created_at=published_at - timedelta(days=5),
            changed_at=published_at,
            published_at=published_at,
        )

    def _window(self, standing: Standing, days: list[date]) -> tuple[datetime, datetime]:
        first_on = days[0]
        opened_on = min(first_on, self.today) - timedelta(days=self.random.randint(10, 21))
        closes_on = first_on - timedelta(days=2)
        if standing is Standing.opening_soon:
            opened_on = self.today + timedelta(days=self.random.randint(2, 6))
        if standing is Standing.closed:
            closes_on = self.today - timedelta(days=1)
        return clock.at(opened_on, time(8, 30)), clock.at(closes_on, time(17))

    def _session(
        self, course: Course, room: Room, position: int, held_on: date, hours: list[time]
    ) -> ClassSession:
        return ClassSession(
            _ignore_missing=True,  # the course has no id yet
            number=position,
            starts_at=clock.at(held_on, hours[0]),
            ends_at=clock.at(held_on, hours[1]),
            held_on=held_on,
            venue=room.venue,
            room=room.id,
            seats=SEATS[room.capacity] if course.scope == BookingScope.session else 0,
            uid=str(UUID(int=self.random.getrandbits(128), version=4)),
            changed_at=course.published_at,
        )


def _standing(number: int) -> Standing:
    """Thirteen and the 24 centres have no common divisor: no centre has only full courses."""
    return {
        3: Standing.full,
        6: Standing.nearly_full,
        9: Standing.opening_soon,
        11: Standing.closed,
    }.get(number % 13, Standing.open)
