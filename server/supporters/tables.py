"""Supporters, their applications, dated stages and papers; outside lecturers."""

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
from piccolo.constraints import Check
from piccolo.table import Table

from server.people.tables import Person
from server.places.tables import District


class Stage(StrEnum):
    """How far a supporter has come (S1), in this order."""

    applied = "applied"
    in_training = "in_training"
    completed = "completed"
    registered = "registered"
    active = "active"
    resting = "resting"
    withdrawn = "withdrawn"


class Basis(StrEnum):
    """What a stage rests on."""

    rule = "rule"  # reached in Tonari
    migration = "migration"  # 移行: from before Tonari, without training records


class ApplicationState(StrEnum):
    """What became of an application to be a supporter."""

    received = "received"
    accepted = "accepted"
    declined = "declined"


class CredentialKind(StrEnum):
    """A dated paper of a supporter (S8)."""

    pledge = "pledge"  # 誓約書
    insurance = "insurance"  # ボランティア保険
    promotion_member = "promotion_member"  # デジタル推進委員
    qualification = "qualification"  # any other


class SignUp(StrEnum):
    """Who fills the places at a session (S3)."""

    supporters = "supporters"
    coordinators = "coordinators"
    both = "both"


class Weekday(StrEnum):
    """When somebody can help: half days of the week are kept as `mon_am`, `sat_pm`."""

    mon = "mon"
    tue = "tue"
    wed = "wed"
    thu = "thu"
    fri = "fri"
    sat = "sat"
    sun = "sun"


class Supporter(Table):
    """A volunteer: one person who applied, or came in by import. Stages tell how far."""

    id: Serial
    person = ForeignKey(Person, null=False, unique=True, on_delete=OnDelete.restrict)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict, index=True)
    phone = Varchar(length=40)
    email = Varchar(length=254)
    fax = Varchar(length=40)
    postcode = Varchar(length=20)
    address = Varchar(length=300)
    languages = Varchar(length=120)  # codes, comma between: ja, en, pt, sign
    devices = Varchar(length=60)  # android, iphone, pc: those the supporter knows
    days = Varchar(length=120)  # half days, comma between: mon_am … sun_pm
    note = Text()  # the coordinator's own
    may_lead = Boolean(default=False)
    badge_number = Varchar(length=20, null=True, default=None, unique=True)
    created_at = Timestamptz()
    version = Integer(default=1)


class SupporterApplication(Table, tablename="supporter_application"):
    """One application as it was typed, and what the city decided."""

    id: Serial
    supporter = ForeignKey(Supporter, null=False, on_delete=OnDelete.restrict, index=True)
    state = Varchar(length=10, default=ApplicationState.received)
    name = Varchar(length=120)
    reading = Varchar(length=200)
    birth_on = Date()
    phone = Varchar(length=40)
    email = Varchar(length=254)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)
    languages = Varchar(length=120)
    devices = Varchar(length=60)
    days = Varchar(length=120)
    why = Text()
    submission = Varchar(length=40, null=True, default=None, unique=True)
    applied_at = Timestamptz()
    applied_on = Date()
    decided_at = Timestamptz(null=True, default=None)
    decided_by = Integer(null=True, default=None)
    message = Text()

    supporter_application_state_known = Check("state IN ('received', 'accepted', 'declined')")
    supporter_application_decided = Check("(state = 'received') = (decided_at IS NULL)")


class SupporterStage(Table, tablename="supporter_stage"):
    """A stage that was reached on a day (S1). A mistaken step is voided, never deleted (T5)."""

    id: Serial
    supporter = ForeignKey(Supporter, null=False, on_delete=OnDelete.restrict, index=True)
    stage = Varchar(length=12)
    effective_on = Date(index=True)  # the municipal date that decides the fiscal year (T1)
    basis = Varchar(length=10, default=Basis.rule)
    reason = Varchar(length=200)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    supporter_stage_known = Check(
        "stage IN ('applied', 'in_training', 'completed', 'registered', 'active', 'resting',"
        " 'withdrawn')"
    )
    supporter_stage_basis_known = Check("basis IN ('rule', 'migration')")


class Credential(Table):
    """A pledge, an insurance or a qualification, valid from a day until a day (null: no end)."""

    id: Serial
    supporter = ForeignKey(Supporter, null=False, on_delete=OnDelete.restrict, index=True)
    kind = Varchar(length=20)
    name = Varchar(length=120)  # of a qualification; the policy of an insurance
    valid_from = Date()
    valid_until = Date(null=True, default=None)
    submission = Varchar(length=40, null=True, default=None)  # one press of the button
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    credential_kind_known = Check(
        "kind IN ('pledge', 'insurance', 'promotion_member', 'qualification')"
    )
    credential_in_order = Check("valid_until IS NULL OR valid_from <= valid_until")


class Lecturer(Table):
    """Somebody from outside who teaches: counts for staffing, never as trained."""

    id: Serial
    name = Varchar(length=120)
    reading = Varchar(length=200)
    organisation = Varchar(length=120)
    phone = Varchar(length=40)
    archived_at = Timestamptz(null=True, default=None)


class Scheme(Table):
    """How the city runs its supporters: at most one row; without it the defaults hold."""

    id: Serial
    counted_stage = Varchar(length=12, default=Stage.completed)  # counts as 養成 (S1)
    sign_up = Varchar(length=12, default=SignUp.both)  # (S3)
    leave_days = Integer(default=3)  # until so many days before, a supporter leaves by herself
    participants_per_helper = Integer(default=4)  # (C1)
    short_days = Integer(default=14)  # so many days ahead a session short of people is shown
    expiry_days = Integer(default=60)  # so many days ahead a paper about to expire is shown
    home_visits = Boolean(default=False)  # (S8)
    issuer = Varchar(length=80)  # who signs the certificate: 四日市市長
    version = Integer(default=1)

    scheme_counted_stage_known = Check("counted_stage IN ('completed', 'registered', 'active')")
    scheme_sign_up_known = Check("sign_up IN ('supporters', 'coordinators', 'both')")
    scheme_numbers_positive = Check(
        "leave_days >= 0 AND participants_per_helper >= 1 AND short_days >= 1 AND expiry_days >= 0"
    )
