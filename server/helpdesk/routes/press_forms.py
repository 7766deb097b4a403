"""One press of the desk's button: the contact, and what is promised along with it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from litestar.datastructures import FormMultiDict
from wtforms import Field

from server import notes, text
from server.helpdesk import due_times
from server.helpdesk.call_backs import CallBackFacts
from server.helpdesk.routes.call_back_forms import CallBackForm, TellForm
from server.helpdesk.routes.desk_forms import DeskForm
from server.helpdesk.routes.due_forms import SOON
from server.helpdesk.routes.hand_over_forms import HandOverForm
from server.helpdesk.tables import ContactOutcome
from server.refusals import Refused
from server.web.words import gettext

# The fields that may hold a My Number, by what the rule says of it (H1).
HOLDERS = {
    notes.HOLDS_MY_NUMBER: ("note", "about", "question"),
    notes.NAME_HOLDS_MY_NUMBER: ("name",),
}


@dataclass(frozen=True)
class DeskForms:
    """The contact with the call-back or the hand-over that its outcome asks for, as one form.

    With a hand-over goes who is told what the section answers, where somebody is.
    """

    contact: DeskForm
    call_back: CallBackForm
    hand_over: HandOverForm
    tell: TellForm

    @classmethod
    def posted(cls, formdata: FormMultiDict) -> "DeskForms":
        """What was sent from a desk."""
        return cls(
            DeskForm(formdata),
            CallBackForm(formdata),
            HandOverForm(formdata),
            TellForm(formdata, prefix="tell"),
        )

    @classmethod
    def begun(cls, known: Mapping[str, Any], owner: str = "") -> "DeskForms":
        """A new contact of which this is known; calls back are the owner's."""
        own = {"owner": owner}
        return cls(
            DeskForm(data=known),
            CallBackForm(data=own),
            HandOverForm(),
            TellForm(data=own, prefix="tell"),
        )

    def asked(self) -> list[Any]:
        """The forms that count for the outcome that was chosen."""
        outcome = self.contact.outcome.data
        further: list[Any] = [self.call_back] if outcome == ContactOutcome.call_back else []
        further += [self.hand_over, self.tell] if outcome == ContactOutcome.handed_on else []
        return [self.contact, *further]

    def promised(self) -> CallBackFacts | None:
        """The call-back that is promised along with the contact; None where none is."""
        outcome = self.contact.outcome.data
        told = outcome == ContactOutcome.handed_on and self.tell.wanted
        if not told and outcome != ContactOutcome.call_back:
            return None
        form = self.tell if told else self.call_back
        since = self.contact.saved_at
        facts = replace(form.facts(), waited_since=since)
        return replace(facts, due_at=due_times.soon(since)) if form.due.data == SOON else facts

    def validate(self) -> bool:
        """Check the shape of what counts; every field says what is wrong with it."""
        wrong = [form for form in self.asked() if not form.validate()]
        return not wrong

    @property
    def errors(self) -> dict[str | None, Any]:
        """What is wrong, by field, as an error summary asks for it."""
        found: dict[str | None, Any] = {}
        for form in self.asked():
            found = {**form.errors, **found}
        return found

    @property
    def refusals(self) -> list[str]:
        """What rules said no to."""
        return self.contact.refusals

    def refuse(self, refused: Refused) -> None:
        """Show a rule's refusal; that of a My Number beside the text in which it stands (H1)."""
        for form in self.asked():
            for name in HOLDERS.get(refused.msgid, ()):
                if name in form and text.holds_my_number(form.typed(name)):
                    form.refuse(refused, name)
                    return
        self.contact.refuse(refused)

    def first_wrong(self) -> str:
        """The name of the first field with something wrong; "" where it is none of one."""
        return next((str(self[name].name) for name in self.errors if name), "")

    def words(self) -> str:
        """Everything that is wrong, in one text."""
        return " ".join([*self.refusals, *self._labelled()])

    def _labelled(self) -> Iterator[str]:
        for name, messages in self.errors.items():
            if name:
                label = gettext(str(self[name].label.text))
                words = gettext("%(label)s: %(message)s")
                yield words % {"label": label, "message": messages[0]}

    def __getitem__(self, name: str) -> Field:
        """The field of a name, of whichever form."""
        found: Field = next(form[name] for form in self.asked() if name in form)
        return found
