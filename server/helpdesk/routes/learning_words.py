"""What the figures of contacts are called on the screen and in files."""

from datetime import date
from typing import Any

from server.helpdesk.learning import Dimension
from server.helpdesk.routes.contact_words import WEEKDAY_WORDS, word
from server.refusals import N_
from server.web import dates
from server.web.words import gettext as _

Row = dict[str, Any]

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
    return row["name"] or word(key)


def hour_words(hour: int | None) -> str:
    """10時台: the hour that begins at ten."""
    return _("Hour not known") if hour is None else _("from {hour}:00").format(hour=hour)


def rate_words(rate: float | None) -> str:
    """68.4; nothing of nothing, never 0."""
    return "" if rate is None else f"{rate:.1f}"
