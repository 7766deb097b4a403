"""The one tree of topics."""

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Varchar
from piccolo.table import Table


class Topic(Table):
    """What people ask about and learn (分野); a retired one keeps its history."""

    id: Serial
    code = Varchar(length=40, unique=True)
    name = Varchar(length=80)
    parent: "ForeignKey[Topic]" = ForeignKey("self", null=True, on_delete=OnDelete.restrict)
    position = Integer(default=0)
    retired_on = Date(null=True, default=None)
