"""Rows with believable defaults, saved in one change each; a test names only what it is about."""

from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import count
from typing import Any, TypeVar

from argon2 import PasswordHasher
from piccolo.table import Table

from server import clock, text
from server.accounts.tables import Account, AccountRole
from server.classes.tables import Admission, BookingScope, ClassSession, Course, CourseKind
from server.counter_staff.tables import (
    Employment,
    StaffMember,
    StaffMembership,
    StaffTraining,
    StaffTrainingKind,
)
from server.database import writing
from server.helpdesk import articles
from server.helpdesk.tables import Article, Contact, ContactChannel, ContactOutcome, Desk, Terminal
from server.people.tables import Person, PersonPhone
from server.places.tables import District, Municipality, Room, Section, Venue, VenueKind
from server.roles import Role
from server.supporters.tables import (
    Credential,
    CredentialKind,
    Stage,
    Supporter,
    SupporterStage,
)
from server.topics.tables import Procedure, Topic
from server.training.tables import (
    Enrolment,
    Programme,
    Requirement,
    RequirementKind,
    Source,
    TrainingRecord,
    Unit,
)

PASSWORD = "a-long-password-for-tests"

RowT = TypeVar("RowT", bound=Table)

_number = count(1)


async def make_municipality(**facts: Any) -> Municipality:
    """The city of this database."""
    city = Municipality(
        **{
            "code": "242021",
            "name": "四日市市",
            "contact_section": "デジタル戦略課",
            "phone": "059-354-0000",
            "reception_opens": time(8, 30),
            "reception_closes": time(17, 15),
            **facts,
        }
    )
    return await _saved(city)


async def make_section(**facts: Any) -> Section:
    """A section that owns courses."""
    return await _saved(
        Section(**{"name": f"第{next(_number)}課", "phone": "059-354-0001", **facts})
    )


async def make_district(**facts: Any) -> District:
    """A district that residents pick."""
    number = next(_number)
    names = {
        "slug": f"district-{number}",
        "name": f"第{number}地区",
        "reading": f"だい{number}ちく",
    }
    return await _saved(District(**{**names, "position": number, **facts}))


async def make_topic(**facts: Any) -> Topic:
    """A topic in use, at the top of the tree."""
    number = next(_number)
    names = {"code": f"topic-{number}", "name": f"第{number}分野"}
    return await _saved(Topic(**{**names, "position": number, **facts}))


async def make_procedure(**facts: Any) -> Procedure:
    """A procedure in use, without topic and section."""
    number = next(_number)
    names = {"code": f"procedure-{number}", "name": f"第{number}手続"}
    return await _saved(Procedure(**{**names, "position": number, **facts}))


async def make_venue(**facts: Any) -> Venue:
    """A district centre in a district of its own."""
    number = next(_number)
    if "district" not in facts:
        facts["district"] = (await make_district()).id
    venue = Venue(
        **{
            "slug": f"centre-{number}",
            "name": f"第{number}地区市民センター",
            "reading": f"だい{number}ちくしみんせんたー",
            "kind": VenueKind.district_centre,
            "postcode": "510-0000",
            "address": f"四日市市第{number}町1-1",
            "latitude": 34.965,
            "longitude": 136.624,
            "phone": "059-354-0002",
            "opens": time(8, 30),
            "closes": time(21, 30),
            **facts,
        }
    )
    return await _saved(venue)


async def make_room(**facts: Any) -> Room:
    """A room of a venue of its own."""
    if "venue" not in facts:
        facts["venue"] = (await make_venue()).id
    return await _saved(Room(**{"name": "第1会議室", "capacity": 30, **facts}))


async def make_course(**facts: Any) -> Course:
    """A published smartphone course that has been open since yesterday; no session yet."""
    now = clock.now()
    if "section" not in facts:
        facts["section"] = (await make_section()).id
    course = Course(
        **{
            "kind": CourseKind.smartphone,
            "title": "はじめてのスマートフォン",
            "reading": "はじめてのすまーとふぉん",
            "description": "電話のかけ方と文字の打ち方を、ゆっくり覚えます。",
            "audience": "スマートフォンを使い始めた人",
            "bring": "お使いのスマートフォン",
            "admission": Admission.first_come,
            "scope": BookingScope.course,
            "opens_at": now - timedelta(days=1),
            "closes_at": now + timedelta(days=20),
            "seats": 20,
            "created_at": now - timedelta(days=2),
            "changed_at": now - timedelta(days=2),
            "published_at": now - timedelta(days=1),
            **facts,
        }
    )
    course.search_text = text.search_text(f"{course.title} {course.reading} {course.description}")
    return await _saved(course)


async def make_class_session(
    *, starts_at: datetime | None = None, minutes: int = 90, **facts: Any
) -> ClassSession:
    """A session in a week, of a course and in a room of its own where none is given."""
    starts = starts_at or clock.now() + timedelta(days=7)
    if "course" not in facts:
        facts["course"] = (await make_course()).id
    if "venue" not in facts:
        room = await make_room()
        facts |= {"venue": room.venue, "room": room.id}
    session = ClassSession(
        **{
            "starts_at": starts,
            "ends_at": starts + timedelta(minutes=minutes),
            "held_on": clock.on(starts),
            "uid": f"session-{next(_number)}@tonari.example.jp",
            "changed_at": clock.now(),
            "assistants_needed": 4,  # with the lead one for every four of the twenty seats
            **facts,
        }
    )
    return await _saved(session)


async def make_person(phone: str = "090-0000-1234", **facts: Any) -> Person:
    """山田花子, who can be reached by `phone`."""
    names = {"name": "山田花子", "reading": "やまだはなこ", **facts}
    person = await _saved(
        Person(reading_key=text.reading_key(names["reading"]), recorded_at=clock.now(), **names)
    )
    await _saved(PersonPhone(person=person.id, phone_key=text.phone_key(phone)))
    return person


async def make_supporter(
    *steps: tuple[Stage, date], papers: bool = True, **facts: Any
) -> Supporter:
    """A supporter with dated stages, active since 1 April where none is given.

    A person of her own unless `person` is given; with `papers` a pledge and an insurance, valid
    since 2020 without end.
    """
    if "person" not in facts:
        number = next(_number)
        kana = _kana(number)
        facts["person"] = (
            await make_person(f"090-0000-{number:04d}", name=f"支援{number}", reading=kana)
        ).id
    supporter = await _saved(Supporter(**{"created_at": clock.now(), **facts}))
    for stage, effective_on in steps or ((Stage.active, date(2026, 4, 1)),):
        await _saved(
            SupporterStage(
                supporter=supporter.id,
                stage=stage,
                effective_on=effective_on,
                recorded_at=clock.now(),
            )
        )
    for kind in (CredentialKind.pledge, CredentialKind.insurance) if papers else ():
        await make_credential(supporter.id, kind)
    return supporter


async def make_credential(supporter: int, kind: CredentialKind, **facts: Any) -> Credential:
    """A paper of a supporter, valid since 2020, without end."""
    since = {"valid_from": date(2020, 4, 1), "recorded_at": clock.now()}
    return await _saved(Credential(supporter=supporter, kind=kind, **{**since, **facts}))


def _kana(number: int) -> str:
    """A reading of one's own for every number."""
    return "し" + "".join("あいうえおかきくけこ"[int(digit)] for digit in str(number))


async def make_programme(**facts: Any) -> Programme:
    """A published edition; it asks for nothing yet."""
    names = {"code": f"programme-{next(_number)}", "name": "サポーター養成講座", **facts}
    now = clock.now()
    return await _saved(Programme(**{"published_at": now, "created_at": now, **names}))


async def make_requirement(**facts: Any) -> Requirement:
    """One lecture, of a programme of its own where none is given."""
    number = next(_number)
    if "programme" not in facts:
        facts["programme"] = (await make_programme()).id
    kind = facts.get("kind", RequirementKind.lecture)
    names = {"code": f"{kind}-{number}", "name": f"第{number}講", "position": number}
    return await _saved(
        Requirement(**{"kind": kind, "unit": Unit.sessions, "needed": 1, **names, **facts})
    )


async def make_enrolment(**facts: Any) -> Enrolment:
    """A person in a programme, since today."""
    return await _saved(
        Enrolment(**{"enrolled_on": clock.today(), "recorded_at": clock.now(), **facts})
    )


async def make_training_record(**facts: Any) -> TrainingRecord:
    """What a person did of a requirement today, entered by hand."""
    reason = {"source": Source.coordinator, "reason": "紙の記録から"}
    days = {"done_on": clock.today(), "recorded_at": clock.now()}
    return await _saved(TrainingRecord(**{"minutes": 90, **days, **reason, **facts}))


async def make_desk(**facts: Any) -> Desk:
    """A desk in the city office, in use."""
    return await _saved(Desk(**{"name": f"第{next(_number)}窓口", **facts}))


async def make_contact(**facts: Any) -> Contact:
    """A question on the phone, answered just now; `contacted_at` decides the other days."""
    if "desk" not in facts:
        facts["desk"] = (await make_desk()).id
    if "topic" not in facts:
        facts["topic"] = (await make_topic()).id
    at = clock.local(facts.setdefault("contacted_at", clock.now()))
    contact = Contact(
        **{
            "submission": f"contact-{next(_number)}",
            "stuck": "",
            "channel": ContactChannel.phone,
            "outcome": ContactOutcome.answered,
            "age_band": "",
            "minutes": 10,
            "note": "",
            "contacted_on": at.date(),
            "weekday": at.isoweekday(),
            "hour": at.hour,
            "search_text": text.search_text(facts.get("note", "")),
            "recorded_at": facts["contacted_at"],
            "void_reason": "",
            **facts,
        }
    )
    return await _saved(contact)


async def make_staff_member(
    section: int,
    first_on: date = date(2026, 4, 1),
    last_on: date | None = None,
    *,
    employment: Employment = Employment.regular,
    **facts: Any,
) -> StaffMember:
    """One of the counter staff in a section; a person of her own unless `person` is given."""
    if "person" not in facts:
        number = next(_number)
        names = {"name": f"窓口{number}", "reading": _kana(number)}
        names |= {key: facts.pop(key) for key in ("name", "reading") if key in facts}
        facts["person"] = (await make_person(f"090-0000-{number:04d}", **names)).id
    member = await _saved(StaffMember(**{"created_at": clock.now(), **facts}))
    await _saved(
        StaffMembership(
            member=member.id,
            section=section,
            employment=employment,
            first_on=first_on,
            last_on=last_on,
            recorded_at=clock.now(),
        )
    )
    return member


async def make_staff_training(**facts: Any) -> StaffTraining:
    """E-learning at an address for all counter staff, in the fiscal year 2026."""
    usual = {
        "name": "窓口対応の基本",
        "kind": StaffTrainingKind.address,
        "address": "https://learn.city.example.jp/counter",
        "offered_to": "窓口職員全員",
        "first_on": date(2026, 4, 1),
        "last_on": date(2027, 3, 31),
        "created_at": clock.now(),
    }
    return await _saved(StaffTraining(**{**usual, **facts}))


async def make_account(
    role: Role = Role.coordinator,
    *,
    section: int | None = None,
    venue: int | None = None,
    **facts: Any,
) -> Account:
    """Somebody who signs in with PASSWORD; `section` and `venue` are what the role reaches.

    A coordinator without a section is of the ICT section, which reaches all.
    """
    if role is Role.coordinator and section is None:
        section = (await make_section(name=f"ICT{next(_number)}", oversees_all=True)).id
    if role is Role.venue and venue is None:
        venue = (await make_venue()).id
    names = {"login": f"{role}-{next(_number)}", "name": "鈴木一郎", **facts}
    account = await _saved(Account(password_hash=_password_hash(), created_at=clock.now(), **names))
    await _saved(AccountRole(account=account.id, role=role, section=section, venue=venue))
    return account


async def make_article(**facts: Any) -> Article:
    """A published answer for residents, on a topic of its own where none is given."""
    number = next(_number)
    if "topic" not in facts:
        facts["topic"] = (await make_topic()).id
    now = clock.now()
    article = Article(
        **{
            "question": f"質問{number}はどうすればよいですか。",
            "steps": "電源を入れます。\n画面を上になぞります。",
            "staff_answer": "落ち着いて、ゆっくり伝えます。",
            "public": True,
            "published_at": now,
            "created_at": now,
            "changed_at": now,
            **facts,
        }
    )
    article.search_text = articles.search_text(article.to_dict())
    return await _saved(article)


async def make_terminal(**facts: Any) -> Terminal:
    """A terminal at a venue of its own where none is given, there since 1 April."""
    if "venue" not in facts:
        facts["venue"] = (await make_venue()).id
    names = {"name": f"第{next(_number)}端末", "placed_on": date(2026, 4, 1)}
    return await _saved(Terminal(**{**names, **facts}))


@cache
def _password_hash() -> str:
    """Cheap to check, so that tests are quick: what it costs is written in the hash itself."""
    return PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


async def _saved(row: RowT) -> RowT:
    async with writing():
        await row.save()
    return row
