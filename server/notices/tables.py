"""The outbox and the call list."""

from enum import StrEnum
from typing import Any

from piccolo.columns import JSON, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Check
from piccolo.table import Table

from server.people.tables import Person

CALLING_OFF = ("session.called_off", "course.called_off")


def subject_kind(facts: dict[str, Any]) -> str:
    """What a notice's subject is: a booking, unless its facts say otherwise."""
    return str(facts.get("about", "booking"))


class NoticeChannel(StrEnum):
    """How a notice reaches the person; a phone notice is a line on the call list."""

    phone = "phone"
    email = "email"
    fax = "fax"
    post = "post"


class Notice(Table):
    """One message to one person about one occasion by one channel (B10).

    `facts` are the plain values that the words are made of; `subject_id` is the id of the booking,
    or of what else `facts` say that it is about.
    """

    id: Serial
    person = ForeignKey(Person, null=False, on_delete=OnDelete.restrict)
    occasion = Varchar(length=40)
    channel = Varchar(length=10)
    address = Text()  # the number or address given, as typed
    language = Varchar(length=10, default="ja")
    facts = JSON(default="{}")
    subject_id = Integer(null=True, default=None, index=True)
    recorded_at = Timestamptz()
    told_at = Timestamptz(null=True, default=None)
    told_by = Integer(null=True, default=None)
    withdrawn_at = Timestamptz(null=True, default=None)  # nothing to be told any more

    notice_channel_known = Check("channel IN ('phone', 'email', 'fax', 'post')")
