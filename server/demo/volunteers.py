"""Supporters who do not exist: trained in four years, and some in training now (P7, S1)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random

from server import clock
from server.accounts.tables import Account, AccountRole
from server.demo.city import City, Facts, add_all, facts
from server.demo.people import Resident, add_people, person_of, residents
from server.people.tables import Person
from server.roles import Role
from server.supporters.tables import (
    Basis,
    Credential,
    CredentialKind,
    Stage,
    Supporter,
    SupporterStage,
)

TRAINEES = 10
MAY_LEAD = 0.4
WITHOUT_INSURANCE = 3
EXPIRING = 5
PROMOTION_MEMBERS = 12
HALF_DAYS = tuple(
    f"{day}_{half}" for day in ("mon", "tue", "wed", "thu", "fri", "sat") for half in ("am", "pm")
)
LANGUAGES = ("ja", "ja", "ja", "ja", "ja,en", "ja,pt", "ja,sign")
DEVICES = ("android", "iphone", "android,iphone", "android,iphone,pc")


@dataclass
class Volunteer:
    """An invented supporter with the days of each stage, before and after it is written."""

    resident: Resident
    stages: list[tuple[Stage, date]]
    migrated: bool
    person: Person = field(init=False)
    supporter: Supporter = field(init=False)

    @property
    def now(self) -> Stage:
        """The stage that holds today."""
        return self.stages[-1][0]

    def since(self, stage: Stage) -> date:
        """The day on which that stage was reached."""
        return next(on for reached, on in self.stages if reached == stage)

    def has(self, stage: Stage) -> bool:
        """Was that stage ever reached?"""
        return any(reached == stage for reached, _ in self.stages)


async def recruit(random: Random, city: City, today: date, scale: int) -> list[Volunteer]:
    """Write the supporters with their stages and papers: those trained, then those in training."""
    known = facts("volunteers")
    trained = list(_trained(random, known, today, scale))
    learning = [_learning(today) for _ in range(TRAINEES * scale)]
    districts = [place.district_id for place in city.places][:-2]  # two have no supporter yet
    people = residents(random, len(trained) + len(learning), districts)
    everybody = [
        Volunteer(resident, stages, migrated)
        for resident, (stages, migrated) in zip(people, [*trained, *learning], strict=True)
    ]
    lead, trainee = known["accounts"]
    _name(everybody[0], lead)
    _name(everybody[len(trained)], trainee)
    await _write(random, everybody, districts, city.accounts["ict"], today)
    await _sign_in([(everybody[0], lead), (everybody[len(trained)], trainee)], city)
    return everybody


def _trained(
    random: Random, known: Facts, today: date, scale: int
) -> Iterator[tuple[list[tuple[Stage, date]], bool]]:
    standing = [
        Stage(stage) for stage, count in known["standing"].items() for _ in range(count * scale)
    ]
    first, *others = standing  # the supporter who signs in is active
    random.shuffle(others)
    standing = [first, *others]
    for cohort in known["cohorts"]:
        for _ in range(cohort["count"] * scale):
            yield (
                _stages(random, today, cohort["years_ago"], standing.pop(0)),
                cohort.get("migration", False),
            )


def _stages(random: Random, today: date, years_ago: int, now: Stage) -> list[tuple[Stage, date]]:
    year = clock.fiscal_year(today) - years_ago
    first, last = clock.fiscal_days(year)
    last = min(last, today - timedelta(days=75))
    completed = first + timedelta(days=random.randint(0, max((last - first).days, 0)))
    steps = [
        (Stage.applied, completed - timedelta(days=90)),
        (Stage.in_training, completed - timedelta(days=75)),
        (Stage.completed, completed),
        (Stage.registered, completed + timedelta(days=random.randint(7, 30))),
    ]
    if now is not Stage.registered:
        steps.append((Stage.active, steps[-1][1] + timedelta(days=random.randint(5, 40))))
    if now in (Stage.resting, Stage.withdrawn):
        steps.append((now, today - timedelta(days=random.randint(0, 60))))
    kept: list[tuple[Stage, date]] = []
    for stage, on in steps:
        kept.append((stage, min(today, max(on, kept[-1][1] if kept else on))))
    return kept


def _learning(today: date) -> tuple[list[tuple[Stage, date]], bool]:
    begun = [(Stage.applied, today - timedelta(days=110)), (Stage.in_training, _taught_on(today))]
    return begun, False


def _taught_on(today: date) -> date:
    return today - timedelta(days=95)


def _name(volunteer: Volunteer, account: Facts) -> None:
    known = vars(volunteer.resident) | {"name": account["name"], "reading": account["reading"]}
    volunteer.resident = Resident(**known)


async def _write(
    random: Random, everybody: list[Volunteer], districts: list[int], by: int, today: date
) -> None:
    for each in everybody:
        each.person = person_of(each.resident, clock.at(each.stages[0][1], time(10)))
        each.person.birth_on = date(
            random.randint(1945, 1985), random.randint(1, 12), random.randint(1, 28)
        )
    await add_people([(each.resident, each.person) for each in everybody])
    for each in everybody:
        each.supporter = _supporter(random, each, districts, lead=each is everybody[0])
    for number, each in enumerate((one for one in everybody if one.has(Stage.registered)), 1):
        each.supporter.badge_number = f"{number:04d}"
    await add_all([each.supporter for each in everybody])
    await add_all([row for each in everybody for row in _stage_rows(each, by)])
    await add_all(list(_papers(random, everybody, today)))


def _supporter(random: Random, each: Volunteer, districts: list[int], *, lead: bool) -> Supporter:
    return Supporter(
        person=each.person.id,
        district=each.resident.district_id or random.choice(districts),
        phone=each.resident.phone,
        languages=random.choice(LANGUAGES),
        devices=random.choice(DEVICES),
        days=",".join(half for half in HALF_DAYS if random.random() < 0.3),
        may_lead=each.has(Stage.active) and (lead or random.random() < MAY_LEAD),
        created_at=clock.at(each.stages[0][1], time(10)),
    )


def _stage_rows(each: Volunteer, by: int) -> Iterator[SupporterStage]:
    """Stages as they were recorded; people from before have no training, only where they stood."""
    for stage, on in each.stages:
        if not (each.migrated and stage in (Stage.applied, Stage.in_training)):
            yield SupporterStage(
                supporter=each.supporter.id,
                stage=stage,
                effective_on=on,
                basis=Basis.migration if each.migrated else Basis.rule,
                recorded_at=clock.at(on, time(11)),
                recorded_by=by,
            )


def _papers(random: Random, everybody: list[Volunteer], today: date) -> Iterator[Credential]:
    year = clock.fiscal_year(today)
    present = [each for each in everybody if each.now not in (Stage.resting, Stage.withdrawn)]
    special = random.sample(present[1:-TRAINEES], WITHOUT_INSURANCE + EXPIRING)
    uninsured, expiring = special[:WITHOUT_INSURANCE], special[WITHOUT_INSURANCE:]
    promoted = random.sample(present[1:-TRAINEES], PROMOTION_MEMBERS)
    for each in present:
        signed_on = each.since(Stage.in_training)
        yield _paper(each, CredentialKind.pledge, signed_on, None)
        first, last = clock.fiscal_days(year)
        if each in uninsured:
            first, last = clock.fiscal_days(year - 1)
        if each in expiring:
            first, last = today - timedelta(days=340), today + timedelta(days=25)
        yield _paper(each, CredentialKind.insurance, first, last, "ボランティア活動保険")
        if each in promoted:
            yield _paper(each, CredentialKind.promotion_member, date(year - 1, 9, 1), None)


def _paper(
    each: Volunteer, kind: CredentialKind, since: date, until: date | None, name: str = ""
) -> Credential:
    return Credential(
        supporter=each.supporter.id,
        kind=kind,
        name=name,
        valid_from=since,
        valid_until=until,
        recorded_at=clock.at(since, time(11)),
    )


async def _sign_in(known: list[tuple[Volunteer, Facts]], city: City) -> None:
    """Accounts of a supporter who leads and of a trainee, with the city's one password."""
    [ict] = await Account.select().where(Account.id == city.accounts["ict"])
    accounts = [
        Account(
            login=one["login"],
            name=one["name"],
            person=each.person.id,
            password_hash=ict["password_hash"],
            created_at=ict["created_at"],
        )
        for each, one in known
    ]
    await add_all(accounts)
    await add_all([AccountRole(account=each.id, role=Role.supporter) for each in accounts])
    city.accounts.update({str(each.login): int(each.id) for each in accounts})
