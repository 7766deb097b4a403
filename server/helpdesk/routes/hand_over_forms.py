"""What is typed about hand-overs: shape only."""

from collections.abc import Sequence
from typing import Any

from wtforms import SelectField, TextAreaField

from server.web.fields import PressedForm
from server.web.forms import Required, choices
from server.web.versions import VersionedForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]


class HandOverForm(PressedForm):
    """Which section is asked what."""

    section = SelectField(_("Section"), [Required()], coerce=str)
    question = TextAreaField(_("Question"), [Required()])

    def offer(self, sections: Sequence[Row]) -> None:
        """Offer these sections."""
        pairs = [(str(row["id"]), row["name"]) for row in sections]
        self.section.choices = choices([("", gettext("Please choose")), *pairs])


class AnswerForm(VersionedForm):
    """The answer of a section."""

    answer = TextAreaField(_("Answer"), [Required()])
