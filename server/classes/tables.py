"""Courses, their dated sessions, bookings, who helps, who came, and what took place.

Seats stand on what is booked (B4).
"""

from enum import StrEnum

from piccolo.columns import (
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    Serial,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.people.tables import Person
from server.places.tables import District, Room, Section, Venue
from server.supporters.tables import Lecturer, Supporter
from server.topics.tables import Topic
from server.training.tables import Requirement


class CourseKind(StrEnum):
    """What a course is for."""

    smartphone = "smartphone"
    online_meeting = "online_meeting"
    consultation = "consultation"
    supporter_training = "supporter_training"
    staff_training = "staff_training"


PUBLIC_KINDS = (CourseKind.smartphone, CourseKind.online_meeting, CourseKind.consultation)


class Admission(StrEnum):
    """How a course admits (B3)."""

    lottery = "lottery"
    lottery_then_first_come = "lottery_then_first_come"
    first_come = "first_come"


class BookingScope(StrEnum):
    """What one booking covers: the whole course, or one session picked."""

    course = "course"
    session = "session"


class BookingState(StrEnum):
    """Where a booking stands (product.md §2)."""

    received = "received"
    in_draw = "in_draw"
    confirmed = "confirmed"
    waitlisted = "waitlisted"
    offered = "offered"
    not_selected = "not_selected"
    cancelled = "cancelled"
    declined = "declined"
    called_off = "called_off"


LIVE_STATES = (
    BookingState.received,
    BookingState.in_draw,
    BookingState.confirmed,
    BookingState.waitlisted,
    BookingState.offered,
)
SEATED_STATES = (BookingState.confirmed, BookingState.offered)


class Channel(StrEnum):
    """How an application came in (B9)."""

    web = "web"
    phone = "phone"
    counter = "counter"
    fax = "fax"
    postcard = "postcard"
    line = "line"
    form_service = "form_service"


class Device(StrEnum):
    """What the person brings; none: one is lent."""

    android = "android"
    iphone = "iphone"
    none = "none"


class AgeBand(StrEnum):
    """Age asked only roughly, where a course has no age limit (B1)."""

    under_60 = "under_60"
    sixties = "60s"
    seventies = "70s"
    eighties = "80s"
    over_90 = "90s"


class Need(StrEnum):
    """Consideration asked for (配慮)."""

    sign_language = "sign_language"
    note_taking = "note_taking"
    writing = "writing"
    wheelchair = "wheelchair"
    hearing_aid = "hearing_aid"
    other = "other"


class HelpRole(StrEnum):
    """What a helper does at a session."""

    lead = "lead"
    assistant = "assistant"
    trainee = "trainee"


class Presence(StrEnum):
    """Did somebody who booked come?"""

    present = "present"
    absent = "absent"


class Outcome(StrEnum):
    """What became of a session (T3)."""

    held = "held"
    called_off = "called_off"


class Course(Table):
    """What one applies for: one or more dated sessions under one title.

    `seats`, `overbooked` and `taken` count people where a booking covers the whole course
    (`scope` is course); else they stand on the sessions.
    """

    id: Serial
    kind = Varchar(length=20)
    title = Varchar(length=120)
    reading = Varchar(length=200)
    description = Text()
    audience = Varchar(length=200)  # for whom (対象)
    bring = Varchar(length=200)  # what to bring (持ち物)
    fee = Integer(default=0)  # yen
    section = ForeignKey(Section, null=False, on_delete=OnDelete.restrict)
    listed = Boolean(default=True)  # supporter_training is public only where ticked
    admission = Varchar(length=30, default=Admission.first_come)
    scope = Varchar(length=10, default=BookingScope.course)
    opens_at = Timestamptz()
    closes_at = Timestamptz()
    seats = Integer(default=0)
    overbooked = Integer(default=0)
    taken = Integer(default=0)
    search_text = Text()
    created_at = Timestamptz()
    changed_at = Timestamptz()
    published_at = Timestamptz(null=True, default=None)
    called_off_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    course_kind_known = Check(
        "kind IN ('smartphone', 'online_meeting', 'consultation', 'supporter_training',"
        " 'staff_training')"
    )
    course_admission_known = Check(
        "admission IN ('lottery', 'lottery_then_first_come', 'first_come')"
    )
    course_scope_known = Check("scope IN ('course', 'session')")
    course_window_in_order = Check("opens_at < closes_at")
    course_seats_positive = Check("seats >= 0 AND overbooked >= 0 AND taken >= 0")
    course_seats_kept = Check("taken <= seats + overbooked")


class CourseTopic(Table, tablename="course_topic"):
    """A topic that a course teaches."""

    id: Serial
    course = ForeignKey(Course, null=False, on_delete=OnDelete.cascade)
    topic = ForeignKey(Topic, null=False, on_delete=OnDelete.restrict, index=True)

    course_topic_once = Unique(["course", "topic"])


class ClassSession(Table, tablename="class_session"):
    """One dated meeting in a room. Its `uid` is the calendar's, stored and never changed.

    `sequence` grows with each change that matters to a calendar (RFC 5545 §3.8.7.4). Whoever is
    present at a session of a supporter_training course has done of `requirement` (S2).
    """

    id: Serial
    course = ForeignKey(Course, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer(default=1)  # 第1回
    starts_at = Timestamptz(index=True)
    ends_at = Timestamptz()
    held_on = Date(index=True)  # the municipal date of starts_at (T1)
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict, index=True)
    room = ForeignKey(Room, null=True, on_delete=OnDelete.restrict)
    seats = Integer(default=0)
    overbooked = Integer(default=0)
    taken = Integer(default=0)
    uid = Varchar(length=300, unique=True)  # 32 digits, @, and a host name
    sequence = Integer(default=0)
    changed_at = Timestamptz()
    called_off_at = Timestamptz(null=True, default=None)
    called_off_reason = Varchar(length=200)
    leads_needed = Integer(default=1)
    assistants_needed = Integer(default=0)
    trainee_places = Integer(default=0)
    requirement = ForeignKey(Requirement, null=True, on_delete=OnDelete.restrict)
    version = Integer(default=1)

    class_session_in_order = Check("starts_at < ends_at")
    class_session_seats_positive = Check("seats >= 0 AND overbooked >= 0 AND taken >= 0")
    class_session_seats_kept = Check("taken <= seats + overbooked")


class Booking(Table):
    """One person's application for, or place in, a course or one session of it (null: all).

    What was typed is kept; the `…_key` columns are what it is found by. The row is counted as
    of a day: recorded by then and not voided by then (T5). It is never deleted.
    """

    id: Serial
    reference = Varchar(length=9, unique=True)  # eight digits and a check digit (B8)
    course = ForeignKey(Course, null=False, on_delete=OnDelete.restrict, index=True)
    session = ForeignKey(ClassSession, null=True, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=20)
    channel = Varchar(length=20)
    name = Varchar(length=120)
    name_key = Varchar(length=120)
    reading = Varchar(length=200)
    phone = Varchar(length=40)
    phone_key = Varchar(length=20)
    fax = Varchar(length=40)
    fax_key = Varchar(length=20)
    email = Varchar(length=254)
    email_key = Varchar(length=254)
    postcode = Varchar(length=20)
    postcode_key = Varchar(length=7)
    address = Varchar(length=300)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)
    age_band = Varchar(length=10)
    device = Varchar(length=10)
    needs = Varchar(length=120)  # Need values, comma between; erased first (P2)
    needs_other = Varchar(length=200)
    remarks = Text()
    language = Varchar(length=10, default="ja")
    submission = Varchar(length=40, null=True, default=None)  # one press of the button
    booked_at = Timestamptz()
    booked_on = Date(index=True)  # the municipal date of booked_at (T1)
    recorded_at = Timestamptz()
    voided_at = Timestamptz(null=True, default=None)
    booked_by = Integer(null=True, default=None)  # the staff account, none for the web
    version = Integer(default=1)

    booking_state_known = Check(
        "state IN ('received', 'in_draw', 'confirmed', 'waitlisted', 'offered', 'not_selected',"
        " 'cancelled', 'declined', 'called_off')"
    )
    booking_voided_when_over = Check(
        "(voided_at IS NULL) = (state IN ('received', 'in_draw', 'confirmed', 'waitlisted',"
        " 'offered'))"
    )


class Assignment(Table):
    """A supporter, or an outside lecturer, at a session (配置). Leaving voids it."""

    id: Serial
    session = ForeignKey(ClassSession, null=False, on_delete=OnDelete.restrict, index=True)
    supporter = ForeignKey(Supporter, null=True, on_delete=OnDelete.restrict, index=True)
    lecturer = ForeignKey(Lecturer, null=True, on_delete=OnDelete.restrict)
    role = Varchar(length=10)
    came = Boolean(null=True, default=None)  # as the session's report says; null: no report yet
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    overruled = Varchar(length=200)  # why a warning did not matter
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    assignment_role_known = Check("role IN ('lead', 'assistant', 'trainee')")
    assignment_of_one = Check("(supporter IS NULL) <> (lecturer IS NULL)")
    assignment_lecturer_no_trainee = Check("lecturer IS NULL OR role <> 'trainee'")


class Attendance(Table):
    """Whether somebody who booked came to a session (出欠). A mistaken one is voided (T5)."""

    id: Serial
    booking = ForeignKey(Booking, null=False, on_delete=OnDelete.restrict, index=True)
    session = ForeignKey(ClassSession, null=False, on_delete=OnDelete.restrict, index=True)
    presence = Varchar(length=8)
    effective_on = Date(index=True)  # the municipal date of the session (T1)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)

    attendance_presence_known = Check("presence IN ('present', 'absent')")


class SessionReport(Table, tablename="session_report"):
    """What took place (開催報告): makes a session count (T3). A new one voids the one before."""

    id: Serial
    session = ForeignKey(ClassSession, null=False, on_delete=OnDelete.restrict, index=True)
    outcome = Varchar(length=10)
    head_count = Integer(default=0)  # everybody who took part, walk-ins too
    incidents = Text()
    effective_on = Date(index=True)  # the municipal date of the session (T1)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    session_report_outcome_known = Check("outcome IN ('held', 'called_off')")
    session_report_heads_positive = Check("head_count >= 0")
    session_report_called_off_empty = Check("outcome = 'held' OR head_count = 0")
