"""Counter staff: who is where from when to when, their trainings, who has completed which."""

from enum import StrEnum

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from server.classes.tables import Course
from server.people.tables import Person
from server.places.tables import Section


class Employment(StrEnum):
    """How a member of the counter staff is employed (H5)."""

    regular = "regular"  # 正規
    fiscal_year = "fiscal_year"  # 会計年度任用
    contracted = "contracted"  # 委託


class StaffMember(Table, tablename="staff_member"):
    """One of the counter staff (窓口職員)."""

    id: Serial
    person = ForeignKey(Person, null=False, unique=True, on_delete=OnDelete.restrict)
    number = Varchar(length=20, null=True, default=None, unique=True)  # 職員番号
    created_at = Timestamptz()
    version = Integer(default=1)


class StaffMembership(Table, tablename="staff_membership"):
    """A member in a section from a day to a day (null: still there), both included."""

    id: Serial
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.restrict, index=True)
    section = ForeignKey(Section, null=False, on_delete=OnDelete.restrict, index=True)
    employment = Varchar(length=12, default=Employment.regular)
    first_on = Date()
    last_on = Date(null=True, default=None)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    staff_membership_in_order = Check("last_on IS NULL OR first_on <= last_on")
    staff_membership_employment_known = Check(
        "employment IN ('regular', 'fiscal_year', 'contracted')"
    )


class StaffTrainingKind(StrEnum):
    """How a training for counter staff is taken (H5)."""

    dated = "dated"  # a course of the kind staff_training
    address = "address"  # video or e-learning at an address, any time in the period
    video = "video"  # a file of ours, any time in the period


class StaffTraining(Table, tablename="staff_training"):
    """A training for counter staff (研修), offered to a named group in a period (S5)."""

    id: Serial
    name = Varchar(length=120)
    kind = Varchar(length=8)
    description = Text()
    course = ForeignKey(Course, null=True, on_delete=OnDelete.restrict)  # of a dated one
    address = Varchar(length=500)  # on the city's own network
    offered_to = Varchar(length=120)  # the group: 窓口職員全員
    first_on = Date()
    last_on = Date()
    minutes = Integer(default=0)
    created_at = Timestamptz()
    retired_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    staff_training_kind_known = Check("kind IN ('dated', 'address', 'video')")
    staff_training_in_order = Check("first_on <= last_on")
    staff_training_minutes_of_a_day = Check("minutes >= 0 AND minutes <= 1440")


class TrainingVideo(Table, tablename="training_video"):
    """A video file of ours; its content lies in the folder of files under its digest."""

    id: Serial
    training = ForeignKey(StaffTraining, null=False, on_delete=OnDelete.restrict, index=True)
    file_name = Varchar(length=200)
    media_type = Varchar(length=20)
    size = Integer()  # bytes
    digest = Varchar(length=64)  # SHA-256
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)

    training_video_type_known = Check("media_type IN ('video/mp4', 'video/webm')")


class CompletionSource(StrEnum):
    """How we know that a member has completed a training."""

    session = "session"  # was there, at the dated course
    imported = "imported"
    entered = "entered"  # by a coordinator
    own = "own"  # said by herself, after the video


class StaffCompletion(Table, tablename="staff_completion"):
    """A member has completed a training, once in a fiscal year. A mistaken one is voided (T5)."""

    id: Serial
    training = ForeignKey(StaffTraining, null=False, on_delete=OnDelete.restrict, index=True)
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.restrict, index=True)
    completed_on = Date(index=True)
    fiscal_year = Integer()  # of completed_on (T1)
    source = Varchar(length=10)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    staff_completion_source_known = Check("source IN ('session', 'imported', 'entered', 'own')")


class StaffExclusion(Table, tablename="staff_exclusion"):
    """A member who does not count in the rate of a training in a fiscal year, and why (H5)."""

    id: Serial
    training = ForeignKey(StaffTraining, null=False, on_delete=OnDelete.restrict, index=True)
    member = ForeignKey(StaffMember, null=False, on_delete=OnDelete.restrict, index=True)
    fiscal_year = Integer()
    reason = Varchar(length=200)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)

    staff_exclusion_reason_given = Check("reason <> ''")
