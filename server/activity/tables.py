"""Activity reports, the approvals that count, and reports of trouble."""

from enum import StrEnum

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from server.classes.tables import Assignment, ClassSession
from server.places.tables import District, Venue
from server.supporters.tables import Supporter
from server.topics.tables import Topic


class ActivityKind(StrEnum):
    """What a supporter did."""

    session = "session"  # helped at a class session
    salon = "salon"
    call = "call"
    home_visit = "home_visit"  # off by default (S8)
    other = "other"


class ReportState(StrEnum):
    """Where an activity report stands (S4)."""

    submitted = "submitted"
    approved = "approved"  # 承認
    returned = "returned"  # 差戻し, with a word
    withdrawn = "withdrawn"  # by the supporter


class ActivityReport(Table, tablename="activity_report"):
    """What a supporter did: when, where, minutes, people helped, topics (活動報告)."""

    id: Serial
    supporter = ForeignKey(Supporter, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=12)
    session = ForeignKey(ClassSession, null=True, on_delete=OnDelete.restrict, index=True)
    assignment = ForeignKey(Assignment, null=True, on_delete=OnDelete.restrict)
    starts_at = Timestamptz()
    done_on = Date(index=True)  # the municipal date of starts_at (T1)
    minutes = Integer()
    people_helped = Integer(default=0)
    venue = ForeignKey(Venue, null=True, on_delete=OnDelete.restrict)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)
    place = Varchar(length=120)  # where, in words, when it is no venue
    note = Text()
    state = Varchar(length=10, default=ReportState.submitted)
    word = Varchar(length=400)  # what the coordinator says when returning it
    submission = Varchar(length=40, null=True, default=None, unique=True)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    version = Integer(default=1)

    activity_report_kind_known = Check(
        "kind IN ('session', 'salon', 'call', 'home_visit', 'other')"
    )
    activity_report_state_known = Check(
        "state IN ('submitted', 'approved', 'returned', 'withdrawn')"
    )
    activity_report_minutes_of_a_day = Check("minutes >= 1 AND minutes <= 1440")
    activity_report_people_positive = Check("people_helped >= 0")


class ActivityTopic(Table, tablename="activity_topic"):
    """A topic that an activity was about."""

    id: Serial
    report = ForeignKey(ActivityReport, null=False, on_delete=OnDelete.cascade)
    topic = ForeignKey(Topic, null=False, on_delete=OnDelete.restrict)

    activity_topic_once = Unique(["report", "topic"])


class ActivityApproval(Table, tablename="activity_approval"):
    """Minutes and people that count (S4): as approved, effective on a day, until voided (T5)."""

    id: Serial
    report = ForeignKey(ActivityReport, null=False, on_delete=OnDelete.restrict, index=True)
    supporter = ForeignKey(Supporter, null=False, on_delete=OnDelete.restrict, index=True)
    effective_on = Date(index=True)
    minutes = Integer()
    people_helped = Integer(default=0)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=400)


class TroubleReport(Table, tablename="trouble_report"):
    """トラブル報告: reaches the coordinators at once, and stays until somebody took it up (S8)."""

    id: Serial
    supporter = ForeignKey(Supporter, null=True, on_delete=OnDelete.restrict)
    session = ForeignKey(ClassSession, null=True, on_delete=OnDelete.restrict)
    words = Text()
    submission = Varchar(length=40, null=True, default=None, unique=True)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    taken_up_at = Timestamptz(null=True, default=None)
    taken_up_by = Integer(null=True, default=None)
    outcome = Text()
