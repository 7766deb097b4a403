"""By when somebody is called back, and by whom: shape only."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from wtforms import DateField, RadioField, SelectField, TimeField
from wtforms.validators import Optional

from server import clock, text
from server.helpdesk import call_list, due_times
from server.web.addresses import row_id
from server.web.dates import clock_words, day_short, moment
from server.web.fields import year_between
from server.web.forms import Form, Required, choices
from server.web.words import current_locale, gettext
from server.web.words import lazy as _

Row = dict[str, Any]
Pairs = list[tuple[str, str]]

OTHER = "other"
SOON = "soon"  # an hour from when the button is pressed
FIRST_YEAR, LAST_YEAR = 2001, 2999  # have hours everywhere: the very first and last have none

near_year = year_between(FIRST_YEAR, LAST_YEAR)


async def due_options() -> Pairs:
    """When somebody may be called back, as values and words, soonest first.

    A value is an instant, but for "soon": it means so on a page that stays open all day too.
    """
    return [
        (SOON if key == SOON else due.isoformat(), _due_words(key, due))
        for key, due in await due_times.choices()
    ]


def read_due(value: str) -> datetime | None:
    """The instant of an option; None for nonsense."""
    if value == SOON:
        return due_times.soon()
    try:
        due = datetime.fromisoformat(value)
    except ValueError:
        return None
    return due if due.tzinfo is not None and FIRST_YEAR <= due.year <= LAST_YEAR else None


def _due_words(key: str, due: datetime) -> str:
    hour = clock.local(due).time()
    said = text.hour_words(hour) if current_locale() == "ja" else clock_words(hour)
    known = {"day": day_short(due), "hour": said}
    if key == SOON:
        return gettext("Within an hour")
    if key == "today":
        return gettext("Today (by %(hour)s)") % known
    if key == "morning":
        return gettext("In the morning of %(day)s") % known
    return gettext("On %(day)s (by %(hour)s)") % known


class DueForm(Form):
    """By when, as one of the usual times or another day and hour; and who sees to it."""

    due = RadioField(
        _("Call back by"),
        [Required()],
        validate_choice=False,
        description=_("Days on which the reception is closed are not among these."),
    )
    due_day = DateField(_("Day of the call"), [Optional(), near_year])
    due_hour = TimeField(_("Hour of the call"), [Optional()])
    owner = SelectField(_("Who calls"), validate_choice=False)

    def offer(self, dues: Pairs, owners: Sequence[Row]) -> None:
        """Offer these times and these people, and what was chosen before, whatever it is."""
        chosen = str(self.due.data or "")
        known = {value for value, _words in dues}
        due = read_due(chosen)
        if due is not None and chosen not in known:
            words = gettext("Within an hour") if chosen == SOON else moment(due)
            dues = [(chosen, words), *dues]
        self.due.choices = choices([*dues, (OTHER, gettext("Another day and hour"))])
        people = [(str(row["id"]), row["name"]) for row in owners]
        self.owner.choices = choices([("", gettext("Whoever is there")), *people])

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse another time without its day and hour, and what is no time at all."""
        sound = super().validate(extra_validators)
        if self.due.data == OTHER:
            for each in (self.due_day, self.due_hour):
                if each.data is None and not each.errors:
                    each.errors = [gettext("Please fill this in.")]
        elif not self.due.errors and self.due_at is None:
            self.due.errors = [gettext("Not a valid choice.")]
        return sound and not self.errors

    @property
    def due_at(self) -> datetime | None:
        """The instant that was chosen."""
        if self.due.data != OTHER:
            return read_due(str(self.due.data or ""))
        if self.due_day.data is None or self.due_hour.data is None:
            return None
        return clock.at(self.due_day.data, self.due_hour.data)

    @property
    def owner_id(self) -> int | None:
        """The account that was chosen; 0, which nobody has, for nonsense."""
        return row_id(self.owner.data)


async def offered(form: Any) -> Any:
    """The form, with the times and people that may be chosen."""
    form.offer(await due_options(), await call_list.owners())
    return form
