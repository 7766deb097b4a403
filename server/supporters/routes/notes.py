"""Notes after a change, and the days of supporters as their pages say them."""

from litestar import Response

from server.supporters.forms import PAPER_WORDS, STAGE_WORDS
from server.supporters.tables import CredentialKind, Stage
from server.web.pages import see_other
from server.web.words import lazy as _

NOTES = {
    "saved": _("Saved."),
    "merged_changes": _("Saved. What somebody else changed in the meantime has been kept."),
    "corrected": _("Corrected."),
    "reached": _("The stage is entered."),
    "certified": _("Completed. The certificate is ready to be printed."),
    "undone": _("The step is undone. It no longer counts."),
    "paper_added": _("The paper is entered."),
    "paper_voided": _("The paper is taken back."),
    "record_added": _("The record is entered."),
    "record_voided": _("The record is taken back. It no longer counts."),
    "moved": _("Moved to the newest edition. What has been done counts on."),
    "merged": _("The two are one person from now on."),
    "parted": _("The two are two persons again."),
    "added": _("Added to the list."),
    "archived": _("Taken off the list."),
}


def done(path: str, note: str) -> Response[str]:
    """Go on to a page that says what has been done."""
    return see_other(f"{path}?done={note}")


def stage_words(stage: str | None) -> str:
    """A stage as the screen says it; nothing where there is none."""
    return str(STAGE_WORDS[Stage(stage)]) if stage else ""


def paper_words(kind: str) -> str:
    """A kind of paper as the screen says it."""
    return str(PAPER_WORDS[CredentialKind(kind)])
