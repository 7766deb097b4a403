"""What the plan's pages say once something has been done."""

from server.web.words import lazy as _

NOTES = {
    "loaded": _("The plan is loaded."),
    "removed": _("The plan is taken off the pages."),
    "same": _("The plan was loaded already; nothing has changed."),
    "target": _("The target is saved."),
    "entered": _("The entry is saved."),
    "voided": _("The entry is taken back."),
}
