"""What every free text of the helpdesk keeps to, said beside its field (H1)."""

from typing import Any

from wtforms import Field
from wtforms.validators import ValidationError

from server.helpdesk import contacts
from server.refusals import Refused
from server.web.saying import say

LARGEST_BODY = 2 * 1024 * 1024  # bytes: even a far too long text is given back


def no_my_number(_form: Any, field: Field) -> None:
    """The field holds no My Number and is not too long; the rules refuse it as well."""
    try:
        contacts.check_note(field.data or "")
    except Refused as refused:
        raise ValidationError(say(refused)) from refused
