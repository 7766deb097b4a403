"""Who helped at the invented classes, what took place, and what is still to be done (P7)."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from math import ceil
from random import Random

from server import clock
from server.activity.tables import (
    ActivityApproval,
    ActivityKind,
    ActivityReport,
    ReportState,
    TroubleReport,
)
from server.classes.tables import (
    Assignment,
    Attendance,
    BookingState,
    ClassSession,
    HelpRole,
    Outcome,
    Presence,
    SessionReport,
)
from server.demo.city import City, add_all
from server.demo.timetable import Plan
from server.demo.training import Crew
from server.demo.volunteers import Volunteer
from server.training.tables import Source, TrainingRecord

PRESENT = 0.9
UNREPORTED = 3
PARTICIPANTS_PER_HELPER = 4
TRAINEE_PLACES = 2
PRACTICE = {0: 1, 1: 2, 2: 2, 3: 1, 4: 1}  # how often each trainee has practised so far
OTHER_HELP = 40
OUTSIDE = 0.1  # share of classes that a lecturer from outside leads
STAFFED = (0.55, 0.3)  # share of classes to come: with everybody, with some; the rest with nobody
NOTES = (
    "集会所のサロンで、写真の送り方をいっしょに練習しました。",
    "電話で、迷惑メールの消し方を説明しました。",
    "公民館の茶話会で、地図アプリを案内しました。",
)
TROUBLE = "帰りに参加者の方が玄関でつまずきました。けがはありません。段差に印があると安心です。"


class Rota:
    """Who is where on which day: nobody is at two places."""

    def __init__(self, random: Random, city: City, crew: Crew) -> None:
        self.random = random
        self.by = city.accounts["ict"]
        self.crew = crew
        self.busy: set[tuple[int, date]] = set()
        self.practised = dict.fromkeys(range(len(crew.trainees)), 0)

    def need(self, plans: list[Plan]) -> None:
        """How many helpers each session needs, before it is written."""
        for plan in plans:
            for session in plan.sessions:
                seats = int(session.seats or plan.course.seats)
                session.assistants_needed = ceil(seats / PARTICIPANTS_PER_HELPER) - 1
                session.trainee_places = TRAINEE_PLACES

    async def helped(self, plans: list[Plan], today: date) -> None:
        """Staffing, attendance, reports and activity of the classes that are over."""
        held = sorted(
            ((plan, session) for plan in plans for session in plan.sessions),
            key=lambda each: each[1].starts_at,
        )
        signed_in = self._keep_free(held[-1][1])
        for plan, session in held[:-UNREPORTED]:
            await self._took_place(plan, session)
        for plan, session in held[-UNREPORTED:]:
            lead = signed_in if session is held[-1][1] else None
            await add_all(list(self._places(session, plan.use.place.district_id, lead)))
        await self._otherwise(today)

    async def will_help(self, plans: list[Plan]) -> None:
        """Some of the classes to come have everybody they need, some not."""
        everybody, some = STAFFED
        first = min((session for plan in plans for session in plan.sessions), key=_begins)
        signed_in = self._keep_free(first)
        for plan in plans:
            for session in plan.sessions:
                luck = self.random.random()
                share = 1.0 if luck < everybody else 0.5 if luck < everybody + some else 0.0
                lead = signed_in if session is first else None
                share = 1.0 if lead else share
                rows = list(self._places(session, plan.use.place.district_id, lead))
                for row in rows:
                    row.recorded_at = plan.course.published_at
                await add_all(rows[: round(len(rows) * share)])

    def _keep_free(self, session: ClassSession) -> Volunteer:
        """The supporter who signs in leads this one, and is nowhere else that day."""
        lead = self.crew.volunteers[0]
        self.busy.add((int(lead.supporter.id), session.held_on))
        return lead

    def _places(
        self, session: ClassSession, district_id: int, lead: Volunteer | None = None
    ) -> Iterator[Assignment]:
        """A lead first, of the district where there is one, then the assistants."""
        if lead is not None:
            yield self._place(session, HelpRole.lead, supporter=lead.supporter.id)
        elif self.random.random() < OUTSIDE:
            yield self._place(session, HelpRole.lead, lecturer=self.crew.lecturers[0].id)
        else:
            lead = self._free(session, district_id, leads=True)
            yield self._place(session, HelpRole.lead, supporter=lead.supporter.id)
        for _ in range(session.assistants_needed):
            helper = self._free(session, district_id)
            yield self._place(session, HelpRole.assistant, supporter=helper.supporter.id)

    def _free(self, session: ClassSession, district_id: int, *, leads: bool = False) -> Volunteer:
        willing = [
            each
            for each in self.crew.helping
            if (int(each.supporter.id), session.held_on) not in self.busy
            and (each.supporter.may_lead or not leads)
        ]
        near = [each for each in willing if each.supporter.district == district_id]
        chosen = self.random.choice(near or willing)
        self.busy.add((int(chosen.supporter.id), session.held_on))
        return chosen

    def _place(
        self,
        session: ClassSession,
        role: HelpRole,
        *,
        supporter: int | None = None,
        lecturer: int | None = None,
    ) -> Assignment:
        return Assignment(
            session=session.id,
            role=role,
            recorded_at=session.starts_at - timedelta(days=10),
            recorded_by=self.by,
            supporter=supporter,
            lecturer=lecturer,
        )

    async def _took_place(self, plan: Plan, session: ClassSession) -> None:
        places = list(self._places(session, plan.use.place.district_id))
        trainees = self._trainees(session)
        places += [
            self._place(session, HelpRole.trainee, supporter=each.supporter.id) for each in trainees
        ]
        for place in places:
            place.came = True
        await add_all(places)
        present = await self._attendance(plan, session)
        report = SessionReport(
            session=session.id,
            outcome=Outcome.held,
            head_count=present + self.random.choice((0, 0, 0, 1, 2)),
            effective_on=session.held_on,
            recorded_at=_evening(session),
            recorded_by=self.by,
        )
        await add_all([report])
        supporters = [place for place in places if place.supporter is not None]
        await self._activities(plan, session, supporters, int(report.head_count))
        learned = [place for place in supporters if place.role == HelpRole.trainee]
        await add_all(
            [
                self._practice(session, place, each)
                for place, each in zip(learned, trainees, strict=True)
            ]
        )

    def _trainees(self, session: ClassSession) -> list[Volunteer]:
        """Who still wants practice and has been to the lectures, two at most."""
        found: list[Volunteer] = []
        for number, times in PRACTICE.items():
            each = self.crew.trainees[number]
            key = (int(each.supporter.id), session.held_on)
            ready = session.held_on > each.stages[-1][1] + timedelta(days=30)
            wants = self.practised[number] < times and key not in self.busy
            if ready and wants and len(found) < TRAINEE_PLACES:
                self.busy.add(key)
                self.practised[number] += 1
                found.append(each)
        return found

    async def _attendance(self, plan: Plan, session: ClassSession) -> int:
        rows = [
            Attendance(
                booking=one.booking.id,
                session=session.id,
                presence=self._presence(),
                effective_on=session.held_on,
                recorded_at=_evening(session),
                recorded_by=self.by,
            )
            for one in plan.applications
            if one.booking.state == BookingState.confirmed and one.session in (None, session)
        ]
        await add_all(rows)
        return sum(1 for row in rows if row.presence == Presence.present)

    def _presence(self) -> Presence:
        return Presence.present if self.random.random() < PRESENT else Presence.absent

    async def _activities(
        self, plan: Plan, session: ClassSession, places: list[Assignment], heads: int
    ) -> None:
        each, over = divmod(heads, max(len(places), 1))
        reports = [
            ActivityReport(
                supporter=place.supporter,
                kind=ActivityKind.session,
                session=session.id,
                assignment=place.id,
                starts_at=session.starts_at,
                done_on=session.held_on,
                minutes=_minutes(session),
                people_helped=each + (number < over),
                venue=session.venue,
                district=plan.use.place.district_id,
                state=ReportState.approved,
                recorded_at=_evening(session),
                recorded_by=self.by,
            )
            for number, place in enumerate(places)
        ]
        await add_all(reports)
        await add_all([self._approval(report) for report in reports])

    def _practice(
        self, session: ClassSession, place: Assignment, each: Volunteer
    ) -> TrainingRecord:
        return TrainingRecord(
            person=each.person.id,
            requirement=self.crew.requirements["practice"].id,
            done_on=session.held_on,
            minutes=_minutes(session),
            source=Source.assignment,
            source_id=place.id,
            recorded_at=_evening(session),
            recorded_by=self.by,
        )

    async def _otherwise(self, today: date) -> None:
        """Salons and calls: most approved, the newest waiting, one sent back, and a trouble."""
        reports = []
        for number in range(OTHER_HELP):
            each = self.random.choice(self.crew.helping)
            reports.append(self._report(each, today - timedelta(days=3 + 5 * number)))
        for report in reports[:4]:
            report.state = ReportState.submitted
        lead = self.crew.volunteers[0]
        returned = self._report(lead, today - timedelta(days=2))
        returned.kind, returned.note, returned.minutes = ActivityKind.call, NOTES[1], 90
        returned.state, returned.word = ReportState.returned, "時間が長いようです。ご確認ください。"
        await add_all([*reports, returned])
        await add_all([self._approval(report) for report in reports[4:]])
        trouble = TroubleReport(
            supporter=lead.supporter.id,
            words=TROUBLE,
            recorded_at=clock.at(today - timedelta(days=1), time(16, 20)),
        )
        await add_all([trouble])

    def _report(self, each: Volunteer, day: date) -> ActivityReport:
        starts_at = clock.at(day, time(self.random.choice((18, 19)), 0))
        return ActivityReport(
            supporter=each.supporter.id,
            kind=self.random.choice((ActivityKind.salon, ActivityKind.call)),
            starts_at=starts_at,
            done_on=day,
            minutes=self.random.choice((15, 30, 60, 90)),
            people_helped=self.random.randint(1, 5),
            district=each.supporter.district,
            note=self.random.choice(NOTES),
            state=ReportState.approved,
            recorded_at=starts_at + timedelta(hours=2),
        )

    def _approval(self, report: ActivityReport) -> ActivityApproval:
        return ActivityApproval(
            report=report.id,
            supporter=report.supporter,
            effective_on=report.done_on,
            minutes=report.minutes,
            people_helped=report.people_helped,
            district=report.district,
            recorded_at=report.recorded_at,
            recorded_by=self.by,
        )


def _begins(session: ClassSession) -> datetime:
    starts_at: datetime = session.starts_at
    return starts_at


def _evening(session: ClassSession) -> datetime:
    ends_at: datetime = session.ends_at
    return ends_at + timedelta(hours=3)


def _minutes(session: ClassSession) -> int:
    return round((session.ends_at - session.starts_at).total_seconds() / 60)
