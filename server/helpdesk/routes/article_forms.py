"""What is typed about an article and its pictures: shape only."""

from collections.abc import Iterable
from datetime import date
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import BooleanField, DateField, IntegerField, SelectField, TextAreaField
from wtforms.validators import Optional

from server import clock
from server.helpdesk import articles
from server.helpdesk.articles import ArticleFacts
from server.web.addresses import whole
from server.web.fields import line
from server.web.forms import Form, Required, choices, no_longer_than, no_my_number
from server.web.versions import MergingForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

A_YEAR = 365  # days until an article is to be looked at again


class ArticleForm(MergingForm):
    """An article; what it may belong to is offered by `offer`."""

    question = line(
        _("Question"),
        200,
        Required(),
        autocomplete="off",
        description=_("As a resident would ask it."),
    )
    topic = SelectField(_("Topic"), [Required()], coerce=whole)
    procedure = SelectField(_("Procedure"), coerce=whole)
    steps = TextAreaField(
        _("Steps"),
        [no_longer_than(4000)],
        description=_("One step a line, in plain words. They are numbered by themselves."),
        render_kw={"rows": 8},
    )
    public = BooleanField(_("Residents may read the question and the steps"))
    staff_answer = TextAreaField(
        _("Answer for staff"),
        [no_longer_than(4000)],
        description=_("What only staff read: how to say it, what to check, whom to ask."),
        render_kw={"rows": 5},
    )
    keywords = line(
        _("Other words for it"),
        400,
        autocomplete="off",
        description=_("Words that people use when they look for it."),
    )
    section = SelectField(_("Section that answers for it"), coerce=whole)
    owner = SelectField(_("Who looks after it"), coerce=whole)
    review_on = DateField(
        _("To be looked at again by"),
        [Optional()],
        render_kw={"data-width": "m", "min": "2000-01-01", "max": "2100-12-31"},
    )

    about: ClassVar = {
        articles.SAID_ALREADY: "question",
        articles.NOTHING_SAID: "steps",
        articles.NOTHING_PUBLIC: "steps",
        articles.NOT_TO_COME: "review_on",
    }

    def __init__(
        self,
        formdata: FormMultiDict | None,
        data: Row | None = None,
        *,
        offered: dict[str, list[tuple[int, str]]],
    ) -> None:
        """Take what was posted; else the article as it stands, or what a draft begins with."""
        super().__init__(formdata, data=data)
        for field in (self.topic, self.procedure, self.section, self.owner):
            nothing = ("", _("Please choose") if field.name == "topic" else _("None"))
            known = [(str(row), words) for row, words in offered[field.name]]
            field.choices = choices([nothing, *known])
        if formdata is None:
            self.remember()

    def facts(self) -> ArticleFacts:
        """The article as the rule takes it; valid fields only."""
        return ArticleFacts(
            question=self.typed("question"),
            steps="\n".join(_lines(self.typed("steps"))),
            staff_answer=self.typed("staff_answer"),
            keywords=self.typed("keywords"),
            topic_id=self.topic.data,
            procedure_id=self.procedure.data,
            section_id=self.section.data,
            owner_id=self.owner.data,
            review_on=self.review_on.data,
            public=bool(self.public.data),
        )


def _lines(words: str) -> Iterable[str]:
    """Every line that says something: an empty line is no step."""
    return [each.strip() for each in words.splitlines() if each.strip()]


class PictureForm(Form):
    """A picture beside a step; the file itself is read by the route."""

    step = IntegerField(
        _("Beside step"), [Required()], render_kw={"data-width": "s", "min": 1, "max": 999}
    )
    description = line(
        _("What the picture shows"),
        200,
        Required(),
        no_my_number,
        autocomplete="off",
        description=_("For whoever does not see it. For example: the button is at the top right."),
    )


def next_review() -> date:
    """The day that an article which was looked at today is looked at again."""
    return date.fromordinal(clock.today().toordinal() + A_YEAR)


def state_words(article: Row) -> str:
    """Where an article stands."""
    if article["retired_at"] is not None:
        return gettext("Retired")
    return gettext("Draft") if article["published_at"] is None else gettext("Published")
