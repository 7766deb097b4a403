"""S2: which requirement a session of a course for supporters teaches."""

from datetime import datetime
from typing import Any

import httpx
import pytest

from server.classes import teaching
from server.classes.tables import (
    Attendance,
    Booking,
    BookingState,
    Channel,
    ClassSession,
    Course,
    CourseKind,
    Presence,
)
from server.database import writing
from server.roles import Role
from server.training.tables import RequirementKind
from tests.classes.staff_cast import ICT, Staff, again
from tests.databases import Database
from tests.factories import (
    make_class_session,
    make_course,
    make_municipality,
    make_person,
    make_programme,
    make_requirement,
)
from tests.refusals import refusal


@pytest.fixture(autouse=True)
async def now(database: Database, frozen_now: datetime) -> None:
    await make_municipality()


async def training(count: int = 1) -> tuple[Course, list[ClassSession]]:
    course = await make_course(kind=CourseKind.supporter_training, title="養成講座")
    return course, [
        await make_class_session(course=course.id, number=1 + number) for number in range(count)
    ]


async def present(course: Course, session: ClassSession) -> None:
    person = await make_person()
    async with writing():
        booking = Booking(
            reference="123456782",
            course=course.id,
            person=person.id,
            state=BookingState.confirmed,
            channel=Channel.web,
            name="山田花子",
            reading="やまだはなこ",
            booked_at=session.changed_at,
            booked_on=session.held_on,
            recorded_at=session.changed_at,
        )
        await booking.save()
        await Attendance(
            booking=booking.id,
            session=session.id,
            presence=Presence.present,
            effective_on=session.held_on,
            recorded_at=session.changed_at,
        ).save()


async def test_s2_a_session_teaches_a_lecture_until_it_is_known_who_came() -> None:
    course, [session] = await training()
    lecture, another = await make_requirement(), await make_requirement()

    await teaching.teach(session.id, lecture.id, by=ICT)
    await present(course, session)

    assert (await again(session))["requirement"] == lecture.id
    said = await refusal(teaching.teach(session.id, another.id, by=ICT))
    assert said == "It is already known who came, so what was taught cannot be changed."


async def test_s2_practice_is_not_taught_and_other_courses_teach_nothing() -> None:
    _course, [session] = await training()
    practice = await make_requirement(kind=RequirementKind.practice)
    other, lecture = await make_class_session(), await make_requirement()

    said = await refusal(teaching.teach(session.id, practice.id, by=ICT))
    assert said == "Practice is done beside a lead, not taught at a session."
    said = await refusal(teaching.teach(other.id, lecture.id, by=ICT))
    assert said == "Only the sessions of a course for supporters teach a requirement."


async def test_c4_a_section_says_what_its_own_sessions_teach() -> None:
    _course, [session] = await training()
    lecture = await make_requirement()

    said = await refusal(teaching.teach(session.id, lecture.id, by=Staff(section_id=999)))

    assert said == "This class belongs to another section."


async def test_s2_all_sessions_of_a_course_on_one_page(client_as: Any) -> None:
    course, [first, second] = await training(2)
    programme = await make_programme(name="基礎課程")
    lecture = await make_requirement(programme=programme.id, name="スマホの基本")
    await make_requirement(programme=programme.id, name="実習", kind=RequirementKind.practice)
    coordinator = await client_as(Role.coordinator)
    path = f"/staff/courses/{course.id}/teaching"

    page = await coordinator.get(path)
    answer = await coordinator.post(
        path, data={f"session_{first.id}": str(lecture.id), f"session_{second.id}": ""}
    )

    assert "スマホの基本 基礎課程" in page.text
    assert "実習 基礎課程" not in page.text
    assert answer.headers["location"] == f"{path}?done=teaches"
    taught = [(await again(each))["requirement"] for each in (first, second)]
    assert taught == [lecture.id, None]
    after = await coordinator.get(path)
    assert f'<option selected value="{lecture.id}">' in after.text


async def test_s2_all_of_the_page_is_saved_or_nothing(client_as: Any) -> None:
    course, [first, second] = await training(2)
    lecture = await make_requirement()
    await present(course, second)
    coordinator = await client_as(Role.coordinator)

    answer = await coordinator.post(
        f"/staff/courses/{course.id}/teaching",
        data={f"session_{each.id}": str(lecture.id) for each in (first, second)},
    )

    assert answer.status_code == httpx.codes.CONFLICT
    assert "出欠がすでに記録されているため" in answer.text
    assert (await again(first))["requirement"] is None


async def test_only_courses_for_supporters_have_the_page(client_as: Any) -> None:
    course = await make_course()
    coordinator = await client_as(Role.coordinator)

    answer = await coordinator.get(f"/staff/courses/{course.id}/teaching")

    assert answer.status_code == httpx.codes.NOT_FOUND
