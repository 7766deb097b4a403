"""Notes after a change of who helps."""

from server.web.words import lazy as _

NOTES = {
    "assigned": _("Noted. The supporter sees it among her activities."),
    "assigned_call": _(
        "Noted. The supporter does not use the own page yet, and so stands on the call list."
    ),
    "lecturer": _("Noted. Lecturers from outside see nothing here: please phone yourself."),
    "taken_off": _("Taken off. The supporter is told by the call list."),
    "taken_off_known": _("Taken off."),
    "needed": _("The numbers are saved."),
    "teaches": _("Saved what the sessions teach."),
}
