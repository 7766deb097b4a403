"""A trainee books a training that residents do not see, as the person she is."""

import pytest

from server import clock
from server.classes import bookings
from server.classes.bookings import Applicant
from server.classes.tables import Booking, Course, CourseKind
from server.people.tables import Person
from server.refusals import Refused
from server.training.tables import Enrolment, Programme
from tests.databases import Database
from tests.factories import make_class_session, make_course, make_person

HANAKO = Applicant(name="山田花子", reading="やまだはなこ", phone="080-0000-9999")


async def training(**facts: object) -> Course:
    course = await make_course(**{"kind": CourseKind.supporter_training, "listed": False, **facts})
    await make_class_session(course=course.id)
    return course


async def enrolled(person: Person) -> None:
    programme = Programme(code=f"basic-{person.id}", name="サポーター養成", created_at=clock.now())
    await programme.save()
    now = clock.now()
    await Enrolment(
        person=person.id, programme=programme.id, enrolled_on=clock.on(now), recorded_at=now
    ).save()


async def test_s2_a_trainee_books_an_unlisted_training_as_the_same_person(
    database: Database,
) -> None:
    course, hanako = await training(), await make_person()
    await enrolled(hanako)

    booking = await bookings.book(
        HANAKO, course.id, submission="a", person_id=hanako.id, invited=True
    )

    assert (booking["person"], booking["state"]) == (hanako.id, "confirmed")
    assert await Person.count() == 1  # another phone than before, and still the same human being


async def test_s2_an_unlisted_training_stays_closed_to_whoever_is_not_enrolled(
    database: Database,
) -> None:
    course, hanako = await training(), await make_person()

    with pytest.raises(Refused, match="not open to applications"):
        await bookings.book(HANAKO, course.id, submission="a", person_id=hanako.id, invited=True)
    with pytest.raises(Refused, match="not open to applications"):
        await bookings.book(HANAKO, course.id, submission="b")


async def test_a_staff_training_is_never_opened_by_an_enrolment(database: Database) -> None:
    course, hanako = await training(kind=CourseKind.staff_training), await make_person()
    await enrolled(hanako)

    with pytest.raises(Refused, match="not open to applications"):
        await bookings.book(HANAKO, course.id, submission="a", person_id=hanako.id, invited=True)


async def test_b4_a_trainee_too_takes_no_seat_that_is_not_there(database: Database) -> None:
    course, hanako = await training(seats=1), await make_person()
    await enrolled(hanako)
    await bookings.book(HANAKO, course.id, submission="a", person_id=hanako.id, invited=True)
    taro = await make_person(name="山田太郎", reading="やまだたろう")
    await enrolled(taro)

    with pytest.raises(Refused, match="full"):
        await bookings.book(HANAKO, course.id, submission="b", person_id=taro.id, invited=True)

    assert await Booking.count() == 1
