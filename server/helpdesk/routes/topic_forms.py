"""What is typed about topics and procedures: its shape only."""

from collections.abc import Iterable
from typing import Any, ClassVar

from litestar.datastructures import FormMultiDict
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import NumberRange, Optional, ValidationError

from server.refusals import N_
from server.topics import masters, procedures, topics
from server.topics.procedures import ProcedureFacts
from server.topics.topics import TopicFacts
from server.web.addresses import row_id, whole
from server.web.fields import day_field, kana_only, line
from server.web.forms import Form, Required, choices
from server.web.versions import MergingForm, VersionedForm
from server.web.words import gettext
from server.web.words import lazy as _

Row = dict[str, Any]

LAST_POSITION = 9999


def _code_shape(_form: Form, field: Field) -> None:
    field.data = masters.code_key(field.data or "")
    if field.data and not masters.is_code(field.data):
        raise ValidationError(gettext(masters.NO_CODE))


def _code() -> StringField:
    description = N_("In letters and digits, as in your files. Left empty, it is given by itself.")
    return line(
        N_("Code in files"),
        masters.LONGEST_CODE,
        _code_shape,
        autocomplete="off",
        description=description,
    )


def _position() -> IntegerField:
    most = _("Please write a number from %(min)s to %(max)s.")
    return IntegerField(
        N_("Order"),
        [Required(), NumberRange(0, LAST_POSITION, message=most)],
        description=N_("Small numbers come first."),
        render_kw={"data-width": "s", "min": 0, "max": LAST_POSITION},
    )


def _one_of(label: str, description: str = "") -> SelectField:
    """A choice among rows; the rule knows what to say of one that is there no longer."""
    return SelectField(label, description=description, validate_choice=False)


class _TopicOrProcedureForm(MergingForm):
    """What both have: a code that is asked only for a new one."""

    def __init__(self, formdata: FormMultiDict | None, known: Row, *, new: bool) -> None:
        """Take what was posted, else `known`; the row's ids as texts, none as empty."""
        super().__init__(formdata, data=known)
        if not new:
            del self["code"]

    def _offer(self, field: str, nothing: str, rows: Iterable[Row]) -> None:
        pairs = [(str(row["id"]), row["name"]) for row in rows]
        chosen: Any = self[field]
        chosen.choices = choices([("", nothing), *pairs])


class TopicForm(_TopicOrProcedureForm):
    """A topic; `parents` are those that it may stand under."""

    name = line(N_("Name of the topic"), 80, Required(), autocomplete="off")
    parent = _one_of(N_("Stands under"))
    position = _position()
    code = _code()

    about: ClassVar = {
        masters.CODE_TAKEN: "code",
        masters.NAME_TAKEN: "name",
        topics.TOO_DEEP: "parent",
        topics.HAS_SOME_UNDER: "parent",
        topics.PARENT_NOT_IN_USE: "parent",
    }

    def __init__(
        self,
        formdata: FormMultiDict | None,
        parents: Iterable[Row],
        known: Row,
        *,
        new: bool = False,
    ) -> None:
        """Take what was posted; else the topic as it stands, or what mostly fits a new one."""
        super().__init__(formdata, known | {"parent": str(known.get("parent") or "")}, new=new)
        self._offer("parent", gettext("At the top"), parents)
        if formdata is None:
            self.remember()

    def facts(self) -> TopicFacts:
        """What was typed, once it is valid."""
        return TopicFacts(
            name=self.typed("name"),
            parent_id=row_id(self.typed("parent")),
            position=self.data["position"],
            code=self.typed("code") if "code" in self else "",
        )


class ProcedureForm(_TopicOrProcedureForm):
    """A procedure; the choices are the topics in use and the sections of the city."""

    name = line(N_("Name of the procedure"), 120, Required(), autocomplete="off")
    reading = line(
        N_("Reading"),
        200,
        Optional(),
        kana_only,
        autocomplete="off",
        description=N_("In hiragana or katakana. By it the list is sorted and found."),
    )
    topic = _one_of(N_("Topic"), N_("The topic under which it is offered first."))
    section = _one_of(N_("Section in charge"))
    address = line(
        N_("Address on the web"),
        500,
        autocomplete="off",
        description=N_("Where it is done online, beginning with https or http."),
    )
    online_since = day_field(N_("Online since"), Optional(), first=masters.EARLIEST)
    position = _position()
    code = _code()

    about: ClassVar = {
        masters.CODE_TAKEN: "code",
        masters.NAME_TAKEN: "name",
        procedures.NO_ADDRESS: "address",
        procedures.NO_SECTION: "section",
        masters.OFFERED_INSTEAD: "topic",
        masters.NOT_OFFERED: "topic",
    }

    def __init__(
        self,
        formdata: FormMultiDict | None,
        offered: Iterable[Row],
        sections: Iterable[Row],
        known: Row,
        *,
        new: bool = False,
    ) -> None:
        """Take what was posted; else the procedure as it stands, or what mostly fits a new one."""
        ids = {name: str(known.get(name) or "") for name in ("topic", "section")}
        super().__init__(formdata, known | ids, new=new)
        self._offer("topic", gettext("None"), offered)
        self._offer("section", gettext("None"), sections)
        if formdata is None:
            self.remember()

    def facts(self) -> ProcedureFacts:
        """What was typed, once it is valid."""
        return ProcedureFacts(
            name=self.typed("name"),
            reading=self.typed("reading"),
            topic_id=row_id(self.typed("topic")),
            section_id=row_id(self.typed("section")),
            address=self.typed("address"),
            online_since=self.data["online_since"],
            position=self.data["position"],
            code=self.typed("code") if "code" in self else "",
        )


class RetirementForm(VersionedForm):
    """From which day something is no longer offered."""

    retired_on = day_field(
        N_("No longer offered from"),
        Required(),
        first=masters.EARLIEST,
        description=N_("Whoever logs a contact cannot choose it from this day on."),
    )

    about: ClassVar = {masters.RETIRED_BEFORE: "retired_on"}


class MergingIntoForm(VersionedForm):
    """Which one it is to count with; `confirmed` is the one whose effect was shown."""

    into = SelectField(N_("Count it with"), [Required()], validate_choice=False)
    confirmed = HiddenField()

    about: ClassVar = {
        masters.INTO_ITSELF: "into",
        masters.OFFERED_INSTEAD: "into",
        masters.NOT_OFFERED: "into",
    }

    def __init__(self, formdata: FormMultiDict | None, others: Iterable[Row], version: int) -> None:
        """Take what was posted; `others` are those in use."""
        super().__init__(formdata, data={"version": version})
        pairs = [(str(row["id"]), row["name"]) for row in others]
        self.into.choices = choices([("", _("Please choose")), *pairs])

    @property
    def into_id(self) -> int:
        """The chosen one; 0, which there is none of, for nonsense."""
        return whole(self.typed("into")) or 0
