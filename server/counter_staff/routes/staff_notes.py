"""What the pages of counter staff and their trainings say after a change, and how they ask."""

from collections.abc import Iterable
from typing import Any

from litestar import Request, Response

from server.audit import entries
from server.roles import Actor, Role
from server.web.pages import see_other
from server.web.words import lazy as _

AnyRequest = Request[Any, Any, Any]
Row = dict[str, Any]

COORDINATORS = {Role.coordinator}
NOBODYS = 0  # a section that no row has
NOTES = {
    "saved": _("Saved."),
    "merged_changes": _("Saved. What somebody else changed in the meantime has been kept."),
    "added": _("Added to the counter staff."),
    "entered": _("Entered."),
    "moved": _("Moved to the other section."),
    "ended": _("The last day is entered."),
    "taken_back": _("Taken back. It no longer counts."),
    "linked": _("The account is linked."),
    "unlinked": _("The account is no longer linked with this member."),
    "created": _("The training is entered."),
    "retired": _("The training is no longer offered."),
    "brought_back": _("The training is offered again."),
    "completed": _("Entered. Thank you for taking this training."),
    "excluded": _("Left out of the rate."),
    "included": _("Counts in the rate again."),
    "uploaded": _("The video is there. Please play it once from beginning to end."),
    "removed": _("The video has been taken out."),
}


def done(path: str, note: str) -> Response[str]:
    """Go on to a page that says what has been done."""
    return see_other(f"{path}{'&' if '?' in path else '?'}done={note}")


def own_section(by: Actor) -> int | None:
    """The section whose people she sees; None: every section's (P1)."""
    return None if by.sees_all_sections else by.section_id or NOBODYS


async def note_reading(request: AnyRequest, member_ids: Iterable[int]) -> None:
    """Write down who is about to see which members' data (P2)."""
    await entries.record_reading(
        request.url.path, "staff_member", sorted(set(member_ids)), by=request.user
    )
