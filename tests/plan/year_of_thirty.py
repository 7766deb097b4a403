"""A year of thirty supporters, 令和7年度 (April 2025 to March 2026), day by day.

Everything goes the way that people go: applications, stages, staffing, reports, approvals, each
on its own day. What it adds up to was counted by hand from this text, and stands in
test_year_of_thirty.py.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from server import clock
from server.activity import activities, approvals, session_logs
from server.activity.activities import ActivityFacts
from server.activity.session_logs import HelpDone
from server.activity.tables import ActivityKind, ActivityReport
from server.classes import attendance, staffing
from server.classes.bookings import Applicant as Resident
from server.classes.bookings import book
from server.classes.reports import ReportFacts
from server.classes.tables import (
    BookingScope,
    ClassSession,
    CourseKind,
    HelpRole,
    Outcome,
    Presence,
)
from server.people import merging
from server.refusals import Refused
from server.roles import Role
from server.supporters import applications, stages
from server.supporters.applications import Applicant
from server.supporters.tables import Basis, CredentialKind, Lecturer, Stage, Supporter
from server.training.tables import RequirementKind
from tests import factories
from tests.classes.staff_cast import ICT, Staff

HINAGA, KUSU, TOMISUHARA = "日永", "楠", "富洲原"
HOMES = {
    HINAGA: ("M1", "M2", "M3", "M4", "T1", "T2", "N1", "N2", "N3", "D1", "D2", "P1"),
    KUSU: ("M5", "M6", "T3", "T4", "N4", "N5", "N6", "P2", "P4"),
    TOMISUHARA: ("M7", "M8", "T5", "T6", "N7", "N8", "N9", "N10", "P3"),
}
CAST = [who for people in HOMES.values() for who in people]
NEWCOMERS = [f"N{number}" for number in range(1, 11)]
NOON = time(12)


@contextmanager
def day(words: str, hour: time = NOON) -> Iterator[date]:
    """It is that day in Japan, at that hour."""
    on = date.fromisoformat(words)
    with clock.freeze(clock.at(on, hour)):
        yield on


def instant(words: str, hour: time = NOON) -> datetime:
    """That hour of that day in Japan."""
    return clock.at(date.fromisoformat(words), hour)


@dataclass
class Year:
    """Who is who in the database."""

    districts: dict[str, int] = field(default_factory=dict)
    venues: dict[str, int] = field(default_factory=dict)
    people: dict[str, int] = field(default_factory=dict)
    supporters: dict[str, int] = field(default_factory=dict)
    programme: int = 0
    lecture: int = 0

    async def live(self) -> None:
        """Let it all happen."""
        await self.move_in()
        await self.come_from_before()
        await self.apply()
        await self.train()
        await self.complete()
        await self.teach()
        await self.help_otherwise()
        await self.merge()

    async def move_in(self) -> None:
        """Districts with a centre each, a programme of one lecture and one practice."""
        account = await factories.make_account()
        assert account.id == ICT.id
        for position, name in enumerate(HOMES):
            district = await factories.make_district(name=name, position=position)
            self.districts[name] = district.id
            self.venues[name] = (await factories.make_venue(district=district.id)).id
        programme = await factories.make_programme(published_at=instant("2025-04-01"))
        self.programme = programme.id
        for code, kind in (("lecture", RequirementKind.lecture), ("p", RequirementKind.practice)):
            made = await factories.make_requirement(programme=programme.id, code=code, kind=kind)
            self.lecture = self.lecture or made.id

    async def come_from_before(self) -> None:
        """M1–M8 completed in 令和5年度, T1–T6 came in registered in 令和6年度, P4 in 令和5年度."""
        with day("2025-04-05"):
            for number in range(1, 9):
                await self.import_one(f"M{number}", completed="2024-03-20", registered="2024-06-01")
            for number in range(1, 7):
                await self.import_one(f"T{number}", registered="2024-10-01")
            await self.import_one("P4", active="2023-07-01")
            await self.import_one("D1", completed="2025-02-01")  # is M1, written otherwise
        with day("2025-08-05"):
            await self.import_one("D2", registered="2025-08-01")  # is T1
        with day("2025-05-10") as on:
            await stages.reach(self.supporters["M8"], Stage.withdrawn, on, by=ICT)
        with day("2025-11-01") as on:
            await stages.reach(self.supporters["P4"], Stage.resting, on, by=ICT)

    async def import_one(self, who: str, **reached: str) -> None:
        """Somebody from before, with stages, dates and basis 移行."""
        await self.add(who)
        for stage, on in reached.items():
            await stages.reach(
                self.supporters[who],
                Stage(stage),
                date.fromisoformat(on),
                basis=Basis.migration,
                by=ICT,
            )

    async def add(self, who: str) -> None:
        """A person with pledge and insurance, in the district of her home."""
        person = await factories.make_person(f"090-0000-{CAST.index(who):04d}", name=who)
        self.people[who] = person.id
        supporter = Supporter(
            person=person.id, district=self.home(who), created_at=clock.now(), may_lead=True
        )
        await supporter.save()
        self.supporters[who] = supporter.id
        for kind in (CredentialKind.pledge, CredentialKind.insurance):
            await factories.make_credential(supporter.id, kind)

    def home(self, who: str) -> int:
        """The district where she lives."""
        return next(self.districts[name] for name, people in HOMES.items() if who in people)

    async def apply(self) -> None:
        """Thirteen apply; P1 is declined, P2 waits, P3 begins and leaves."""
        for who in [*NEWCOMERS, "P1", "P2", "P3"]:
            with day("2025-04-10"):
                application = await applications.apply(self.applicant(who), submission=who)
            self.supporters[who] = application["supporter"]
            self.people[who] = (await applications.get(application["id"]) or {})["person"]
            with day("2025-04-20"):
                if who == "P1":
                    await applications.decline(application["id"], "定員", by=ICT)
                elif who != "P2":
                    await applications.accept(
                        application["id"], "ようこそ", programme_id=self.programme, by=ICT
                    )
            for kind in (CredentialKind.pledge, CredentialKind.insurance):
                await factories.make_credential(self.supporters[who], kind)
        with day("2025-07-01") as on:
            await stages.reach(self.supporters["P3"], Stage.withdrawn, on, by=ICT)

    def applicant(self, who: str) -> Applicant:
        """Somebody who applies."""
        number = CAST.index(who)
        return Applicant(
            name=who,
            reading="さくら"
            + "あいうえおかきくけこさしすせそたちつてとなにぬねのはひふへほ"[number],
            birth_on=date(1960, 1, 1) + timedelta(days=number),
            phone=f"090-0000-{number:04d}",
            email="",
            district_id=self.home(who),
            languages=("ja",),
            devices=("android",),
            days=("sat_am",),
            why="",
        )

    async def train(self) -> None:
        """N1–N10 book the lecture of 17 May; N8 does not come. Two sessions of practice follow."""
        lecture = await self.session("2025-05-17", HINAGA, CourseKind.supporter_training)
        await ClassSession.update({"requirement": self.lecture}).where(
            ClassSession.id == lecture.id
        )
        marks = {}
        for who in NEWCOMERS:
            with day("2025-05-01"):
                booking = await self.book(who, lecture)
            marks[booking["id"]] = Presence.absent if who == "N8" else Presence.present
        with day("2025-05-17", time(15)):
            await attendance.mark(lecture.id, marks, by=ICT)
            await session_logs.save(lecture.id, ReportFacts(Outcome.held, 9), [], by=ICT)
        await self.practise("2025-06-14", HINAGA, "M1", ["N1", "N2", "N3", "N4", "N5"], heads=12)
        await self.practise(
            "2025-07-12", KUSU, "T3", ["N6", "N7", "N9", "N10"], heads=8, minutes={"N10": 60}
        )
        with day("2025-07-14"):  # the changed hours of N10 go to the coordinator (S4)
            [report] = await ActivityReport.select().where(
                ActivityReport.supporter == self.supporters["N10"]
            )
            await approvals.approve(report["id"], by=ICT)

    async def book(self, who: str, session: ClassSession) -> dict[str, Any]:
        """A trainee books the course as the person she is."""
        known = self.applicant(who)
        return await book(
            Resident(known.name, known.reading, known.phone, birth_on=known.birth_on),
            session.course,
            submission=f"{who} {session.id}",
            person_id=self.people[who],
        )

    async def session(
        self,
        words: str,
        where: str,
        kind: CourseKind = CourseKind.smartphone,
        hour: time = time(10),
        minutes: int = 90,
    ) -> ClassSession:
        """A published course of one date, with places for a lead, an assistant, five trainees."""
        starts_at = instant(words, hour)
        course = await factories.make_course(
            kind=kind,
            seats=30,
            scope=BookingScope.course,
            opens_at=starts_at - timedelta(days=60),
            closes_at=starts_at,
            created_at=starts_at - timedelta(days=60),
            changed_at=starts_at - timedelta(days=60),
            published_at=starts_at - timedelta(days=60),
        )
        return await factories.make_class_session(
            course=course.id,
            starts_at=starts_at,
            minutes=minutes,
            venue=self.venues[where],
            assistants_needed=1,
            trainee_places=5,
        )

    async def practise(
        self,
        words: str,
        where: str,
        lead: str,
        trainees: list[str],
        *,
        heads: int,
        minutes: dict[str, int] | None = None,
    ) -> None:
        """Trainees beside a lead, who reports the session that evening."""
        session = await self.session(words, where)
        with day(words, time(8)):
            places = {lead: await self.place(session, HelpRole.lead, lead)}
            for who in trainees:
                places[who] = await self.place(session, HelpRole.trainee, who)
        changed = minutes or {}
        helps = [
            HelpDone(place, came=True, minutes=changed.get(who)) for who, place in places.items()
        ]
        with day(words, time(20)):
            await session_logs.save(session.id, ReportFacts(Outcome.held, heads), helps, by=ICT)

    async def place(self, session: ClassSession, role: HelpRole, who: str) -> int:
        """The coordinator puts her there."""
        made = await staffing.assign(session.id, role, supporter_id=self.supporters[who], by=ICT)
        return int(made["id"])

    async def complete(self) -> None:
        """Ten finish or nearly: one at 23:30 on 31 March, one an hour later, one by mistake."""
        with day("2025-09-30"):
            for who in ("N1", "N2", "N3", "N4", "N5", "N10"):
                await stages.certify(self.supporters[who], by=ICT)
        with day("2025-10-01"):
            await stages.certify(self.supporters["N9"], by=ICT)
            try:
                await stages.certify(self.supporters["N8"], by=ICT)
            except Refused:
                pass
            else:
                raise AssertionError("N8 was not at the lecture")
        with day("2025-10-15") as on:
            mistaken = await stages.current(self.supporters["N9"])
            assert mistaken is not None
            await stages.undo(mistaken["id"], "取り違え", by=ICT)
            for who in ("N1", "N2", "N3"):
                await stages.register(self.supporters[who], who, on, by=ICT)
        with day("2025-12-01") as on:
            await stages.reach(self.supporters["N10"], Stage.withdrawn, on, by=ICT)
        with day("2026-02-01") as on:
            await stages.register(self.supporters["N10"], "N10", on, by=ICT)
        with day("2026-03-31", time(23, 30)):
            await stages.certify(self.supporters["N6"], by=ICT)
        with day("2026-04-01", time(0, 30)):
            await stages.certify(self.supporters["N7"], by=ICT)

    async def teach(self) -> None:
        """A lecturer from outside, a class called off, one never reported, and either side of
        31 March.
        """
        outside = Lecturer(name="田中講師", reading="たなかこうし", organisation="携帯ショップ")
        await outside.save()
        with_lecturer = await self.session("2025-08-02", TOMISUHARA)
        with day("2025-08-01"):
            lead = await staffing.assign(
                with_lecturer.id, HelpRole.lead, lecturer_id=outside.id, by=ICT
            )
            beside = await self.place(with_lecturer, HelpRole.assistant, "M7")
        with day("2025-08-02", time(18)):
            helps = [HelpDone(lead["id"], came=True), HelpDone(beside, came=True)]
            facts = ReportFacts(Outcome.held, 10)
            await session_logs.save(with_lecturer.id, facts, helps, by=ICT)
        await self.session("2025-09-06", KUSU)  # 未報告
        off = await self.session("2025-08-23", HINAGA)
        with day("2025-08-23", time(20)):
            await session_logs.save(off.id, ReportFacts(Outcome.called_off), [], by=ICT)
        for words, who, kind, minutes, heads in (
            ("2026-03-31", "M7", CourseKind.online_meeting, 60, 6),
            ("2026-04-01", "M1", CourseKind.smartphone, 90, 5),
        ):
            where = TOMISUHARA if who == "M7" else HINAGA
            session = await self.session(words, where, kind, time(19), minutes)
            with day(words, time(8)):
                lead_id = await self.place(session, HelpRole.lead, who)
            with day(words, time(22)):
                helps = [HelpDone(lead_id, came=True)]
                await session_logs.save(session.id, ReportFacts(Outcome.held, heads), helps, by=ICT)

    async def help_otherwise(self) -> None:
        """Salons and a call: two approved, one sent back, one whose approval is withdrawn."""
        await self.salon("M2", "2025-11-05", minutes=120, people=6, district=HINAGA)
        await self.salon("M2", "2026-01-20", minutes=45, people=4, district=HINAGA)
        call = await self.report("M3", "2025-11-06", ActivityKind.call, 15, 1, HINAGA)
        with day("2025-11-08"):
            await approvals.send_back(call, "日付をご確認ください。", by=ICT)
        taken_back = await self.salon(
            "T5", "2025-12-10", minutes=100, people=3, district=TOMISUHARA
        )
        with day("2026-01-10"):
            await approvals.withdraw(taken_back, "二重の報告", by=ICT)

    async def salon(self, who: str, words: str, *, minutes: int, people: int, district: str) -> int:
        """A salon, reported that evening and approved the next day."""
        report = await self.report(who, words, ActivityKind.salon, minutes, people, district)
        with clock.freeze(instant(words) + timedelta(days=1)):
            await approvals.approve(report, by=ICT)
        return report

    async def report(
        self, who: str, words: str, kind: ActivityKind, minutes: int, people: int, district: str
    ) -> int:
        """What she reports herself."""
        account = await factories.make_account(Role.supporter, person=self.people[who])
        by = Staff(id=account.id, roles=frozenset({Role.supporter}))
        facts = ActivityFacts(
            kind, instant(words, time(13)), minutes, people, district_id=self.districts[district]
        )
        with day(words, time(20)):
            made = await activities.submit(self.supporters[who], facts, submission=None, by=by)
        return int(made["id"])

    async def merge(self) -> None:
        """D1 turns out to be M1, and D2 to be T1."""
        with day("2025-06-01"):
            await merging.merge(self.people["D1"], self.people["M1"], by=ICT)
        with day("2025-08-15"):
            await merging.merge(self.people["D2"], self.people["T1"], by=ICT)
