"""What is kept of a contact by its key, in words: way, outcome, stuck, age, weekday (H1, H2)."""

from collections.abc import Mapping
from typing import Any

from server.classes.tables import AgeBand
from server.helpdesk.tables import ContactChannel, ContactOutcome, Stuck
from server.refusals import N_
from server.web.words import gettext as _

Row = dict[str, Any]

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
STUCK_WORDS = {
    Stuck.finding: N_("Finding it"),
    Stuck.identity: N_("Proving who one is"),
    Stuck.entering: N_("Filling it in"),
    Stuck.attaching: N_("Attaching papers"),
    Stuck.paying: N_("Paying"),
}
AGE_WORDS = {
    AgeBand.under_60: N_("under 60"),
    AgeBand.sixties: N_("60 to 69"),
    AgeBand.seventies: N_("70 to 79"),
    AgeBand.eighties: N_("80 to 89"),
    AgeBand.over_90: N_("90 or older"),
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
_WORDS: dict[Any, str] = {**CHANNEL_WORDS, **OUTCOME_WORDS, **STUCK_WORDS, **AGE_WORDS}


def in_words(row: Row) -> Row:
    """The row with what its way, outcome, stuck and age are called on the screen."""
    return row | {
        "channel_words": word(row["channel"]),
        "outcome_words": word(row["outcome"]),
        "stuck_words": word(row["stuck"]),
        "age_words": word(row["age_band"]),
    }


def word(key: str) -> str:
    """A channel, an outcome, where somebody got stuck or an age, in words; nothing for nothing."""
    return _(_WORDS[key]) if key else ""


def pairs(words: Mapping[Any, str]) -> list[tuple[str, str]]:
    """Each key with its words, as a form offers them."""
    return [(str(key), _(said)) for key, said in words.items()]
