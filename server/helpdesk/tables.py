"""Desks and their contacts, call-backs, hand-overs, articles, terminals."""

from enum import StrEnum

from piccolo.columns import (
    Boolean,
    Bytea,
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

from server.accounts.tables import Account
from server.classes.tables import Booking
from server.people.tables import Person
from server.places.tables import District, Section, Venue
from server.topics.tables import Procedure, Topic


class ContactChannel(StrEnum):
    """How somebody turned to the desk."""

    phone = "phone"
    counter = "counter"
    visit = "visit"  # at a class, a salon, away from the desk
    fax = "fax"
    email = "email"


class ContactOutcome(StrEnum):
    """What became of a contact (H2)."""

    answered = "answered"  # told
    shown = "shown"  # done together, on the device
    class_booked = "class_booked"
    handed_on = "handed_on"  # to a section
    call_back = "call_back"


SOLVED_AT_ONCE = (ContactOutcome.answered, ContactOutcome.shown, ContactOutcome.class_booked)


class Stuck(StrEnum):
    """Where in a procedure the person got stuck (H2)."""

    finding = "finding"  # 探す
    identity = "identity"  # 本人確認
    entering = "entering"  # 入力
    attaching = "attaching"  # 添付
    paying = "paying"  # 支払い


class Desk(Table):
    """Where contacts are logged (窓口・係). Minutes are what a contact takes by default."""

    id: Serial
    name = Varchar(length=80, unique=True)
    section = ForeignKey(Section, null=True, on_delete=OnDelete.restrict)
    venue = ForeignKey(Venue, null=True, on_delete=OnDelete.restrict)
    phone_minutes = Integer(default=10)
    counter_minutes = Integer(default=10)
    visit_minutes = Integer(default=15)
    fax_minutes = Integer(default=10)
    email_minutes = Integer(default=10)
    position = Integer(default=0)
    archived_at = Timestamptz(null=True, default=None)
    version = Integer(default=1)

    desk_minutes_of_a_day = Check(
        "phone_minutes >= 0 AND phone_minutes <= 1440"
        " AND counter_minutes >= 0 AND counter_minutes <= 1440"
        " AND visit_minutes >= 0 AND visit_minutes <= 1440"
        " AND fax_minutes >= 0 AND fax_minutes <= 1440"
        " AND email_minutes >= 0 AND email_minutes <= 1440"
    )


class Article(Table):
    """An answer: a question, plain steps, and what only staff read (よくある質問, 回答例)."""

    id: Serial
    question = Varchar(length=200)
    steps = Text()  # one step a line
    staff_answer = Text()  # 回答例: never public
    keywords = Varchar(length=400)  # other words that people use for it
    topic = ForeignKey(Topic, null=False, on_delete=OnDelete.restrict, index=True)
    procedure = ForeignKey(Procedure, null=True, on_delete=OnDelete.restrict)
    section = ForeignKey(Section, null=True, on_delete=OnDelete.restrict)  # who answers for it
    owner = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)
    review_on = Date(null=True, default=None)  # to be looked at again by then
    public = Boolean(default=False)
    published_at = Timestamptz(null=True, default=None)
    retired_at = Timestamptz(null=True, default=None)
    search_text = Text()
    created_at = Timestamptz()
    changed_at = Timestamptz()
    version = Integer(default=1)


class ArticleEdition(Table, tablename="article_edition"):
    """What an article said after a change; the newest is what it says now."""

    id: Serial
    article = ForeignKey(Article, null=False, on_delete=OnDelete.restrict, index=True)
    number = Integer()
    question = Varchar(length=200)
    steps = Text()
    staff_answer = Text()
    changed_at = Timestamptz()
    changed_by = Integer(null=True, default=None)

    article_edition_once = Unique(["article", "number"])


class ArticlePicture(Table, tablename="article_picture"):
    """A picture beside a step of an article, made anew by us from what was sent."""

    id: Serial
    article = ForeignKey(Article, null=False, on_delete=OnDelete.restrict, index=True)
    step = Integer()  # counted from 1
    description = Varchar(length=200)  # what it shows, for whoever does not see it
    media_type = Varchar(length=20)
    width = Integer()
    height = Integer()
    digest = Varchar(length=64)  # SHA-256 of the content
    content = Bytea()
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)


class Contact(Table):
    """A helpdesk or counter contact (対応記録); `number` is 1, or a paper tally's total.

    Counted by `contacted_on` and never overwritten: a mistaken one is voided, a corrected one
    voided and entered anew with `replaces` (T5). `minutes` are those of one contact.
    """

    id: Serial
    submission = Varchar(length=40, unique=True)  # given by the page: one press enters it once
    desk = ForeignKey(Desk, null=False, on_delete=OnDelete.restrict)
    topic = ForeignKey(Topic, null=False, on_delete=OnDelete.restrict)
    procedure = ForeignKey(Procedure, null=True, on_delete=OnDelete.restrict)
    stuck = Varchar(length=12)  # "" where it is not said
    channel = Varchar(length=10)
    outcome = Varchar(length=12)
    district = ForeignKey(District, null=True, on_delete=OnDelete.restrict)  # the caller's
    age_band = Varchar(length=10)
    minutes = Integer()
    number = Integer(default=1)
    tally = Boolean(default=False)
    note = Text()
    article = ForeignKey(Article, null=True, on_delete=OnDelete.restrict, index=True)
    answer_missing = Boolean(default=False)  # no article said it
    contacted_at = Timestamptz()
    contacted_on = Date()  # the municipal date of contacted_at (T1)
    weekday = Integer()  # ISO, of contacted_on
    hour = Integer(null=True, default=None)  # on the municipality's clock; null: not known
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict, index=True)
    search_text = Text()
    replaces: "ForeignKey[Contact]" = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.restrict
    )
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)
    void_reason = Varchar(length=200)

    contact_channel_known = Check("channel IN ('phone', 'counter', 'visit', 'fax', 'email')")
    contact_outcome_known = Check(
        "outcome IN ('answered', 'shown', 'class_booked', 'handed_on', 'call_back')"
    )
    contact_stuck_known = Check(
        "stuck IN ('', 'finding', 'identity', 'entering', 'attaching', 'paying')"
    )
    contact_minutes_of_a_day = Check("minutes >= 0 AND minutes <= 1440")
    contact_number_positive = Check("number >= 1 AND (tally OR number = 1)")


class MissingSettled(Table, tablename="missing_settled"):
    """A contact that nothing answered: which article was written for it, or that none is to be."""

    id: Serial
    contact = ForeignKey(Contact, null=False, unique=True, on_delete=OnDelete.restrict)
    article = ForeignKey(Article, null=True, on_delete=OnDelete.restrict, index=True)
    settled_at = Timestamptz()
    settled_by = Integer(null=True, default=None)


class ContactBooking(Table, tablename="contact_booking"):
    """A class that was booked from a contact (H3)."""

    id: Serial
    contact = ForeignKey(Contact, null=False, on_delete=OnDelete.restrict, index=True)
    booking = ForeignKey(Booking, null=False, unique=True, on_delete=OnDelete.restrict)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)


class HandOver(Table, tablename="hand_over"):
    """A question handed to a section, and its answer when it comes back (H4)."""

    id: Serial
    contact = ForeignKey(Contact, null=False, on_delete=OnDelete.restrict, index=True)
    section = ForeignKey(Section, null=False, on_delete=OnDelete.restrict, index=True)
    question = Text()
    asked_at = Timestamptz()
    asked_by = Integer(null=True, default=None)
    submission = Varchar(length=40, null=True, default=None, unique=True)
    answer = Text()
    answered_at = Timestamptz(null=True, default=None)
    answered_by = Integer(null=True, default=None)
    seen_at = Timestamptz(null=True, default=None)  # the desk has taken the answer up
    seen_by = Integer(null=True, default=None)
    version = Integer(default=1)


class CallBack(Table, tablename="call_back"):
    """Somebody to phone again (折り返し): due at an instant, until done (H4)."""

    id: Serial
    contact = ForeignKey(Contact, null=False, on_delete=OnDelete.restrict, index=True)
    person = ForeignKey(Person, null=True, on_delete=OnDelete.restrict)
    name = Varchar(length=120)
    reading = Varchar(length=200)
    phone = Varchar(length=40)
    phone_key = Varchar(length=20, index=True)
    about = Text()
    due_at = Timestamptz(index=True)
    owner = ForeignKey(Account, null=True, on_delete=OnDelete.restrict)  # null: whoever is there
    submission = Varchar(length=40, null=True, default=None, unique=True)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    done_at = Timestamptz(null=True, default=None)
    done_by = Integer(null=True, default=None)
    outcome = Text()
    version = Integer(default=1)


class AttemptResult(StrEnum):
    """What came of one try to phone somebody back."""

    reached = "reached"
    no_answer = "no_answer"
    busy = "busy"
    message_left = "message_left"
    wrong_number = "wrong_number"


class CallAttempt(Table, tablename="call_attempt"):
    """One try to phone somebody back. Whoever noted it by mistake voids it."""

    id: Serial
    call_back = ForeignKey(CallBack, null=False, on_delete=OnDelete.restrict, index=True)
    result = Varchar(length=14)
    note = Text()
    attempted_at = Timestamptz()
    attempted_by = Integer(null=True, default=None)
    submission = Varchar(length=40, null=True, default=None, unique=True)
    voided_at = Timestamptz(null=True, default=None)

    call_attempt_result_known = Check(
        "result IN ('reached', 'no_answer', 'busy', 'message_left', 'wrong_number')"
    )


class Terminal(Table):
    """A public device for people who have none (窓口端末)."""

    id: Serial
    name = Varchar(length=80)
    number = Varchar(length=40, null=True, default=None, unique=True)  # 備品番号
    venue = ForeignKey(Venue, null=False, on_delete=OnDelete.restrict)
    place = Varchar(length=120)  # where in the building
    placed_on = Date()
    removed_on = Date(null=True, default=None)
    version = Integer(default=1)


class HelpedBy(StrEnum):
    """Who helped somebody at a terminal."""

    nobody = "nobody"
    staff = "staff"
    supporter = "supporter"
    companion = "companion"  # who came along


class TerminalUse(Table, tablename="terminal_use"):
    """One use of a terminal (H7). A mistaken one is voided."""

    id: Serial
    terminal = ForeignKey(Terminal, null=False, on_delete=OnDelete.restrict, index=True)
    procedure = ForeignKey(Procedure, null=True, on_delete=OnDelete.restrict)
    finished = Boolean()
    minutes = Integer()
    helped_by = Varchar(length=10)
    used_at = Timestamptz()
    used_on = Date(index=True)  # the municipal date of used_at (T1)
    submission = Varchar(length=40, unique=True)
    recorded_at = Timestamptz()
    recorded_by = Integer(null=True, default=None)
    voided_at = Timestamptz(null=True, default=None)
    voided_by = Integer(null=True, default=None)

    terminal_use_helped_by_known = Check(
        "helped_by IN ('nobody', 'staff', 'supporter', 'companion')"
    )
    terminal_use_minutes_of_a_day = Check("minutes >= 0 AND minutes <= 1440")
