"""The audit log: ids, not names (P2)."""

from piccolo.columns import JSON, Integer, Serial, Timestamptz, Varchar
from piccolo.table import Table


class AuditEntry(Table):
    """Who did what to which row, or saw which rows. Written once, never changed.

    `actor` is an account id, none for a resident or a command; `subject` a table's name.
    """

    id: Serial
    recorded_at = Timestamptz(index=True)
    actor = Integer(null=True, default=None)
    action = Varchar(length=60)
    subject = Varchar(length=40)
    subject_id = Integer(null=True, default=None)
    facts = JSON(default="{}")  # from and to, or the filter and ids of what was seen
