"""Who applied to the invented courses, and what became of it."""

from datetime import datetime, time
from random import Random

from server import clock, text
from server.classes.tables import Booking, BookingState, Channel, ClassSession
from server.demo.city import City
from server.demo.people import Resident, one_of
from server.demo.timetable import Application, Plan, Standing

CHANNELS = {
    Channel.web: 38,
    Channel.phone: 37,
    Channel.counter: 20,
    Channel.fax: 3,
    Channel.postcard: 2,
}
DECLINING = 0.08
SHARES = {
    Standing.open: (0.15, 0.75),
    Standing.closed: (0.6, 1.0),
    Standing.past: (0.5, 1.0),
}


class Desk:
    """Takes applications of invented residents, no reference given twice."""

    def __init__(self, random: Random, city: City, residents: list[Resident], until: datetime):
        self.random = random
        self.city = city
        self.residents = residents
        self.until = until
        self.references: set[str] = set()

    def fill(self, plan: Plan) -> None:
        """Give the course the bookings that its standing asks for, and count them in `taken`."""
        if plan.standing is Standing.opening_soon:
            return
        wanted = plan.sessions if plan.picks else [None]
        counts = [self._count(plan, session) for session in wanted]
        extra = [sum(self.random.random() < DECLINING for _ in range(count)) for count in counts]
        crowd = self.random.sample(self.residents, sum(counts) + sum(extra))
        for session, count, declining in zip(wanted, counts, extra, strict=True):
            for _ in range(count):
                self.book(plan, session, crowd.pop(), BookingState.confirmed)
            for _ in range(declining):
                self.book(plan, session, crowd.pop(), BookingState.declined)
            (session or plan.course).taken = count

    def _count(self, plan: Plan, session: ClassSession | None) -> int:
        seats = int((session or plan.course).seats)
        if plan.standing is Standing.full:
            return seats
        if plan.standing is Standing.nearly_full:
            return seats - self.random.randint(1, 2)
        least, most = SHARES[plan.standing]
        return round(seats * self.random.uniform(least, most))

    def book(
        self, plan: Plan, session: ClassSession | None, resident: Resident, state: BookingState
    ) -> None:
        """Add the application of a resident to the plan, in a state that it was left in."""
        channel = one_of(self.random, CHANNELS)
        booked_at = self._moment(plan, channel)
        booking = _typed(resident)
        booking.reference = self._reference()
        booking.state = state
        booking.channel = channel
        booking.booked_at = booking.recorded_at = booked_at
        booking.booked_on = clock.on(booked_at)
        if channel is not Channel.web:
            booking.booked_by = self.city.accounts["helpdesk"]
        if state is BookingState.declined:
            booking.voided_at = booked_at + (self._end(plan) - booked_at) * self.random.random()
        plan.applications.append(Application(booking, resident, session))

    def _end(self, plan: Plan) -> datetime:
        return min(plan.course.closes_at, self.until)

    def _moment(self, plan: Plan, channel: Channel) -> datetime:
        """Some time while applications were open; at a desk within its hours."""
        opens_at = plan.course.opens_at
        share = self.random.random() ** 2  # most people apply early
        moment = opens_at + (self._end(plan) - opens_at) * share
        moment = moment.replace(microsecond=0)
        if channel is not Channel.web:
            minutes = self.random.randrange(8 * 60 + 30, 17 * 60)
            moment = clock.at(clock.on(moment), time(minutes // 60, minutes % 60))
        return moment

    def _reference(self) -> str:
        while True:
            number = f"{self.random.randrange(10**8):08d}"
            if number not in self.references:
                self.references.add(number)
                return number + text.check_digit(number)


def _typed(resident: Resident) -> Booking:
    return Booking(
        _ignore_missing=True,  # neither course nor person has an id yet
        name=resident.name,
        name_key=text.name_key(resident.name),
        reading=resident.reading,
        phone=resident.phone,
        phone_key=text.phone_key(resident.phone),
        district=resident.district_id,
        age_band=resident.age_band,
        device=resident.device,
        needs=resident.needs,
    )
