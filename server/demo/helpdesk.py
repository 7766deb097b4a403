"""The invented helpdesk: desks, procedures, answers, and what people have asked (P7)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from server import clock, text
from server.classes.tables import AgeBand, Booking, Channel, CourseTopic
from server.demo import promises
from server.demo.city import City, Facts, add_all, facts
from server.demo.people import Resident, one_of
from server.helpdesk import articles
from server.helpdesk.tables import (
    Article,
    ArticleEdition,
    CallAttempt,
    CallBack,
    Contact,
    ContactBooking,
    ContactChannel,
    ContactOutcome,
    Desk,
    HandOver,
    Stuck,
)
from server.places.tables import Venue
from server.topics.tables import Procedure, Topic

Row = dict[str, Any]

DAYS_BACK = 150
A_DAY = (3, 8)  # contacts
BOOKED_FROM_A_CONTACT = 60
WITH_PROCEDURE = 0.7
WITH_NOTE = 0.15
ASKING = {ContactChannel.phone: 60, ContactChannel.counter: 32, ContactChannel.visit: 8}
OUTCOMES = {
    ContactOutcome.answered: 48,
    ContactOutcome.shown: 34,
    ContactOutcome.handed_on: 9,
    ContactOutcome.call_back: 9,
}
STUCK = {
    Stuck.identity: 34,
    Stuck.entering: 22,
    Stuck.finding: 18,
    Stuck.attaching: 16,
    Stuck.paying: 10,
}
AGES = {AgeBand.sixties: 18, AgeBand.seventies: 48, AgeBand.eighties: 30, AgeBand.over_90: 4}
MINUTES = (5, 5, 10, 10, 10, 15, 20, 30)
REVIEWED_DAYS = (-20, 300)  # an article is to be looked at again so many days from today


@dataclass(frozen=True)
class _Known:
    """What contacts are about, by code, and who takes them."""

    random: Random
    city: City
    facts: Facts
    today: date
    desks: list[Desk]
    topics: dict[str, Topic]
    procedures: dict[str, Procedure]
    articles: dict[str, list[Article]] = field(default_factory=dict)

    @property
    def asked_for(self) -> dict[str, int]:
        """How often each question is asked, beside the others on its topic."""
        return {one["question"]: one["weight"] for one in self.facts["articles"]}

    @property
    def operator(self) -> int:
        """Who sits at the helpdesk."""
        return self.city.accounts["helpdesk"]


async def open_helpdesk(
    random: Random, city: City, today: date, callers: list[Resident], scale: int
) -> None:
    """Desks, procedures and answers; contacts of the last months; what is still to be done."""
    known = await _known(random, city, today)
    logged = [*_asked(known, scale), *await _booked(known)]
    logged.sort(key=lambda one: one[0].contacted_at)
    await add_all([contact for contact, _ in logged])
    await add_all(
        [
            ContactBooking(
                contact=contact.id,
                booking=booking,
                recorded_at=contact.recorded_at,
                recorded_by=contact.recorded_by,
            )
            for contact, booking in logged
            if booking is not None
        ]
    )
    await promises.keep(random, city, [contact for contact, _ in logged], callers)
    await _promise(known, callers)
    await _hand_over(known)


async def _known(random: Random, city: City, today: date) -> _Known:
    written = facts("helpdesk")
    venues = {row["slug"]: row["id"] for row in await Venue.select(Venue.slug, Venue.id)}
    desks = [
        Desk(
            name=one["name"],
            section=city.sections[one["section"]],
            venue=venues.get(one.get("venue", "")),
            position=position,
        )
        for position, one in enumerate(written["desks"], 1)
    ]
    await add_all(desks)
    topics = {topic.code: topic for topic in await Topic.objects()}
    procedures = {
        one["code"]: Procedure(
            **{key: one[key] for key in ("code", "name", "reading", "address", "online_since")},
            topic=topics[one["topic"]].id,
            section=city.sections[one["section"]],
            position=position,
        )
        for position, one in enumerate(written["procedures"], 1)
    }
    await add_all(list(procedures.values()))
    known = _Known(random, city, written, today, desks, topics, procedures)
    await _write_articles(known)
    return known


async def _write_articles(known: _Known) -> None:
    for one in known.facts["articles"]:
        known.articles.setdefault(one["topic"], []).append(_article(known, one))
    every = [article for some in known.articles.values() for article in some]
    await add_all(every)
    await add_all(
        [
            ArticleEdition(
                article=article.id,
                number=1,
                question=article.question,
                steps=article.steps,
                staff_answer=article.staff_answer,
                changed_at=article.changed_at,
                changed_by=known.operator,
            )
            for article in every
        ]
    )


def _article(known: _Known, one: Facts) -> Article:
    random, said = known.random, one | {"steps": one["steps"].strip()}
    changed_at = clock.at(known.today - timedelta(days=random.randint(20, 300)), time(10))
    return Article(
        **{key: said[key] for key in ("question", "steps", "staff_answer", "keywords", "public")},
        topic=known.topics[one["topic"]].id,
        procedure=known.procedures[one["procedure"]].id if "procedure" in one else None,
        section=known.city.sections[one.get("section", "ICT戦略課")],
        owner=known.operator,
        review_on=known.today + timedelta(days=random.randint(*REVIEWED_DAYS)),
        published_at=changed_at,
        created_at=changed_at,
        changed_at=changed_at,
        search_text=articles.search_text(said),
    )


def _asked(known: _Known, scale: int) -> Iterator[tuple[Contact, int | None]]:
    """Contacts of the working days before today."""
    random = known.random
    for days in range(DAYS_BACK, 0, -1):
        on = known.today - timedelta(days=days)
        if on.isoweekday() <= 5:
            for _ in range(random.randint(*A_DAY) * scale):
                minute = random.randrange(8 * 60 + 30, 17 * 60)
                yield _contact(known, clock.at(on, time(minute // 60, minute % 60))), None


def _contact(known: _Known, asked_at: datetime) -> Contact:
    random = known.random
    code = one_of(random, known.facts["topics"])
    topic = known.topics[code]
    contact = _about(known, topic, asked_at)
    contact.channel = one_of(random, ASKING)
    contact.outcome = one_of(random, OUTCOMES)
    contact.desk = known.desks[0].id
    if contact.channel != ContactChannel.phone:
        contact.desk = random.choice(known.desks[1:]).id
    contact.district = random.choice(known.city.places).district_id
    contact.age_band = one_of(random, AGES)
    about = [each for each in known.procedures.values() if each.topic == topic.id]
    if about and random.random() < WITH_PROCEDURE:
        contact.procedure = random.choice(about).id
        contact.stuck = one_of(random, STUCK)
    if random.random() < WITH_NOTE:
        contact.note = random.choice(known.facts["notes"].get(code, [""]))
    _answer(known, contact, known.articles.get(code, []))
    contact.search_text = text.search_text(f"{contact.note} {topic.name}")
    return contact


def _answer(known: _Known, contact: Contact, written: list[Article]) -> None:
    """Now and then an article answers it, or nothing does."""
    share = known.random.random()
    fitting = [each for each in written if each.procedure in (None, contact.procedure)]
    if share < 0.45 and fitting and contact.outcome in ("answered", "shown"):
        weights = [known.asked_for[each.question] for each in fitting]
        contact.article = known.random.choices(fitting, weights)[0].id
    elif share > 0.95:
        contact.answer_missing = True


def _about(known: _Known, topic: Topic, asked_at: datetime) -> Contact:
    """A contact on a topic, everything else not said yet."""
    at = clock.local(asked_at)
    return Contact(
        _ignore_missing=True,
        submission=f"demo-{known.random.getrandbits(64):016x}",
        topic=topic.id,
        minutes=known.random.choice(MINUTES),
        contacted_at=asked_at,
        contacted_on=at.date(),
        weekday=at.isoweekday(),
        hour=at.hour,
        recorded_at=asked_at,
        recorded_by=known.operator,
    )


async def _booked(known: _Known) -> list[tuple[Contact, int | None]]:
    """Contacts from which a class was booked: telephone applications of these months."""
    since = clock.at(known.today - timedelta(days=DAYS_BACK), time())
    by_phone = (
        await Booking.select(
            Booking.id, Booking.course, Booking.booked_at, Booking.district, Booking.age_band
        )
        .where((Booking.channel == Channel.phone) & (Booking.booked_at > since))
        .order_by(Booking.id)
    )
    taught: dict[int, list[int]] = {}
    for row in await CourseTopic.select().order_by(CourseTopic.id):
        taught.setdefault(row["course"], []).append(row["topic"])
    about = [row for row in by_phone if row["course"] in taught]
    chosen = known.random.sample(about, min(len(about), BOOKED_FROM_A_CONTACT))
    by_id = {topic.id: topic for topic in known.topics.values()}
    return [_from_booking(known, by_id[taught[row["course"]][0]], row) for row in chosen]


def _from_booking(known: _Known, topic: Topic, booking: Row) -> tuple[Contact, int]:
    contact = _about(known, topic, booking["booked_at"])
    contact.channel = ContactChannel.phone
    contact.outcome = ContactOutcome.class_booked
    contact.desk = known.desks[0].id
    contact.district = booking["district"]
    contact.age_band = booking["age_band"]
    contact.search_text = text.search_text(topic.name)
    return contact, booking["id"]


async def _promise(known: _Known, callers: list[Resident]) -> None:
    """People to phone back, one of them for the second time."""
    for number, one in enumerate(known.facts["call_backs"]):
        contact = await _waiting(known, one["topic"], ContactOutcome.call_back, number + 1)
        caller = callers[number]
        call_back = CallBack(
            contact=contact.id,
            name=caller.name,
            reading=caller.reading,
            phone=caller.phone,
            phone_key=text.phone_key(caller.phone),
            about=one["about"],
            due_at=clock.at(known.today + timedelta(days=one["days"]), time(one["hour"])),
            owner=known.operator,
            recorded_at=contact.recorded_at,
            recorded_by=known.operator,
        )
        await add_all([call_back])
        await add_all(
            [
                CallAttempt(
                    call_back=call_back.id,
                    result=result,
                    attempted_at=call_back.due_at + timedelta(minutes=5),
                    attempted_by=known.operator,
                )
                for result in one.get("attempts", ())
            ]
        )


async def _hand_over(known: _Known) -> None:
    """Questions that went to other sections, one of them answered."""
    for one in known.facts["hand_overs"]:
        contact = await _waiting(known, one["topic"], ContactOutcome.handed_on, one["days"])
        answered_at = contact.contacted_at + timedelta(hours=4)
        hand_over = HandOver(
            contact=contact.id,
            section=known.city.sections[one["section"]],
            question=one["question"],
            asked_at=contact.contacted_at,
            asked_by=known.operator,
        )
        if "answer" in one:
            hand_over.answer, hand_over.answered_at = one["answer"], answered_at
            hand_over.answered_by = known.city.accounts["ict"]
        await add_all([hand_over])


async def _waiting(known: _Known, topic: str, outcome: ContactOutcome, days_ago: int) -> Contact:
    contact = _about(
        known, known.topics[topic], clock.at(known.today - timedelta(days=days_ago), time(11))
    )
    contact.channel, contact.outcome = ContactChannel.phone, outcome
    contact.desk = known.desks[0].id
    contact.search_text = text.search_text(known.topics[topic].name)
    await add_all([contact])
    return contact
