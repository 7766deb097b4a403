"""S8: a report of trouble reaches the coordinators at once and stays until taken up."""

import asyncio
from datetime import datetime

import pytest

from server.activity import troubles
from server.activity.tables import TroubleReport
from server.audit.tables import AuditEntry
from server.classes.tables import Course
from server.refusals import Refused
from tests.activity.cast import ICT, Staff, another, neighbour
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_section

WORDS = "参加した方が転んで、手首を痛めました。"


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    """Saturday 21 November 2026, 10 in the morning, for every test here."""


async def test_s8_trouble_waits_from_the_moment_it_is_reported(database: Database) -> None:
    haruko = await neighbour()
    session = await make_class_session()

    await troubles.report(
        WORDS, supporter_id=haruko.supporter_id, session_id=session.id, submission="a", by=haruko
    )

    [waiting] = await troubles.waiting(ICT)
    assert (waiting["words"], waiting["supporter_name"]) == (WORDS, "山本春子")
    assert waiting["course_title"] == "はじめてのスマートフォン"
    [entry] = await AuditEntry.select()
    assert "手首" not in entry["facts"]


async def test_s8_trouble_without_words_is_refused(database: Database) -> None:
    haruko = await neighbour()
    with pytest.raises(Refused, match=r"^Please write what has happened\.$"):
        await troubles.report("　", supporter_id=haruko.supporter_id, submission="a", by=haruko)


async def test_s8_a_double_tap_reports_once(database: Database) -> None:
    haruko = await neighbour()

    await asyncio.gather(
        *(
            troubles.report(WORDS, supporter_id=haruko.supporter_id, submission="a", by=haruko)
            for _ in range(4)
        )
    )

    assert await TroubleReport.count() == 1


async def test_s8_trouble_is_taken_up_once_with_what_was_done(database: Database) -> None:
    haruko = await neighbour()
    trouble = await troubles.report(
        WORDS, supporter_id=haruko.supporter_id, submission="a", by=haruko
    )
    with pytest.raises(Refused, match=r"^Please write what was done about it\.$"):
        await troubles.take_up(trouble["id"], " ", by=ICT)

    answers = await asyncio.gather(
        troubles.take_up(trouble["id"], "ご家族に電話した", by=ICT),
        troubles.take_up(trouble["id"], "保険会社に届けた", by=another()),
        return_exceptions=True,
    )

    assert sum(isinstance(answer, Refused) for answer in answers) == 1
    assert await troubles.waiting(ICT) == []
    [done] = await troubles.listed(ICT, taken_up=True)
    assert done["outcome"] in {"ご家族に電話した", "保険会社に届けた"}


async def test_c4_trouble_is_seen_by_the_section_of_the_class_and_the_overseeing_one(
    database: Database,
) -> None:
    haruko = await neighbour()
    session = await make_class_session(course=(await make_course(title="写真")).id)
    course = await Course.select().where(Course.id == session.course).first()
    assert course is not None
    own, other = Staff(section_id=course["section"]), Staff(section_id=(await make_section()).id)
    at_class = await troubles.report(
        WORDS, supporter_id=haruko.supporter_id, session_id=session.id, submission="a", by=haruko
    )
    elsewhere = await troubles.report(
        WORDS, supporter_id=haruko.supporter_id, submission="b", by=haruko
    )

    seen = {
        who: [row["id"] for row in await troubles.waiting(by)]
        for who, by in (
            ("ict", ICT),
            ("own", own),
            ("other", other),
            ("venue", Staff(roles=frozenset(), sees_all_sections=True)),
        )
    }

    assert seen == {
        "ict": [at_class["id"], elsewhere["id"]],
        "own": [at_class["id"]],
        "other": [],
        "venue": [],
    }
    for by, trouble in ((other, at_class), (own, elsewhere)):
        with pytest.raises(Refused, match=r"^This report belongs to another section\.$"):
            await troubles.take_up(trouble["id"], "済", by=by)


async def test_s8_trouble_is_taken_up_before_it_is_settled(database: Database) -> None:
    haruko = await neighbour()
    trouble = await troubles.report(
        WORDS, supporter_id=haruko.supporter_id, submission="a", by=haruko
    )

    await troubles.begin(trouble["id"], by=ICT)

    [row] = await troubles.waiting(ICT)
    assert (row["taken_up_by"], row["outcome"]) == (ICT.id, "")
    with pytest.raises(Refused):
        await troubles.begin(trouble["id"], by=another())
    await troubles.take_up(trouble["id"], "ご家族に電話した", by=another())
    assert await troubles.waiting(ICT) == []
