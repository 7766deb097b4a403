"""Programmes, enrolments, records of what was done, certificates."""

from enum import StrEnum

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.people.tables import Person


class RequirementKind(StrEnum):
    """What a requirement asks for (S2)."""

    lecture = "lecture"
    video = "video"
    practice = "practice"


class Unit(StrEnum):
    """How a requirement counts: whole sessions, or hours."""

    sessions = "sessions"
    hours = "hours"


class Source(StrEnum):
    """What a training record arose from (S2)."""

    attendance = "attendance"  # present at a session of a supporter_training course
    assignment = "assignment"  # a trainee beside a lead, at a session that took place
    coordinator = "coordinator"  # entered by hand, with a reason


class Programme(Table):
    """One edition of a curriculum (養成カリキュラム): editions of one `code` follow each other."""

    id: Serial
    code = Varchar(length=40)
    edition = Integer(default=1)
    name = Varchar(length=120)
    description = Text()
    published_at = Timestamptz(null=True, default=None)  # a draft can still be edited
    retired_at = Timestamptz(null=True, default=None)  # nobody new is enrolled
    created_at = Timestamptz()
    version = Integer(default=1)

    programme_edition_once = Unique(["code", "edition"])
    programme_edition_positive = Check("edition >= 1")


class Requirement(Table):
    """What a trainee must do of one edition (修了要件).

    A requirement with the same `code` in a newer edition is the same one: what was done counts
    on. `replaces` names codes of older editions, comma between, whose records count here too.
    """

    id: Serial
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict, index=True)
    code = Varchar(length=40)
    name = Varchar(length=120)
    kind = Varchar(length=10)
    unit = Varchar(length=10, default=Unit.sessions)
    needed = Integer(default=1)
    position = Integer(default=0)
    replaces = Varchar(length=200)

    requirement_code_once = Unique(["programme", "code"])
    requirement_kind_known = Check("kind IN ('lecture', 'video', 'practice')")
    requirement_unit_known = Check("unit IN ('sessions', 'hours')")
    requirement_needed_positive = Check("needed >= 1")


class Enrolment(Table):
    """A person in an edition of a programme; moving to another one voids it and adds the next."""

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict, index=True)
    enrolled_on = Date()
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    void_reason = Varchar(length=200)


class TrainingRecord(Table, tablename="training_record"):
    """What one person has done of a requirement: one session, of so many minutes.

    `done_on` is its effective date. It is never overwritten: a mistaken one is voided (T5).
    """

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    requirement = ForeignKey(Requirement, null=False, on_delete=OnDelete.restrict, index=True)
    done_on = Date()
    minutes = Integer(default=0)
    source = Varchar(length=12)
    source_id = Integer(null=True, default=None)  # the attendance or assignment it arose from
    reason = Varchar(length=200)
    submission = Varchar(length=40, null=True, default=None)  # one press of the button
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    training_record_source_known = Check("source IN ('attendance', 'assignment', 'coordinator')")
    training_record_minutes_of_a_day = Check("minutes >= 0 AND minutes <= 1440")
    training_record_reason_given = Check("source <> 'coordinator' OR reason <> ''")


class Certificate(Table):
    """A numbered certificate (修了証). A number is never given again, even when voided."""

    id: Serial
    number = Varchar(length=20, unique=True)  # fiscal year and a running number: R8-0012
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict, index=True)
    programme = ForeignKey(Programme, null=False, on_delete=OnDelete.restrict)
    completed_on = Date()
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)
