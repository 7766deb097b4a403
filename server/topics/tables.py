"""The one tree of topics, and the online procedures that people ask about."""

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Varchar
from piccolo.table import Table

from server.places.tables import Section


class Topic(Table):
    """What people ask about and learn (分野).

    A retired one, or one that was merged into another, keeps its history: figures count it with
    the one that it was merged into.
    """

    id: Serial
    code = Varchar(length=40, unique=True)
    name = Varchar(length=80)
    parent: "ForeignKey[Topic]" = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    position = Integer(default=0)
    retired_on = Date(null=True, default=None)  # the first day on which it is not offered
    merged_into: "ForeignKey[Topic]" = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.restrict
    )
    version = Integer(default=1)


class Procedure(Table):
    """An online procedure of the city (手続), with the section that answers for it."""

    id: Serial
    code = Varchar(length=40, unique=True)
    name = Varchar(length=120)
    reading = Varchar(length=200)
    topic = ForeignKey(Topic, null=True, on_delete=OnDelete.restrict)
    section = ForeignKey(Section, null=True, on_delete=OnDelete.restrict)
    address = Varchar(length=500)  # where it is done: an https address
    online_since = Date(null=True, default=None)
    position = Integer(default=0)
    retired_on = Date(null=True, default=None)
    merged_into: "ForeignKey[Procedure]" = ForeignKey(
        "self", null=True, default=None, on_delete=OnDelete.restrict
    )
    version = Integer(default=1)
