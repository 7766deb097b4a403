"""What the figures of contacts are called on the screen and in files."""

from datetime import date
from typing import Any

from server.helpdesk.learning import Dimension
from server.helpdesk.tables import ContactChannel, ContactOutcome, Stuck
from server.refusals import N_
from server.web import dates
from server.web.words import gettext as _

Row = dict[str, Any]

STUCK_WORDS = {
    Stuck.finding: N_("Finding it"),
    Stuck.identity: N_("Proving who one is"),
    Stuck.entering: N_("Filling it in"),
    Stuck.attaching: N_("Attaching papers"),
    Stuck.paying: N_("Paying"),
}
CHANNEL_WORDS = {
    ContactChannel.phone: N_("By phone"),
    ContactChannel.counter: N_("At the counter"),
    ContactChannel.visit: N_("Away from the desk, at a class"),
    ContactChannel.fax: N_("By fax"),
    ContactChannel.email: N_("By mail"),
}
OUTCOME_WORDS = {
    ContactOutcome.answered: N_("Answered"),
    ContactOutcome.shown: N_("Shown on the device"),
    ContactOutcome.class_booked: N_("Booked a class"),
    ContactOutcome.handed_on: N_("Handed on to the section"),
    ContactOutcome.call_back: N_("To be called back"),
}
WEEKDAY_WORDS = {
    1: N_("Monday"),
    2: N_("Tuesday"),
    3: N_("Wednesday"),
    4: N_("Thursday"),
    5: N_("Friday"),
    6: N_("Saturday"),
    7: N_("Sunday"),
}
HEADINGS = {
    Dimension.topic: N_("Topic"),
    Dimension.procedure: N_("Procedure"),
    Dimension.stuck: N_("Where people got stuck"),
    Dimension.channel: N_("How they turned to us"),
    Dimension.outcome: N_("Outcome of the contact"),
    Dimension.desk: N_("Desk"),
    Dimension.district: N_("District"),
    Dimension.weekday: N_("Weekday"),
    Dimension.hour: N_("Hour of the day"),
    Dimension.times: N_("Weekday and hour"),
    Dimension.month: N_("Month"),
}
_WORDS: dict[str, str] = {
    str(key): words
    for each in (STUCK_WORDS, CHANNEL_WORDS, OUTCOME_WORDS)
    for key, words in each.items()
}


def heading(by: Dimension) -> str:
    """What the lines are."""
    return _(HEADINGS[by])


def key_words(by: Dimension, row: Row) -> str:
    """What a line of `learning.counts` is about."""
    key = row["key"]
    if by is Dimension.times:
        return f"{_(WEEKDAY_WORDS[key[0]])} {hour_words(key[1])}"
    if key is None or key == "":
        return _("Hour not known") if by is Dimension.hour else _("Not said")
    if isinstance(key, date):
        return dates.month(key)
    if by is Dimension.weekday:
        return _(WEEKDAY_WORDS[key])
    if by is Dimension.hour:
        return hour_words(key)
    return row["name"] or _(_WORDS[str(key)])


def hour_words(hour: int | None) -> str:
    """10時台: the hour that begins at ten."""
    return _("Hour not known") if hour is None else _("from {hour}:00").format(hour=hour)


def word(key: str) -> str:
    """A channel, an outcome or where somebody got stuck, in words; nothing for nothing."""
    return _(_WORDS[key]) if key else ""


def rate_words(rate: float | None) -> str:
    """68.4; nothing of nothing, never 0."""
    return "" if rate is None else f"{rate:.1f}"
