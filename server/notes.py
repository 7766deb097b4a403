"""Free text that staff write: not too long, and never a My Number in it (H1)."""

from server import text
from server.refusals import N_, Refused

LONGEST = 4000  # characters
TOO_LONG = N_("Please use at most {number} characters.")
HOLDS_MY_NUMBER = N_(
    "This holds a My Number, which must not be written down here. Please take the twelve digits"
    " out and save again."
)
NAME_HOLDS_MY_NUMBER = N_(
    "The name holds a My Number, which must not be written down here. Please take the twelve"
    " digits out and save again."
)


def check(words: str) -> None:
    """Refused for more than 4,000 characters, and for a valid My Number (H1)."""
    if len(words) > LONGEST:
        raise Refused(TOO_LONG, number=LONGEST)
    if text.holds_my_number(words):
        raise Refused(HOLDS_MY_NUMBER)


def check_name(name: str) -> None:
    """Refused for a valid My Number in a name (H1)."""
    if text.holds_my_number(name):
        raise Refused(NAME_HOLDS_MY_NUMBER)
